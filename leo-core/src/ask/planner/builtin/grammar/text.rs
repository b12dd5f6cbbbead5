//! Text: quoted words, names, "contains", "starts with".

use super::asks::number_value;
use super::{Mode, Reader};
use crate::ask::planner::builtin::lexicon::Op;
use crate::ask::planner::builtin::linking::{NodeKind, Target};
use crate::ask::planner::builtin::reading::{Ask, ConditionKind};
use crate::ask::planner::builtin::schema::ColumnId;
use crate::query::{Operator, TextMatch};

impl Reader<'_> {
    /// The words of a node as written, without quotation marks.
    pub(super) fn written(&self, at: usize) -> String {
        let node = &self.nodes[at];
        let mut text = String::new();
        for token in &self.tokens[node.first..node.last] {
            if !text.is_empty() && !matches!(token.lower.as_str(), "," | "." | "'s") {
                text.push(' ');
            }
            text.push_str(&token.text);
        }
        text
    }

    pub(super) fn text_match(&mut self, kind: TextMatch) {
        // "including", "like" are also plain words: text must follow soon.
        let next = self.past_glue(self.at + 1);
        let text_follows = match self.nodes.get(next).map(|node| &node.kind) {
            Some(NodeKind::Literal(_) | NodeKind::Unknown) => true,
            Some(NodeKind::Mention(_)) => {
                self.tokens[self.nodes[next].first].is_quoted() || self.tokens[self.nodes[next].first].capital
            }
            _ => self.nodes.get(next).is_some_and(|node| node.last == node.first + 1 && self.tokens[node.first].text.len() == 1),
        };
        if !text_follows {
            self.enter_condition();
            self.have = true;
            return;
        }
        self.enter_condition();
        let column = self.column.take().filter(|column| self.holds_text(*column)).or_else(|| self.name_column());
        let Some(column) = column else { return };
        self.push(ConditionKind::Text(column, kind, self.written(next)));
        self.at = next + 1;
    }

    /// Quoted text, or words that look like a name.
    pub(super) fn literal(&mut self, text: String) {
        // "contain 'a' or 'b'": the same match again.
        let joined = matches!(self.op(self.at.wrapping_sub(1)), Some(Op::Or | Op::And | Op::Comma));
        if joined
            && self.text.is_none()
            && let Some(last) = self.reading.conditions.last().cloned()
            && let ConditionKind::Text(column, kind, _) = last.kind
            && kind != TextMatch::Equals
        {
            self.negated = last.negated;
            self.push(ConditionKind::Text(column, kind, text));
            return;
        }
        let kind = self.text.take();
        let waiting = self.column.filter(|column| {
            let description = self.index.column(*column);
            !description.is_temporal() && (!description.is_numeric() || text.parse::<f64>().is_ok())
        });
        let column = match waiting {
            Some(column) => Some(column),
            None => self.name_column(),
        };
        // "have 'a' in their name": a part of the text.
        let within = self.solid(self.at + 1);
        let holder = self.past_glue(within);
        if self.op(within) == Some(Op::Preposition)
            && self.tokens[self.nodes[within].first].lower == "in"
            && let Some(Target::Column(column)) = self.target(holder).cloned()
            && self.index.info(column).roles.text
            && (self.have || waiting.is_none())
        {
            self.enter_condition();
            self.push(ConditionKind::Text(column, kind.unwrap_or(TextMatch::Contains), text));
            self.at = holder + 1;
            return;
        }
        let Some(column) = column else {
            self.reading.unused.push(self.at);
            return;
        };
        if self.column == Some(column) {
            self.column = None;
        } else {
            self.reading.assumptions.push(format!(
                "“{text}” is looked for in {}.{}",
                self.index.table(column.table).name.name,
                self.index.column(column).name
            ));
            self.reading.doubts += u32::from(!self.named);
        }
        self.mode = Mode::Condition;
        match kind {
            Some(kind) => self.push(ConditionKind::Text(column, kind, text)),
            None => {
                let value = match text.parse::<f64>() {
                    Ok(number) if self.index.column(column).is_numeric() => number_value(number),
                    _ => text.into(),
                };
                self.push(ConditionKind::Compare(column, Operator::Equal, value));
            }
        }
    }

    /// The column that names the rows spoken of last.
    pub(super) fn name_column(&self) -> Option<ColumnId> {
        let asked = || {
            self.reading.asks.iter().find_map(|ask| match ask {
                Ask::Column(column) => Some(column.table),
                _ => None,
            })
        };
        let table = self.last_table.or(self.reading.entity).or_else(asked)?;
        let columns = &self.index.tables[table].display;
        columns.iter().map(|column| ColumnId { table, column: *column }).find(|column| self.holds_text(*column))
    }

    /// Whether a column can be compared with text.
    pub(super) fn holds_text(&self, column: ColumnId) -> bool {
        let description = self.index.column(column);
        !description.is_numeric() && !description.is_temporal()
    }
}
