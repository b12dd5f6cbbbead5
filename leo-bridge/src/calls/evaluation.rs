//! Suites of questions: asked and scored, compared, shown as a page.

use std::path::Path;

use leo::eval::{EvalOptions, Evaluation, Gates, HtmlReport, Suite, compare, report_html};
use leo::{Error, Leo, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{Call, Reply};
use crate::options::day;

/// Asks the questions of a suite as the user, and scores the answers.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Evaluate {
    /// The suite: text (YAML, JSON lines, a JSON list), a list of rows, an object with `questions`, or `{"path": …}` for a file.
    suite: Json,
    /// Id of the source that rows ask which name none; needed when there are several.
    source: Option<String>,
    /// The day relative windows count from, such as `2024-06-30`, instead of today.
    as_of: Option<String>,
    /// How many rows of the suite are asked, from the first on; all unless given.
    limit: Option<usize>,
    /// Conversations asked at the same time.
    #[serde(default = "two")]
    workers: usize,
    /// Whether each turn of a conversation is asked as if nothing had come before it.
    #[serde(default)]
    one_by_one: bool,
    /// What the run has to reach; what it misses is told as `missed`.
    gates: Option<Gates>,
    /// What `evaluate` gave earlier, to compare with: the difference is told as `comparison`.
    baseline: Option<Json>,
}

fn two() -> usize {
    EvalOptions::default().workers
}

impl Call for Evaluate {
    const NAME: &'static str = "evaluate";
    const RETURNS: &'static str = "Evaluation";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        let baseline = self.baseline.map(|baseline| evaluation("baseline", Self::NAME, baseline)).transpose()?;
        let bounds_a_fall = self.gates.is_some_and(|gates| gates.allowed_drop.is_some() || gates.significant);
        if bounds_a_fall && baseline.is_none() {
            return Err(Error::config("`gates` of `evaluate` bounds a fall; give the earlier run as `baseline`"));
        }
        let mut suite = suite(Self::NAME, self.suite).await?;
        suite.items.truncate(self.limit.unwrap_or(usize::MAX));
        if let Some(source) = &self.source {
            suite = suite.with_source(source);
        }
        let as_of = self.as_of.as_deref().map(day).transpose()?;
        let options = EvalOptions { workers: self.workers, as_of, one_by_one: self.one_by_one, ..EvalOptions::default() };
        let mut run = leo.evaluate(&suite, &options).await?;
        if let Some(baseline) = &baseline {
            run = run.against(baseline);
        }
        if let Some(gates) = &self.gates {
            run = run.checked(gates);
        }
        Reply::json(&run)
    }
}

/// What changed between two runs.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CompareEvaluations {
    /// What `evaluate` gave earlier.
    before: Json,
    /// What it gave later.
    after: Json,
}

impl Call for CompareEvaluations {
    const NAME: &'static str = "compare_evaluations";
    const RETURNS: &'static str = "RunComparison";

    async fn run(self, _: &Leo) -> Result<Reply> {
        let before = evaluation("before", Self::NAME, self.before)?;
        let after = evaluation("after", Self::NAME, self.after)?;
        Reply::json(&compare(&before.questions, &after.questions))
    }
}

/// A run as one page of HTML.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EvaluationHtml {
    /// What `evaluate` gave.
    evaluation: Json,
    /// The heading.
    title: Option<String>,
    /// The suite, for its references, which results have not.
    suite: Option<Json>,
}

impl Call for EvaluationHtml {
    const NAME: &'static str = "evaluation_html";
    const RETURNS: &'static str = "string";

    async fn run(self, _: &Leo) -> Result<Reply> {
        let run = evaluation("evaluation", Self::NAME, self.evaluation)?;
        let suite = match self.suite {
            Some(given) => Some(suite(Self::NAME, given).await?),
            None => None,
        };
        let title = self.title.unwrap_or_default();
        Reply::json(&report_html(&run, &HtmlReport { title: &title, suite: suite.as_ref() }))
    }
}

/// A run that was handed out and comes back.
fn evaluation(name: &str, call: &str, given: Json) -> Result<Evaluation> {
    // The reader's own words may quote what it stumbled over.
    serde_json::from_value(given)
        .map_err(|_| Error::config(format!("`{name}` of `{call}` is no evaluation; give what `evaluate` gave")))
}

/// A suite as a host has it.
async fn suite(call: &str, given: Json) -> Result<Suite> {
    if let Json::String(text) = &given {
        return Suite::parse_text(text);
    }
    let Some(path) = given.as_object().filter(|fields| fields.len() == 1).and_then(|fields| fields.get("path")) else {
        return Suite::from_json(given);
    };
    let Some(path) = path.as_str().map(str::to_owned) else {
        return Err(Error::config(format!("`suite.path` of `{call}` is text: the name of a file")));
    };
    let read = tokio::task::spawn_blocking(move || Suite::read_for_handle(Path::new(&path))).await;
    read.unwrap_or_else(|_| Err(Error::internal("reading the suite ended in a panic")))
}
