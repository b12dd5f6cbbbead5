//! A sentence out of what a model wrote: its words checked, its references filled in, its claims found.

use super::facts::{Facts, Said};
use super::reference::{Moved, Piece, Reference, read};
use super::rows::Rows;
use super::words::{Vocabulary, is_figure};
use crate::ask::narrate::{AggregateOp, Claim, Format, Line, Rows as Which, Sentence, Source};
use crate::chart::{Unit, number};
use crate::untrusted::comment;

/// Pieces of a sentence at most.
const PIECES: usize = 40;
/// Signs that may stand among words.
const SIGNS: &str = ",;:()'’-–—";
/// What a figure counts as, where it is asked what came last.
const FIGURE: char = '0';

/// Why a sentence is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Why {
    /// It has words, signs or figures that it may not have.
    Words,
    /// It refers to what is not there, has no value, or may not be computed.
    Reference,
    /// It claims what the rows do not say, or what cannot be checked.
    Claim,
    /// It tells nothing of the rows.
    Nothing,
}

impl Why {
    /// For the decisions of an answer.
    pub(super) fn told(self) -> &'static str {
        match self {
            Self::Words => "words or figures that are bound to nothing",
            Self::Reference => "a reference to what is not there",
            Self::Claim => "a claim that the rows do not bear out",
            Self::Nothing => "nothing that the rows say",
        }
    }
}

/// What the marks of a prompt stand for.
pub(super) trait Marks {
    /// The value of the question behind `⟨v1⟩`.
    fn literal(&self, number: usize) -> Option<&str>;
    /// The cell behind `[name:1]`: row and column.
    fn token(&self, token: &str) -> Option<(usize, usize)>;
}

/// Writes a sentence.
///
/// # Behavior
/// Words come from the vocabulary alone, whatever language they are in; letters, blanks and the signs `,;:()'-–—` are all that stands between references.
/// Every figure is bound to the rows and stands apart from what is around it, and there is at least one; what the words claim beside is checked as [`Facts`] says. Nothing is mended: what
/// is wrong in one place is left out as a whole.
pub(super) fn write(pieces: &[Piece], rows: &Rows<'_>, words: &Vocabulary, marks: &dyn Marks) -> Result<Sentence, Why> {
    if pieces.len() > PIECES {
        return Err(Why::Words);
    }
    let mut writer =
        Writer { rows, line: Line::new(rows.table), facts: Facts::default(), said: Vec::new(), counts: false, last: None };
    for (at, piece) in pieces.iter().enumerate() {
        writer = match piece {
            Piece::Words(text) => writer.words(text, words, at == 0, at + 1 == pieces.len())?,
            Piece::Reference(inner) => {
                let reference = read(inner, rows).ok_or(Why::Reference)?;
                writer.reference(reference, at == 0)?
            }
            Piece::Mark(number) => {
                // One without a letter would be read as a figure.
                let value = marks.literal(*number).filter(|value| value.contains(char::is_alphabetic)).ok_or(Why::Reference)?;
                writer.given(value)?
            }
            Piece::Token(token) => {
                let (row, column) = marks.token(token).ok_or(Why::Reference)?;
                writer.reference(Reference::Cell { row, column }, at == 0)?
            }
            Piece::Broken => return Err(Why::Words),
        };
    }
    writer.end()
}

struct Writer<'a> {
    rows: &'a Rows<'a>,
    line: Line<'a>,
    facts: Facts,
    said: Vec<Said>,
    /// Whether the number of rows came last, so that what follows has to be what they are.
    counts: bool,
    /// The character that came last.
    last: Option<char>,
}

impl Writer<'_> {
    fn words(mut self, text: &str, vocabulary: &Vocabulary, is_first: bool, is_last: bool) -> Result<Self, Why> {
        // Emphasis and quotation say nothing.
        let text = text.replace(['*', '`', '"', '“', '”'], "");
        let text =
            if is_first { text.trim_start_matches(|c: char| c.is_whitespace() || "-–•".contains(c)) } else { text.as_str() };
        let clean = comment(text.trim());
        let clean = clean.as_str();
        if !clean.chars().all(|c| c.is_alphabetic() || c == ' ' || SIGNS.contains(c)) {
            return Err(Why::Words);
        }
        for word in clean.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
            let word = word.to_lowercase();
            let class = vocabulary.class(&word).ok_or(Why::Words)?;
            let before = self.said.last().map_or("", |(word, _)| word.as_str());
            if is_figure(before, &word) {
                return Err(Why::Words);
            }
            if std::mem::take(&mut self.counts) && !vocabulary.is_row(&word) {
                return Err(Why::Claim);
            }
            self.said.push((word, class));
        }
        let is_edge = |c: &char| !c.is_alphanumeric() && !SIGNS.contains(*c);
        let before = !is_first && text.chars().take_while(is_edge).any(char::is_whitespace);
        let after = !is_last && text.chars().rev().take_while(is_edge).any(char::is_whitespace);
        let clean = if is_first { capitalised(clean) } else { clean.to_owned() };
        // A letter or another figure at a figure makes one of both.
        let is_apart = before || is_first || clean.starts_with(|c| ",;:)'’".contains(c)) || clean.is_empty() && is_last;
        if !is_apart {
            return Err(Why::Words);
        }
        let blank = |is_there: bool| if is_there { " " } else { "" };
        let is_blank = clean.is_empty() && before;
        let whole = format!("{}{clean}{}", blank(before), blank(after && !is_blank && !(is_first && clean.is_empty())));
        self.last = whole.chars().next_back().or(self.last);
        self.line = self.line.say(&whole);
        Ok(self)
    }

    /// Whether a figure can stand here: a sign before it would be read as its own.
    fn stands_apart(&self) -> bool {
        self.last.is_none_or(|last| last == ' ' || last == '(')
    }

    fn given(mut self, text: &str) -> Result<Self, Why> {
        if !self.stands_apart() {
            return Err(Why::Words);
        }
        self.last = Some(FIGURE);
        self.line = self.line.given(text);
        Ok(self)
    }

    fn reference(mut self, reference: Reference, is_first: bool) -> Result<Self, Why> {
        if self.counts {
            return Err(Why::Claim);
        }
        if !self.stands_apart() {
            return Err(Why::Words);
        }
        self.last = Some(FIGURE);
        let rows = self.rows;
        let allowed = |is_so: bool| if is_so { Ok(()) } else { Err(Why::Reference) };
        let plain = Format::Number(Unit::Plain);
        let (source, format) = match reference {
            Reference::Name { column } => {
                let label = rows.label(column).ok_or(Why::Reference)?;
                self.line = if is_first { self.line.given_first(label) } else { self.line.given(label) };
                return Ok(self);
            }
            Reference::Window | Reference::Compared => {
                let input = rows.input;
                let window = if reference == Reference::Window { &input.window } else { &input.compared_with };
                self.line = self.line.given(window.as_deref().ok_or(Why::Reference)?);
                return Ok(self);
            }
            Reference::Cell { row, column } => {
                let format = rows.format(column).ok_or(Why::Reference)?;
                self.facts.quote(row, column, rows);
                (Source::cell(row, column), format)
            }
            Reference::AtExtreme { least, of, column } => {
                let row = rows.extreme(of, least).ok_or(Why::Reference)?;
                let format = rows.format(column).ok_or(Why::Reference)?;
                self.facts.quote(row, column, rows);
                self.facts.extremes.push((least, of));
                self.line = self.line.claim(Claim::Extreme { row, column: of, least });
                (Source::cell(row, column), format)
            }
            Reference::Count => {
                self.counts = true;
                (Source::RowCount { beyond: 0 }, plain)
            }
            Reference::Aggregate { op, column } => {
                let measure = rows.measure(column).ok_or(Why::Reference)?;
                let is_extreme = matches!(op, AggregateOp::Min | AggregateOp::Max);
                let least = op == AggregateOp::Min;
                allowed(if is_extreme { rows.knows_extreme(column, least) } else { rows.adds_up(column) })?;
                // The value of a period that is not over is no extreme.
                let is_over = rows.unfinished().is_none() || rows.extreme(column, least).is_some();
                allowed(!is_extreme || is_over)?;
                self.facts.aggregates.push((op, column));
                if is_extreme {
                    self.facts.extremes.push((least, column));
                    self.facts.measured.extend(rows.extreme(column, least).map(|row| (row, column)));
                }
                (Source::Aggregate { op, column, rows: Which::All }, Format::Number(measure.unit.clone()))
            }
            Reference::Share { row, column } => {
                allowed(rows.adds_up(column) && rows.layout.shape.columns[column].min >= 0.0)?;
                self.facts.quote(row, column, rows);
                let (part, whole) = (Box::new(Source::cell(row, column)), Box::new(Source::sum(column)));
                (Source::Ratio { part, whole }, Format::Number(Unit::Fraction))
            }
            Reference::Moved { how, from, to, column } => {
                let unit = &rows.measure(column).ok_or(Why::Reference)?.unit;
                allowed(rows.goes_on(from, to))?;
                self.facts.moved.push((from, to, column));
                let (left, right) = (Source::cell(from, column), Source::cell(to, column));
                match how {
                    Moved::Direction => return self.direction(left, right),
                    Moved::Difference => {
                        (Source::Difference { from: Box::new(left), to: Box::new(right) }, Format::Signed(unit.clone()))
                    }
                    Moved::Change => {
                        // A percentage of a percentage is read wrongly.
                        allowed(!matches!(unit, Unit::Fraction | Unit::Percent))?;
                        (Source::Change { from: Box::new(left), to: Box::new(right) }, Format::Signed(Unit::Fraction))
                    }
                }
            }
        };
        source.evaluate(rows.table).and_then(|value| format.write(&value)).ok_or(Why::Reference)?;
        self.facts.bound += 1;
        self.line = self.line.figure(source, format);
        Ok(self)
    }

    /// `rose`, `fell` or `stayed the same`.
    fn direction(mut self, left: Source, right: Source) -> Result<Self, Why> {
        let value = |source: &Source| source.evaluate(self.rows.table).and_then(|value| number(&value)).ok_or(Why::Reference);
        let (word, sign) = match value(&right)?.total_cmp(&value(&left)?) {
            std::cmp::Ordering::Greater => ("rose", 1),
            std::cmp::Ordering::Less => ("fell", -1),
            std::cmp::Ordering::Equal => ("stayed the same", 0),
        };
        self.line = self.line.say(word).claim(Claim::Direction { left, right, sign });
        self.facts.bound += 1;
        Ok(self)
    }

    fn end(self) -> Result<Sentence, Why> {
        if self.facts.bound == 0 {
            return Err(Why::Nothing);
        }
        if self.counts {
            return Err(Why::Claim);
        }
        let claims = self.facts.claims(&self.said, self.rows).ok_or(Why::Claim)?;
        let line = claims.into_iter().fold(self.line, Line::claim);
        line.say(".").end().ok_or(Why::Claim)
    }
}

fn capitalised(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
