//! Rows read and made out on a thread of their own, while those before them are put where they belong.

use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::thread;

use super::load::next_filled;
use super::report::Faults;
use super::row::{Row, Tabular};
use crate::error::{Error, Result};

/// Rows handed over at a time.
const ROWS: usize = 256;
/// Bytes of text after which fewer are.
const BYTES: usize = 1 << 20;
/// Blocks that may wait.
const WAITING: usize = 4;
/// Bytes of a row's buffer that is kept for the next one.
const KEPT: usize = 64 << 10;

/// Rows that travel together. What was read into a block's rows before is room for the next ones.
#[derive(Default)]
struct Block {
    rows: Vec<Row>,
    len: usize,
}

/// What becomes of a row.
pub(super) enum Next {
    Keep,
    Skip,
    /// Neither it nor a later one is wanted.
    Stop,
}

/// Gives the rows of `table` that are not blank to `prepare`, on a thread of its own, and those that it keeps to `each`, in order;
/// the faults that were found.
///
/// # Errors
/// As [`Rows::next`](super::row::Rows::next), and what `each` fails with; `Unavailable` when no thread can be started.
pub(super) fn read(
    table: &dyn Tabular,
    prepare: impl FnMut(&mut Row, &mut Faults) -> Next + Send,
    mut each: impl FnMut(&Row) -> Result<()>,
) -> Result<Faults> {
    thread::scope(|scope| {
        let (full, blocks) = sync_channel(WAITING);
        let (back, empty) = channel();
        let reading = thread::Builder::new()
            .name("leo-files-read".into())
            .spawn_scoped(scope, move || fill(table, prepare, &full, &empty))
            .map_err(|error| Error::unavailable("no thread can be started for the file; try again").with_source(error))?;
        let taken = take(blocks, &back, &mut each);
        let read = reading.join().map_err(|_| Error::internal("reading the file ended without an answer"))?;
        taken?;
        read
    })
}

fn fill(
    table: &dyn Tabular,
    mut prepare: impl FnMut(&mut Row, &mut Faults) -> Next,
    full: &SyncSender<Block>,
    empty: &Receiver<Block>,
) -> Result<Faults> {
    let (mut rows, mut faults) = (table.rows()?, Faults::default());
    loop {
        let mut block = match empty.try_recv() {
            Ok(block) => block,
            Err(TryRecvError::Empty) => Block::default(),
            Err(TryRecvError::Disconnected) => return Ok(faults),
        };
        let (mut bytes, mut more) = (0, true);
        block.len = 0;
        while block.len < ROWS && bytes < BYTES {
            if block.rows.len() == block.len {
                block.rows.push(Row::default());
            }
            let Some(row) = block.rows.get_mut(block.len) else { break };
            row.text.shrink_to(KEPT);
            more = next_filled(&mut *rows, row, &mut faults)?;
            if !more {
                break;
            }
            match prepare(row, &mut faults) {
                Next::Keep => {
                    bytes += row.text.len();
                    block.len += 1;
                }
                Next::Skip => {}
                Next::Stop => {
                    more = false;
                    break;
                }
            }
        }
        // Nobody waits any more when a row could not be kept; why is told there.
        if full.send(block).is_err() || !more {
            return Ok(faults);
        }
    }
}

fn take(blocks: Receiver<Block>, back: &Sender<Block>, each: &mut impl FnMut(&Row) -> Result<()>) -> Result<()> {
    for block in blocks {
        for row in block.rows.iter().take(block.len) {
            each(row)?;
        }
        // The reader may be through already.
        let _ = back.send(block);
    }
    Ok(())
}
