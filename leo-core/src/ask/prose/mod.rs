//! The narrative of an answer by a model: it writes references, and Leo what they stand for.
//!
//! ```text
//! rows ─► what of them may be told ─► request ─► sentences ─► words? references? claims? ─► those that hold, the answer first
//! ```
//!
//! A model writes `{{cell:1.revenue}}` ([`reference`]) among words of a closed list ([`words`]). A sentence is bound to the rows as one that is made by rules is
//! ([`narrate`](super::narrate)), and left out as a whole where anything in it does not hold ([`sentence`], [`facts`]). Where nothing is left, or the model does not
//! help, the narrative that was made by rules stands.

mod facts;
mod prompt;
mod reference;
mod rows;
mod sentence;
mod shown;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::Value as Json;

use super::answer::{AnswerStatus, NarrativeProvenance};
use super::by_model::{self, Told};
use super::draft::Draft;
use super::narrate::{Line, Narrative, Sentence, Source};
use super::pipeline::Call;
use super::planner::model::Literals;
use super::planner::{Link, SchemaIndex, linked};
use crate::adapter::{Access, ModelRequest, ModelResponse, ModelStop};
use crate::error::Result;
use crate::untrusted::identifier;
use prompt::Asked;
use rows::Rows;
use sentence::{Marks, Why};
use shown::{Tokens, seen, shown};
use words::Vocabulary;

/// Characters of an answer that are read.
const LONGEST: usize = 8_000;
/// Milliseconds that are left to the call when the model has had its time.
const RESERVE_MS: u64 = 250;
/// Milliseconds below which nobody is asked.
const LEAST_MS: u64 = 500;

/// Has the narrative of an answer written by a model, where the settings want that and there is something to tell.
///
/// # Behavior
/// One request, recorded and counted as any. Nothing is asked about a result without rows, or of which rows were cut off. Whatever goes wrong leaves the narrative as it is, with
/// a decision that says so.
///
/// # Errors
/// `Cancelled` of the call, and the audit sink's.
pub(super) async fn tell(
    call: &Call<'_>,
    draft: &mut Draft<'_>,
    (access, index): (&Access, &SchemaIndex),
    question: &str,
) -> Result<()> {
    let Some(chain) = call.model.filter(|_| call.settings.model.narrative) else { return Ok(()) };
    let (Some(mut input), Some(table)) = (draft.told.take(), draft.answer.table.clone()) else { return Ok(()) };
    if draft.answer.status != AnswerStatus::Answered || table.num_rows() == 0 || input.truncated {
        return Ok(());
    }
    // Of a statement nobody says whether its rows are all that there are.
    input.limited |= draft.answer.provenance.query.is_none() && draft.answer.sql.as_deref().is_none_or(chooses);
    let Some(timeout_ms) = time_left(call) else {
        draft.answer.explain.decisions.push(no_help("there is no time left for it"));
        return Ok(());
    };
    let rows = Rows::new(&table, &input);
    let told = ToldRows::new(call, draft, (access, index), question, &rows)?;
    let Some(request) = told.request(call, &rows, timeout_ms) else {
        draft.answer.explain.decisions.push(no_help("what is to be told does not fit into a prompt"));
        return Ok(());
    };
    // Dropped before waiting: it is made again, and a future holds no more than it needs.
    drop(rows);
    let (key, response) = match by_model::ask(call, chain, &request, 0).await? {
        Ok((key, answered)) => (key, answered.response),
        Err(error) => {
            let why = format!("asking it failed ({}: {})", error.kind(), error.message());
            draft.answer.explain.decisions.push(no_help(&why));
            return Ok(());
        }
    };
    by_model::count(&mut draft.answer.usage, &response);
    let rows = Rows::new(&table, &input).named_by_model(draft.answer.provenance.planner == "model");
    let words = Vocabulary::new(&rows, &draft.answer.explain.tables, &told.links);
    match narrative(&response, &rows, &words, &told, &draft.answer.narrative) {
        Ok((narrative, decision)) => {
            call.cache.keep_reply(key, &response, call.settings.cache);
            draft.answer.narrative = narrative;
            draft.answer.explain.decisions.push(decision);
            draft.answer.provenance.narrative = Some(NarrativeProvenance {
                model: Some(identifier(&response.model).to_string()).filter(|name| !name.is_empty()),
                prompt_version: prompt::VERSION.to_owned(),
                prompt_hash: request.hash(),
            });
        }
        Err(why) => draft.answer.explain.decisions.push(no_help(&why)),
    }
    Ok(())
}

fn no_help(why: &str) -> String {
    format!("a model was asked for the narrative and did not help, so that it is made by rules: {why}")
}

/// Whether a statement may choose among rows or groups; rather yes than no.
fn chooses(sql: &str) -> bool {
    let words = sql.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_lowercase);
    words.into_iter().any(|word| {
        ["limit", "top", "fetch", "offset", "having", "qualify", "over", "rownum", "tablesample"].contains(&word.as_str())
    })
}

/// Milliseconds that the model may take, so that the answer still comes in time; nothing where there are too few.
fn time_left(call: &Call<'_>) -> Option<u64> {
    let own = call.settings.model.timeout_ms;
    let Some(deadline) = call.ctx.deadline else { return Some(own) };
    let left = deadline.saturating_duration_since(Instant::now()).as_millis();
    let left = u64::try_from(left).unwrap_or(u64::MAX).saturating_sub(RESERVE_MS);
    (left >= LEAST_MS).then(|| own.min(left))
}

/// What a model is told of an answer, beside the shape of its rows.
struct ToldRows {
    question: String,
    literals: Literals,
    links: Vec<Link>,
    shown: Vec<shown::ShownRow>,
    tokens: Tokens,
}

impl ToldRows {
    fn new(
        call: &Call<'_>,
        draft: &Draft<'_>,
        (access, index): (&Access, &SchemaIndex),
        question: &str,
        rows: &Rows<'_>,
    ) -> Result<Self> {
        let catalog = call.known.visible(access)?;
        let told = Told::of(call, &catalog);
        let links = linked(question, index, call.ctx.local_now().date(), &call.calendar());
        let mut literals = Literals::default();
        let question = literals.hide(question, &told.kept_back(&links));
        let explain = &draft.answer.explain;
        let seen = seen(
            (call.settings.privacy.disclosure, &|source| told.may_tell(&source.table, &source.column), &call.known.catalog),
            (&explain.lineage, &explain.tables),
            &*call.known.locked(access)?,
            rows.table.num_columns(),
        );
        let (shown, tokens) = shown(rows, &seen);
        Ok(Self { question, literals, links, shown, tokens })
    }

    fn request(&self, call: &Call<'_>, rows: &Rows<'_>, timeout_ms: u64) -> Option<ModelRequest> {
        prompt::request(&Asked {
            rows,
            shown: &self.shown,
            question: &self.question,
            literals: &self.literals,
            max_tokens: usize::try_from(call.settings.model.max_prompt_tokens).unwrap_or(usize::MAX),
            timeout_ms,
        })
    }
}

impl Marks for ToldRows {
    fn literal(&self, number: usize) -> Option<&str> {
        self.literals.value(number)
    }

    fn token(&self, token: &str) -> Option<(usize, usize)> {
        self.tokens.cell(token)
    }
}

/// The narrative out of a response, and what is said of how it came about; why there is none.
fn narrative(
    response: &ModelResponse,
    rows: &Rows<'_>,
    words: &Vocabulary,
    marks: &dyn Marks,
    by_rules: &Narrative,
) -> Result<(Narrative, String), String> {
    if response.stop == ModelStop::Refused {
        return Err("it declined".to_owned());
    }
    let text = text(&response.output).ok_or("its answer does not have the form that was asked for")?;
    let written: Vec<Result<Sentence, Why>> =
        reference::sentences(&text).iter().map(|pieces| sentence::write(pieces, rows, words, marks)).collect();
    let removed = removed(&written);
    let leads = written.first().is_some_and(Result::is_ok);
    let mut sentences: Vec<Sentence> = written.into_iter().filter_map(Result::ok).collect();
    let kept = sentences.len();
    if kept == 0 {
        return Err(if removed.is_empty() { "it wrote nothing".to_owned() } else { removed });
    }
    if leads {
        with_window(&mut sentences, rows);
    } else {
        // The answer comes first, whoever says it.
        sentences.splice(..0, by_rules.sentences.first().cloned());
    }
    let mut decision = format!("a model wrote the narrative: {kept} {}", if kept == 1 { "sentence" } else { "sentences" });
    for said in [(!leads).then_some("the first one is made by rules"), Some(removed.as_str())].into_iter().flatten() {
        if !said.is_empty() {
            decision = format!("{decision}; {said}");
        }
    }
    Ok((Narrative { sentences }, decision))
}

/// How many sentences were left out, and why.
fn removed(written: &[Result<Sentence, Why>]) -> String {
    let mut reasons = BTreeMap::<Why, usize>::new();
    written.iter().filter_map(|own| own.as_ref().err()).for_each(|why| *reasons.entry(*why).or_default() += 1);
    let many: usize = reasons.values().sum();
    if many == 0 {
        return String::new();
    }
    let told: Vec<String> = reasons.iter().map(|(why, many)| format!("{many} with {}", why.told())).collect();
    format!("{many} of its {} sentences left out ({})", written.len(), told.join(", "))
}

/// The period of the question behind the first sentence, where no sentence tells it.
fn with_window(sentences: &mut [Sentence], rows: &Rows<'_>) {
    let Some(window) = &rows.input.window else { return };
    let tells = |own: &Sentence| own.figures.iter().any(|figure| figure.source == Source::Given(window.clone()));
    if sentences.iter().any(tells) {
        return;
    }
    let Some(first) = sentences.first_mut() else { return };
    let with_zone = rows.input.zone.as_ref().map_or_else(|| window.clone(), |zone| format!("{window}, {zone}"));
    let Some(added) = Line::new(rows.table).say(" (").given(&with_zone).say(").").end() else { return };
    let Some(words) = first.text.strip_suffix('.').map(str::to_owned) else { return };
    let start = words.len();
    first.figures.extend(added.figures.into_iter().map(|figure| super::narrate::Figure {
        start: figure.start + start,
        end: figure.end + start,
        ..figure
    }));
    first.text = words + &added.text;
}

/// The text of an answer: sentences in JSON, as JSON in a text, or as they are.
fn text(output: &Json) -> Option<String> {
    let of = |value: &Json| -> Option<String> {
        let sentences = value.get("sentences")?.as_array()?;
        Some(sentences.iter().filter_map(Json::as_str).collect::<Vec<_>>().join("\n"))
    };
    let whole = match output {
        Json::String(text) => {
            serde_json::from_str::<Json>(text.trim()).ok().and_then(|value| of(&value)).or_else(|| Some(text.clone()))
        }
        Json::Object(called) if called.contains_key("arguments") => of(called.get("arguments")?),
        value => of(value),
    };
    whole.map(|text| text.chars().take(LONGEST).collect())
}
