//! The checks themselves. Each says what it wanted and what it got.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{BoxFuture, join_all};

use crate::adapter::{MAX_KEY_BYTES, MAX_VALUE_BYTES, PutOptions, Storage};
use crate::error::{Error, ErrorKind};

/// Names of all checks.
pub(super) const NAMES: &[&str] = &[
    "what_was_put_is_got",
    "binary_values",
    "keys_byte_by_byte",
    "limits",
    "expected_versions",
    "versions_grow",
    "delete",
    "expected_delete",
    "expiry",
    "prefixes",
    "pages",
    "listing_after_delete",
    "tenant_prefixes",
    "one_of_many_wins",
];

/// A check fails with what is wrong.
type Checked<T = ()> = Result<T, String>;

/// The part of a storage that one check has to itself.
pub(super) struct Room {
    storage: Arc<dyn Storage>,
    prefix: String,
}

/// Many who want the same.
const RIVALS: usize = 20;

impl Room {
    pub(super) fn new(storage: Arc<dyn Storage>) -> Self {
        Self { storage, prefix: format!("leo-contract/{}/", uuid::Uuid::now_v7().simple()) }
    }

    pub(super) fn check<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Checked> {
        match name {
            "what_was_put_is_got" => Box::pin(self.what_was_put_is_got()),
            "binary_values" => Box::pin(self.binary_values()),
            "keys_byte_by_byte" => Box::pin(self.keys_byte_by_byte()),
            "limits" => Box::pin(self.limits()),
            "expected_versions" => Box::pin(self.expected_versions()),
            "versions_grow" => Box::pin(self.versions_grow()),
            "delete" => Box::pin(self.delete()),
            "expected_delete" => Box::pin(self.expected_delete()),
            "expiry" => Box::pin(self.expiry()),
            "prefixes" => Box::pin(self.prefixes()),
            "pages" => Box::pin(self.pages()),
            "listing_after_delete" => Box::pin(self.listing_after_delete()),
            "tenant_prefixes" => Box::pin(self.tenant_prefixes()),
            "one_of_many_wins" => Box::pin(self.one_of_many_wins()),
            other => Box::pin(async move { Err(format!("there is no check `{other}`")) }),
        }
    }

    /// Deletes what the check left, as far as the storage lets itself be told.
    pub(super) async fn clear(&self) {
        let Ok(keys) = self.storage.list_page(&self.prefix, None, 10_000).await else { return };
        for key in keys.iter().filter(|key| key.starts_with(&self.prefix)) {
            let _ = self.storage.delete(key, None).await;
        }
    }

    async fn what_was_put_is_got(&self) -> Checked {
        want(self.got("a").await?.is_none(), "a key that was never put has a value")?;
        self.put("a", b"one").await?;
        self.holds("a", b"one").await?;
        self.put("a", b"two").await?;
        self.holds("a", b"two").await?;
        want(self.got("b").await?.is_none(), "a value is found under another key than its own")
    }

    async fn binary_values(&self) -> Checked {
        let all: Vec<u8> = (0..=255).collect();
        for (name, value) in
            [("empty", &b""[..]), ("all", &all), ("zeros", &[0; 64]), ("broken", b"\xff\xfe\xc3("), ("lines", b"\r\n\n\r ")]
        {
            self.put(name, value).await?;
            self.holds(name, value).await?;
        }
        Ok(())
    }

    async fn keys_byte_by_byte(&self) -> Checked {
        // Each of them is another key, whatever collation, file system or pattern is underneath.
        let all: String = ('!'..='~').collect();
        let names =
            ["key", "Key", "KEY", "k_y", "k%y", "k*y", "key/", "key.", "key%00", "key%2f", "..", "../key", "~", all.as_str()];
        for name in names {
            self.put(name, name.as_bytes()).await?;
        }
        for name in names {
            self.holds(name, name.as_bytes()).await?;
        }
        let listed: BTreeSet<String> = self.list("", None, 100).await?.into_iter().collect();
        let wanted: BTreeSet<String> = names.iter().map(|name| (*name).to_owned()).collect();
        want(
            listed == wanted,
            format!("of {} keys that differ, {} were listed", wanted.len(), listed.intersection(&wanted).count()),
        )
    }

    async fn limits(&self) -> Checked {
        let longest = "k".repeat(MAX_KEY_BYTES - self.prefix.len());
        self.put(&longest, b"long key").await?;
        self.holds(&longest, b"long key").await?;
        // The last byte alone differs: a key that is cut finds the other one's value.
        let sibling = format!("{}j", &longest[1..]);
        want(self.got(&sibling).await?.is_none(), "two keys of 512 bytes that differ in their last byte are taken for one")?;
        let large: Vec<u8> = (0..MAX_VALUE_BYTES).map(|at| (at % 251) as u8).collect();
        self.put("large", &large).await?;
        self.holds("large", &large).await?;
        // Beyond the limit a storage may refuse, or take it whole; never in part.
        let larger = [large.as_slice(), b"!"].concat();
        match self.storage.put(&self.key("larger"), larger.clone(), PutOptions::new()).await {
            Ok(_) => self.holds("larger", &larger).await,
            Err(error) if error.kind() == ErrorKind::LimitExceeded => {
                want(self.got("larger").await?.is_none(), "a value that was refused is there")
            }
            Err(error) => Err(format!("a value beyond the limit fails with `{}`, not `limit_exceeded`", error.kind())),
        }
    }

    async fn expected_versions(&self) -> Checked {
        let missing = self.storage.put(&self.key("a"), b"x".to_vec(), PutOptions::new().expecting(7)).await;
        conflict(missing.map(drop), "a put that expects version 7 of a key that is not there")?;
        want(self.got("a").await?.is_none(), "a put that failed left a value")?;
        let first = self.expect("a", b"one", 0).await?;
        let again = self.storage.put(&self.key("a"), b"x".to_vec(), PutOptions::new().expecting(0)).await;
        conflict(again.map(drop), "a put that expects no key where there is one")?;
        let second = self.expect("a", b"two", first).await?;
        let late = self.storage.put(&self.key("a"), b"x".to_vec(), PutOptions::new().expecting(first)).await;
        conflict(late.map(drop), "a put that expects an older version")?;
        self.holds("a", b"two").await?;
        let read = self.storage.get(&self.key("a")).await.map_err(|error| told("get", &error))?;
        want(read.is_some_and(|read| read.version == second), "get gives another version than put did")
    }

    async fn versions_grow(&self) -> Checked {
        let mut last = 0;
        for round in 0..3 {
            for value in [b"one", b"two"] {
                let version = self.put("a", value).await?;
                want(version > last, format!("version {version} follows {last}, in round {round} of put, put, delete"))?;
                last = version;
            }
            self.storage.delete(&self.key("a"), None).await.map_err(|error| told("delete", &error))?;
        }
        Ok(())
    }

    async fn delete(&self) -> Checked {
        self.put("a", b"one").await?;
        self.put("ab", b"two").await?;
        self.remove("a").await?;
        want(self.got("a").await?.is_none(), "a deleted key has a value")?;
        self.holds("ab", b"two").await?;
        self.remove("a").await?;
        self.expect("a", b"three", 0).await?;
        self.holds("a", b"three").await
    }

    async fn expected_delete(&self) -> Checked {
        let first = self.put("a", b"one").await?;
        let second = self.put("a", b"two").await?;
        let late = self.storage.delete(&self.key("a"), Some(first)).await;
        conflict(late, "a delete that expects an older version")?;
        self.holds("a", b"two").await?;
        self.storage.delete(&self.key("a"), Some(second)).await.map_err(|error| told("delete of the right version", &error))?;
        want(self.got("a").await?.is_none(), "a deleted key has a value")?;
        let gone = self.storage.delete(&self.key("a"), Some(second)).await;
        conflict(gone, "a delete that expects a version of a key that is not there")
    }

    async fn expiry(&self) -> Checked {
        let short = PutOptions::new().for_time(Duration::from_secs(1));
        let long = PutOptions::new().for_time(Duration::from_secs(3600));
        let (began, mut before) = (std::time::Instant::now(), 0);
        for name in ["short", "renewed", "kept"] {
            before = self.put_with(name, b"x", short).await?.max(before);
        }
        self.put_with("long", b"x", long).await?;
        // A later put says anew how long a value is kept.
        self.put_with("renewed", b"y", long).await?;
        self.put("kept", b"y").await?;
        let held = self.holds("short", b"x").await;
        // On a busy machine its second may be over already.
        if began.elapsed() < Duration::from_millis(900) {
            held?;
        }
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        want(self.got("short").await?.is_none(), "a value that was to be kept for 1 s is there after 2.5 s")?;
        for (name, value) in [("long", b"x"), ("renewed", b"y"), ("kept", b"y")] {
            self.holds(name, value).await?;
        }
        want(!self.list("", None, 10).await?.contains(&"short".to_owned()), "a key that has expired is listed")?;
        let version = self.expect("short", b"z", 0).await?;
        want(version > before, format!("version {version} of a key that had expired follows {before}"))
    }

    async fn prefixes(&self) -> Checked {
        // `~` is the last character a key may have: what begins with it ends where the next byte would be.
        let mut names = vec!["a", "a!", "a%", "a_", "a_1", "a~", "a~!", "a~~", "ab", "A", "b", "a/", "a/x", "~", "~~", "!"];
        for name in &names {
            self.put(name, b"x").await?;
        }
        names.sort_unstable();
        for prefix in ["", "a", "a!", "a%", "a_", "a~", "a~~", "A", "~", "~~", "a/", "c", "a/x", "a/xy"] {
            let wanted: Vec<&str> = names.iter().copied().filter(|name| name.starts_with(prefix)).collect();
            let listed = self.list(prefix, None, 100).await?;
            want(listed == wanted, format!("the keys that begin with `{prefix}` are {wanted:?}, listed were {listed:?}"))?;
        }
        Ok(())
    }

    async fn pages(&self) -> Checked {
        let mut names: Vec<String> = (0..25).map(|at| format!("p{at}")).collect();
        names.extend(["p", "p~", "P1", "q"].map(str::to_owned));
        for name in &names {
            self.put(name, b"x").await?;
        }
        names.retain(|name| name.starts_with('p'));
        names.sort_unstable();
        for limit in [1, 2, 7, 26, 27, 28] {
            let mut seen: Vec<String> = Vec::new();
            loop {
                let page = self.list("p", seen.last().map(String::as_str), limit).await?;
                want(page.len() <= limit, format!("a page of {limit} has {} keys", page.len()))?;
                if page.is_empty() {
                    break;
                }
                seen.extend(page);
                want(seen.len() <= names.len(), format!("pages of {limit} give more keys than there are"))?;
            }
            want(seen == names, format!("pages of {limit} do not give every key once, in the order of bytes: {seen:?}"))?;
        }
        // A page begins behind a key whether or not that is still there, or was ever one of these.
        let behind = self.list("p", Some("p10zzz"), 1).await?;
        want(behind == ["p11"], format!("behind `p10zzz` comes `p11`, not {behind:?}"))?;
        let first = self.list("p", Some("a"), 1).await?;
        want(first == ["p"], format!("behind a key before the prefix comes its first key, not {first:?}"))?;
        let none = self.list("p", Some("p~"), 10).await?;
        want(none.is_empty(), format!("behind the last key come {none:?}"))?;
        let nothing = self.list("p", None, 0).await?;
        want(nothing.is_empty(), "a page of no keys has some")
    }

    async fn listing_after_delete(&self) -> Checked {
        for name in ["a", "b", "c"] {
            self.put(name, b"x").await?;
        }
        self.remove("b").await?;
        let listed = self.list("", None, 10).await?;
        want(listed == ["a", "c"], format!("of a, b and c without b, {listed:?} are listed"))?;
        self.put("b", b"y").await?;
        let listed = self.list("", None, 10).await?;
        want(listed == ["a", "b", "c"], format!("after b was put again, {listed:?} are listed"))
    }

    async fn tenant_prefixes(&self) -> Checked {
        // As Leo makes them: what is no letter, digit, `-` or `_` is `%` and two digits.
        let tenants = ["acme", "acme2", "acme%2f", "acme%2fk%2fsettings", "Acme", "ac_e", "ac%25e", "%2e%2e"];
        for tenant in tenants {
            self.put(&format!("v1/{tenant}/k/settings"), tenant.as_bytes()).await?;
        }
        for tenant in tenants {
            let key = format!("v1/{tenant}/k/settings");
            self.holds(&key, tenant.as_bytes()).await?;
            let listed = self.list(&format!("v1/{tenant}/"), None, 100).await?;
            want(listed == [key.as_str()], format!("the keys of the tenant `{tenant}` are listed as {listed:?}"))?;
        }
        Ok(())
    }

    async fn one_of_many_wins(&self) -> Checked {
        let mut expected = 0;
        for round in 0..5 {
            let rivals = (0..RIVALS).map(|rival| {
                let (storage, key) = (Arc::clone(&self.storage), self.key("a"));
                let put = async move { storage.put(&key, vec![rival as u8], PutOptions::new().expecting(expected)).await };
                tokio::spawn(put)
            });
            let mut winners = Vec::new();
            for (rival, outcome) in join_all(rivals).await.into_iter().enumerate() {
                match outcome {
                    Ok(Ok(version)) => winners.push((rival, version)),
                    Ok(Err(error)) => conflict(Err(error), "a put that came second")?,
                    Err(error) => return Err(format!("a put did not end: {error}")),
                }
            }
            let [(winner, version)] = winners[..] else {
                return Err(format!("in round {round}, {} of {RIVALS} who expected version {expected} succeeded", winners.len()));
            };
            self.holds("a", &[winner as u8]).await?;
            expected = version;
        }
        Ok(())
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    async fn put(&self, name: &str, value: &[u8]) -> Checked<u64> {
        self.put_with(name, value, PutOptions::new()).await
    }

    async fn put_with(&self, name: &str, value: &[u8], options: PutOptions) -> Checked<u64> {
        let version = self.storage.put(&self.key(name), value.to_vec(), options).await.map_err(|error| told("put", &error))?;
        want(version > 0, "put gives version 0, which stands for no key").map(|()| version)
    }

    async fn expect(&self, name: &str, value: &[u8], version: u64) -> Checked<u64> {
        self.put_with(name, value, PutOptions::new().expecting(version)).await
    }

    async fn got(&self, name: &str) -> Checked<Option<Vec<u8>>> {
        let got = self.storage.get(&self.key(name)).await.map_err(|error| told("get", &error))?;
        Ok(got.map(|got| got.value))
    }

    async fn holds(&self, name: &str, value: &[u8]) -> Checked {
        match self.got(name).await? {
            Some(got) if got == value => Ok(()),
            Some(got) => Err(format!("a value of {} bytes came back as {} bytes, or changed", value.len(), got.len())),
            None => Err(format!("a value of {} bytes that was put is not there", value.len())),
        }
    }

    async fn remove(&self, name: &str) -> Checked {
        self.storage.delete(&self.key(name), None).await.map_err(|error| told("delete", &error))
    }

    /// Names of the keys of this check that begin with `prefix`.
    async fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Checked<Vec<String>> {
        let after = after.map(|after| self.key(after));
        let listed = self
            .storage
            .list_page(&self.key(prefix), after.as_deref(), limit)
            .await
            .map_err(|error| told("list_page", &error))?;
        listed
            .into_iter()
            .map(|key| {
                key.strip_prefix(&self.prefix)
                    .map(str::to_owned)
                    .ok_or_else(|| "a key is listed that does not begin with the prefix".to_owned())
            })
            .collect()
    }
}

fn want(met: bool, otherwise: impl Into<String>) -> Checked {
    if met { Ok(()) } else { Err(otherwise.into()) }
}

fn conflict(outcome: crate::error::Result<()>, what: &str) -> Checked {
    match outcome {
        Err(error) if error.kind() == ErrorKind::Conflict => Ok(()),
        Err(error) => Err(format!("{what} fails with `{}`, not `conflict`", error.kind())),
        Ok(()) => Err(format!("{what} succeeds")),
    }
}

fn told(what: &str, error: &Error) -> String {
    format!("{what} failed: {error}")
}
