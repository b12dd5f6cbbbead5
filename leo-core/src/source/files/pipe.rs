//! Rows read on one thread and made out on another, while those before them are put where they belong.

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

/// Gives the rows of `table` that are not blank to `prepare`, and those that it keeps to `each`, in order; the faults that were found.
/// Reading, preparing and keeping go on side by side, each on a thread of its own.
///
/// # Errors
/// As [`Rows::next`](super::row::Rows::next), and what `each` fails with; `Unavailable` when no thread can be started.
pub(super) fn read(
    table: &dyn Tabular,
    prepare: impl FnMut(&mut Row, &mut Faults) -> Next + Send,
    mut each: impl FnMut(&Row) -> Result<()>,
) -> Result<Faults> {
    let no_thread = |error| Error::unavailable("no thread can be started for the file; try again").with_source(error);
    let vanished = |_| Error::internal("reading the file ended without an answer");
    thread::scope(|scope| {
        let (to_prepare, read) = sync_channel(WAITING);
        let (to_keep, prepared) = sync_channel(WAITING);
        let (back, empty) = channel();
        let start = |name: &str| thread::Builder::new().name(name.into());
        let reading = start("leo-files-read").spawn_scoped(scope, move || fill(table, &to_prepare, &empty)).map_err(no_thread)?;
        let making = start("leo-files-make").spawn_scoped(scope, move || make(read, prepare, &to_keep)).map_err(no_thread)?;
        let kept = keep(prepared, &back, &mut each);
        let found = making.join().map_err(vanished)?;
        let mut faults = reading.join().map_err(vanished)??;
        kept?;
        faults.append(found);
        Ok(faults)
    })
}

fn fill(table: &dyn Tabular, full: &SyncSender<Block>, empty: &Receiver<Block>) -> Result<Faults> {
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
            bytes += row.text.len();
            block.len += 1;
        }
        // Nobody waits any more when a row was not wanted or could not be kept; that is told there.
        if full.send(block).is_err() || !more {
            return Ok(faults);
        }
    }
}

fn make(blocks: Receiver<Block>, mut prepare: impl FnMut(&mut Row, &mut Faults) -> Next, full: &SyncSender<Block>) -> Faults {
    let mut faults = Faults::default();
    for mut block in blocks {
        let (mut kept, mut stopped) = (0, false);
        for at in 0..block.len {
            let Some(row) = block.rows.get_mut(at) else { break };
            match prepare(row, &mut faults) {
                Next::Keep => {
                    block.rows.swap(kept, at);
                    kept += 1;
                }
                Next::Skip => {}
                Next::Stop => {
                    stopped = true;
                    break;
                }
            }
        }
        block.len = kept;
        if full.send(block).is_err() || stopped {
            break;
        }
    }
    faults
}

fn keep(blocks: Receiver<Block>, back: &Sender<Block>, each: &mut impl FnMut(&Row) -> Result<()>) -> Result<()> {
    for block in blocks {
        block.rows.iter().take(block.len).try_for_each(&mut *each)?;
        // The reader may be through already.
        let _ = back.send(block);
    }
    Ok(())
}
