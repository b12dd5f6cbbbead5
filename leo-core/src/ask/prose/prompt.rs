//! The request for a narrative: the question, the columns, and of the rows what may be told.

use super::rows::Rows;
use super::shown::ShownRow;
use super::words::{AVERAGE, LEADS, LEAST, MOST, ORDER, PLAIN, RANGE};
use crate::adapter::{ModelPurpose, ModelRequest, ModelRole};
use crate::ask::narrate::MeasureColumns;
use crate::ask::planner::model::{Literals, Words, mark, tokens};
use crate::audit::mask_text;
use crate::chart::{ColumnKind, Unit, number};
use crate::untrusted::{Block, NOTE, Safe, identifier, text, value};

/// Version of the words below; another one when they change.
pub(super) const VERSION: &str = "1";
/// Tokens of an answer: some sentences.
const MAX_OUTPUT_TOKENS: u32 = 600;
/// Tokens of the marks around blocks.
const MARKS: usize = 60;

/// What the model is to do.
const INSTRUCTIONS: &str = "\
You write the text of an answer: two to four short sentences in plain English that tell what the rows of a result say, the answer to the question first. \
You write references, never values: each reference is replaced by what it stands for, written with its unit.

References:
- {{cell:3.revenue}}: the value of row 3, counted from 1, in the column revenue. Names and dates are values, too.
- {{count}}: the number of rows; what the rows are follows at once: {{count}} customers.
- {{sum:revenue}}, {{mean:revenue}}, {{median:revenue}}: over all rows, for columns that add up.
- {{min:revenue}}, {{max:revenue}}: the least and the greatest value.
- {{at_max:revenue.customer}}, {{at_min:revenue.customer}}: the customer of the row with the greatest or the least revenue.
- {{share:1.revenue}}: the part that row 1 has of the sum, for columns that add up.
- {{direction:1.3.revenue}}: rose, fell or stayed the same, from row 1 to the later row 3, where each row is a period. {{change:1.3.revenue}}: by how many percent, with \
its sign. {{difference:1.3.revenue}}: by how much.
- {{window}}, {{compared}}: the period of the question, and the one that it is compared with, where there are such.
- {{name:revenue}}: what the column is called.

Rules; a sentence that breaks one is left out:
- No digits, no numbers in words, no units or signs of money and percent, no quotation, no links, no lists, no markup.
- At least one reference to the rows in each sentence.
- Beside references only words of the list below, and words out of the names of the columns and the tables.
- A figure of a row stands by the name of that row, in the same order. Name no measure that the sentence does not refer to.
- A sum is called a total, a mean an average, a median the median, the greatest value the highest or largest, the least the lowest or smallest.
- Do not compare in your own words (more, less, rose, grew): use {{direction:…}} and {{change:…}}. No reasons, no forecasts, no judgement, no negation.

";

/// What a prompt is made from.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) rows: &'a Rows<'a>,
    /// Of the rows what may be told.
    pub(super) shown: &'a [ShownRow],
    /// The question, with marks for what the model does not get to see.
    pub(super) question: &'a str,
    pub(super) literals: &'a Literals,
    /// Tokens of everything together.
    pub(super) max_tokens: usize,
    /// Milliseconds for an answer.
    pub(super) timeout_ms: u64,
}

/// The request; nothing where it does not fit into the tokens. Rows give way, from the last on.
pub(super) fn request(asked: &Asked<'_>) -> Option<ModelRequest> {
    let instructions = vocabulary(Words::default().say(INSTRUCTIONS)).say(NOTE);
    let (before, after) = (columns(asked), question(asked));
    let taken = instructions.tokens() + before.tokens() + after.tokens() + MARKS;
    let room = asked.max_tokens.checked_sub(taken)?;
    let message = cells(before, asked, room).words(after);
    Some(ModelRequest {
        purpose: ModelPurpose::Narrate,
        instructions: instructions.into_text(),
        messages: vec![message.by(ModelRole::User)],
        schema: serde_json::json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["sentences"],
            "properties": {"sentences": {"type": "array", "items": {"type": "string"}}}
        }),
        tools: Vec::new(),
        max_output_tokens: MAX_OUTPUT_TOKENS,
        timeout_ms: asked.timeout_ms,
    })
}

/// The words that may be written.
fn vocabulary(words: Words) -> Words {
    words
        .say("The words: ")
        .say(PLAIN)
        .say("\nOnly where the sentence quotes the greatest value: ")
        .say(MOST)
        .say(" ")
        .say(LEADS)
        .say("\nOnly where it quotes the least: ")
        .say(LEAST)
        .say("\nOnly where it quotes the first rows in their order by a column: ")
        .say(ORDER)
        .say("\nOnly beside the mean or the median: ")
        .say(AVERAGE)
        .say("\nOnly where it quotes the least and the greatest value: ")
        .say(RANGE)
        .say("\n\n")
}

/// How a column is referred to: by its name, or by its number where the name cannot be written or says more than it may.
pub(super) fn handle(rows: &Rows<'_>, column: usize, literals: &Literals) -> Safe {
    let name = rows.table.column_name(column);
    // A column without a name of its own is called as it is computed, values included: these have other signs.
    let is_plain = name.chars().all(|c| c.is_alphanumeric() || " _()".contains(c)) && name.trim() == name;
    let tells_nothing = literals.hidden_again(name) == name && mask_text(name) == name;
    let safe = identifier(name);
    if is_plain && tells_nothing && !safe.is_empty() && !safe.is_changed() && rows.column(name) == Some(column) {
        return safe;
    }
    identifier(&format!("#{}", column + 1))
}

/// The columns: names, types, parts, and what may be computed of them.
fn columns(asked: &Asked<'_>) -> Words {
    let rows = asked.rows;
    let mut block = Block::new("columns");
    for (column, shape) in rows.layout.shape.columns.iter().enumerate() {
        if rows.format(column).is_none() {
            continue;
        }
        block = block.data(&handle(rows, column, asked.literals)).say(": ").say(kind(shape.kind));
        if rows.is_name(column) {
            block = block.say(if rows.layout.timeline() == Some(column) { ", the period of the row" } else { ", names the row" });
        }
        let measure = rows.measure(column);
        if let Some(measure) = measure {
            block = unit(block, measure);
            block = block.say(if rows.adds_up(column) { ", adds up" } else { ", does not add up" });
        }
        let others = rows.layout.measures.iter();
        for (own, of) in others.flat_map(|own| [(own.previous, own), (own.change, own), (own.change_pct, own)]) {
            if own == Some(column) {
                let what = if of.previous == own { ", the value before of " } else { ", the change of " };
                block = block.say(what).data(&handle(rows, of.column, asked.literals));
            }
        }
        let ends = rows.table.num_rows().checked_sub(1).map(|last| [0, last].map(|row| rows.table.value(row, column)));
        if let (true, Some([first, last])) = (shape.ordered, ends) {
            let falls = matches!((number(&first), number(&last)), (Some(first), Some(last)) if first > last);
            let is_time = matches!(shape.kind, ColumnKind::Time(_));
            if measure.is_some() || is_time {
                block =
                    block.say(if falls { ", the rows are in its order, greatest first" } else { ", the rows are in its order" });
            }
        }
        block = block.say(if shape.nulls > 0 { ", with gaps\n" } else { "\n" });
    }
    let mut words =
        Words::default().say("The result has ").data(&Safe::from(rows.table.num_rows() as u64)).say(" rows and these columns:\n");
    words = words.block(&block.finish());
    if rows.input.window.is_some() {
        words = words.say("There is a {{window}}.\n");
    }
    if rows.input.compared_with.is_some() {
        words = words.say("There is a {{compared}}.\n");
    }
    if rows.input.limited {
        words = words.say("The rows were chosen from more.\n");
    }
    if rows.input.incomplete {
        words = words.say("The last period is not over.\n");
    }
    words
}

fn kind(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Time(_) => "time",
        ColumnKind::Number => "number",
        ColumnKind::Boolean => "yes or no",
        ColumnKind::Text => "text",
        ColumnKind::Empty => "empty",
    }
}

fn unit(block: Block, measure: &MeasureColumns) -> Block {
    match &measure.unit {
        Unit::Plain => block,
        Unit::Fraction | Unit::Percent => block.say(", in percent"),
        Unit::Currency(code) => block.say(", money in ").data(&identifier(code)),
        Unit::Named(name) => block.say(", in ").data(&identifier(name)),
    }
}

/// The first rows that fit into `room` tokens.
fn cells(words: Words, asked: &Asked<'_>, room: usize) -> Words {
    let (mut block, mut left, mut told) = (Block::new("rows"), room, 0_usize);
    for (row, cells) in asked.shown.iter().enumerate() {
        let cells: Vec<(Safe, Safe)> =
            cells.iter().map(|(column, text)| (handle(asked.rows, *column, asked.literals), value(text))).collect();
        let taken: usize = cells.iter().map(|(name, cell)| tokens(name.as_str()) + tokens(cell.as_str()) + 3).sum::<usize>() + 6;
        let Some(rest) = left.checked_sub(taken) else { break };
        left = rest;
        told += 1;
        block = block.say("row ").data(&Safe::from(row as u64 + 1));
        for (name, cell) in &cells {
            block = block.say(" | ").data(name).say(": ").data(cell);
        }
        block = block.say("\n");
    }
    if told == 0 {
        return words.say("You see none of their values.\n");
    }
    let words = if told < asked.rows.table.num_rows() { words.say("The first of them:\n") } else { words.say("The rows:\n") };
    let words = words.block(&block.finish());
    words.say("What stands in square brackets, such as [name:1], is a value that is kept from you; refer to its cell.\n")
}

/// The question, and what its marks are.
fn question(asked: &Asked<'_>) -> Words {
    let mut words = Words::default();
    let mut marks = asked.literals.marks().peekable();
    if marks.peek().is_some() {
        words = words.say("Values of the question that are kept from you, to be written as they are:");
        for (number, _) in marks {
            words = words.say(" ").data(&identifier(&mark(number)));
        }
        words = words.say("\n");
    }
    words.say("The question:\n").data(&text(asked.question)).say("\n")
}
