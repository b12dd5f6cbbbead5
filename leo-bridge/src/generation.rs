//! What a process makes for itself, once, and again after a fork.

use std::sync::OnceLock;

/// A value of each process that used it: a child made by `fork` inherits its parent's memory, but neither its threads nor the right to
/// its connections, so that it makes a value of its own and lets the parent's lie.
#[derive(Debug)]
pub(crate) struct PerProcess<T> {
    first: OnceLock<Generation<T>>,
}

#[derive(Debug)]
struct Generation<T> {
    process: u32,
    value: T,
    /// What the child of this process made.
    next: OnceLock<Box<Generation<T>>>,
}

impl<T> PerProcess<T> {
    pub(crate) const fn new() -> Self {
        Self { first: OnceLock::new() }
    }

    /// One whose first value exists.
    pub(crate) fn with(value: T) -> Self {
        let made = Self::new();
        let _ = made.first.set(Generation::new(value));
        made
    }

    /// This process's value, made now if it has none.
    ///
    /// # Errors
    /// Those of `make`, which is tried again next time.
    pub(crate) fn get_or_make<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        let process = std::process::id();
        let Some(mut generation) = self.first.get() else {
            let made = Generation::new(make()?);
            return Ok(&self.first.get_or_init(|| made).value);
        };
        loop {
            if generation.process == process {
                return Ok(&generation.value);
            }
            match generation.next.get() {
                Some(next) => generation = next,
                None => {
                    let made = Box::new(Generation::new(make()?));
                    return Ok(&generation.next.get_or_init(|| made).value);
                }
            }
        }
    }
}

impl<T> Default for PerProcess<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        let mut next = self.first.take();
        while let Some(Generation { process, value, next: mut following }) = next {
            // Ending what the parent began would wait for threads that are not here, and say goodbye on the parent's connections.
            if process != std::process::id() {
                std::mem::forget(value);
            }
            next = following.take().map(|following| *following);
        }
    }
}

impl<T> Generation<T> {
    fn new(value: T) -> Self {
        Self { process: std::process::id(), value, next: OnceLock::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_makes_its_value_once() {
        let value = PerProcess::new();
        assert_eq!(value.get_or_make(|| Err("not now")), Err("not now"));
        assert_eq!(value.get_or_make(|| Ok::<_, ()>(1)), Ok(&1));
        assert_eq!(value.get_or_make(|| Ok::<_, ()>(2)), Ok(&1));
    }

    #[test]
    fn a_parents_value_is_left_alone() {
        let (own, parents) = (std::sync::Arc::new(()), std::sync::Arc::new(()));
        let value = PerProcess { first: OnceLock::new() };
        let _ = value.first.set(Generation { process: 0, value: std::sync::Arc::clone(&parents), next: OnceLock::new() });
        assert!(value.get_or_make(|| Ok::<_, ()>(std::sync::Arc::clone(&own))).is_ok());
        drop(value);
        assert_eq!((std::sync::Arc::strong_count(&own), std::sync::Arc::strong_count(&parents)), (1, 2));
    }

    #[test]
    fn another_process_makes_its_own() {
        // As it looks to a child: what is there was made by a process of another number.
        let value = PerProcess { first: OnceLock::new() };
        let _ = value.first.set(Generation { process: 0, value: 1, next: OnceLock::new() });
        assert_eq!(value.get_or_make(|| Ok::<_, ()>(2)), Ok(&2));
        assert_eq!(value.get_or_make(|| Ok::<_, ()>(3)), Ok(&2));
    }
}
