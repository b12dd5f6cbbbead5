//! Judging one answer: the texts are made comparable, both run through the same door, the results are compared.

use std::sync::LazyLock;

use async_trait::async_trait;
use regex::Regex;

use super::database::Database;
use super::matching::{Mismatch, mismatch, results_match, results_match_in_column_order};
use super::score::{Rows, ScoreOptions};
use super::soft::soft_score;
use super::suite::Turn;
use crate::error::{Error, ErrorKind, Result};
use crate::value::Value;

/// Runs statements for the scorer: reference statements and answers alike.
#[async_trait]
pub trait Runner: std::fmt::Debug + Send + Sync + 'static {
    /// All rows of the statement's result.
    ///
    /// # Errors
    /// `Rejected` or `NeedsApproval` when the guard refuses the statement; any other kind when it does not run.
    async fn run(&self, database: &Database, sql: &str) -> Result<Vec<Vec<Value>>>;

    /// Tables that the statement reads, as `table` or `schema.table`: those that have to be found for its question. Empty where that is not
    /// known, so that nothing is said of how they were found.
    async fn tables(&self, database: &Database, sql: &str) -> Vec<String> {
        let _ = (database, sql);
        Vec::new()
    }
}

/// Under which variants of the rule an answer is right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Matches {
    /// The rule: `DISTINCT` dropped, any order of columns.
    pub execution: bool,
    /// `DISTINCT` kept on both sides.
    pub distinct_kept: bool,
    /// `DISTINCT` kept, and columns in the reference's order.
    pub strict: bool,
}

impl Matches {
    fn any(self, other: Self) -> Self {
        Self {
            execution: self.execution || other.execution,
            distinct_kept: self.distinct_kept || other.distinct_kept,
            strict: self.strict || other.strict,
        }
    }
}

/// What came of comparing an answer with the reference statements.
#[derive(Debug, Clone, Default)]
pub struct Judgement {
    /// Under which variants it is right.
    pub matches: Matches,
    /// How much of it is right, 0–1: 1 for what is right by the rule, otherwise its [`soft_score`] with the reference it is most like.
    pub soft: f64,
    /// In what it differs from that reference; nothing when it is right, or could not be compared.
    pub mismatch: Option<Mismatch>,
    /// Reference statements that the guard refused.
    pub gold_refused: Vec<(String, Error)>,
    /// Reference statements that did not run for another reason.
    pub gold_failed: Vec<(String, Error)>,
    /// Why the answer's statement did not run again.
    pub answer_failed: Option<Error>,
}

impl Judgement {
    /// Compares by the rule, and notes how near it came where no reference was nearer.
    fn compare(&mut self, gold: &Rows, answer: &Rows, ordered: bool, options: ScoreOptions, matches: &mut Matches) {
        matches.execution = results_match(gold, answer, ordered, options);
        if matches.execution {
            (self.soft, self.mismatch) = (1.0, None);
            return;
        }
        if self.matches.execution {
            return;
        }
        let soft = soft_score(gold, answer, options);
        if self.mismatch.is_none() || soft > self.soft {
            (self.soft, self.mismatch) = (soft, Some(mismatch(gold, answer, ordered, options)));
        }
    }

    /// Whether not one reference statement gave a result.
    pub fn without_gold(&self, gold: usize) -> bool {
        gold > 0 && self.gold_refused.len() + self.gold_failed.len() >= gold
    }
}

/// Compares the statement `sql` with the reference statements `gold`, any of which is right.
pub async fn judge(
    runner: &dyn Runner,
    database: &Database,
    sql: Option<&str>,
    gold: &[String],
    options: ScoreOptions,
) -> Judgement {
    judge_turn(runner, database, sql, &Turn { gold: gold.to_vec(), ..Turn::default() }, options).await
}

/// Compares the statement `sql` with all that is right for the question: statements, and rows. In what is compared with rows,
/// `DISTINCT` stays.
pub(super) async fn judge_turn(
    runner: &dyn Runner,
    database: &Database,
    sql: Option<&str>,
    turn: &Turn,
    options: ScoreOptions,
) -> Judgement {
    let mut judgement = Judgement::default();
    let mut answers = sql.map(|sql| Results::new(runner, database, &comparable(sql)));
    if let (Some(gold), Some(answers)) = (&turn.rows, answers.as_mut()) {
        let mut matches = Matches::default();
        match answers.kept().await {
            Ok(rows) => {
                judgement.compare(&gold.rows, rows, gold.ordered, options, &mut matches);
                matches.distinct_kept = matches.execution;
                matches.strict = results_match_in_column_order(&gold.rows, rows, gold.ordered, options);
            }
            Err(error) => judgement.answer_failed = Some(error),
        }
        judgement.matches = matches;
    }
    for statement in &turn.gold {
        let text = comparable(statement);
        let mut reference = Results::new(runner, database, &text);
        let dropped = match reference.dropped().await {
            Ok(rows) => rows,
            // Needing an approval is a refusal here: there is nobody to ask.
            Err(error) if matches!(error.kind(), ErrorKind::Rejected | ErrorKind::NeedsApproval) => {
                judgement.gold_refused.push((statement.clone(), error));
                continue;
            }
            Err(error) => {
                judgement.gold_failed.push((statement.clone(), error));
                continue;
            }
        };
        let Some(answers) = answers.as_mut() else { continue };
        let ordered = text.to_lowercase().contains("order by");
        let mut matches = Matches::default();
        match answers.dropped().await {
            Ok(rows) => judgement.compare(dropped, rows, ordered, options, &mut matches),
            Err(error) => judgement.answer_failed = Some(error),
        }
        if let (Ok(reference), Ok(answer)) = (reference.kept().await, answers.kept().await) {
            matches.distinct_kept = results_match(reference, answer, ordered, options);
            matches.strict = results_match_in_column_order(reference, answer, ordered, options);
        }
        judgement.matches = judgement.matches.any(matches);
        if judgement.matches == (Matches { execution: true, distinct_kept: true, strict: true }) {
            break;
        }
    }
    judgement
}

/// The results of one statement with `DISTINCT` kept and dropped, each run at most once.
struct Results<'a> {
    runner: &'a dyn Runner,
    database: &'a Database,
    kept: Statement,
    /// None when the statement has no `DISTINCT`.
    dropped: Option<Statement>,
}

/// A text and, once it was run, what came of it.
type Statement = (String, Option<Result<Vec<Vec<Value>>>>);

impl<'a> Results<'a> {
    fn new(runner: &'a dyn Runner, database: &'a Database, sql: &str) -> Self {
        let without = drop_distinct(sql);
        let dropped = (without != sql).then_some((without, None));
        Self { runner, database, kept: (sql.to_owned(), None), dropped }
    }

    async fn kept(&mut self) -> std::result::Result<&Rows, Error> {
        once(self.runner, self.database, &mut self.kept).await
    }

    async fn dropped(&mut self) -> std::result::Result<&Rows, Error> {
        match self.dropped.as_mut() {
            Some(dropped) => once(self.runner, self.database, dropped).await,
            None => once(self.runner, self.database, &mut self.kept).await,
        }
    }
}

async fn once<'r>(
    runner: &dyn Runner,
    database: &Database,
    statement: &'r mut Statement,
) -> std::result::Result<&'r Rows, Error> {
    if statement.1.is_none() {
        statement.1 = Some(runner.run(database, &statement.0).await);
    }
    match &statement.1 {
        Some(Ok(rows)) => Ok(rows),
        Some(Err(error)) => Err(error.clone()),
        None => Err(Error::internal("a statement was not run")),
    }
}

/// The text with the slips of published predictions mended: `> =`, `< =`, `! =` joined, `YEAR(CURDATE())` read as 2020.
pub(crate) fn comparable(sql: &str) -> String {
    static YEAR: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)YEAR\s*\(\s*CURDATE\s*\(\s*\)\s*\)\s*").ok());
    let sql = match YEAR.as_ref() {
        Some(year) => year.replace_all(sql, "2020"),
        None => sql.into(),
    };
    sql.replace("> =", ">=").replace("< =", "<=").replace("! =", "!=").trim().to_owned()
}

/// The text without the word `DISTINCT`, wherever it stands.
pub(crate) fn drop_distinct(sql: &str) -> String {
    static DISTINCT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)\bdistinct\b").ok());
    match DISTINCT.as_ref() {
        Some(distinct) => distinct.replace_all(sql, "").into_owned(),
        None => sql.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::eval::{GoldRows, RowMatch};

    /// Answers from a list and remembers what it was asked.
    #[derive(Debug, Default)]
    struct Scripted {
        asked: Mutex<Vec<String>>,
    }

    #[async_trait]
    impl Runner for Scripted {
        async fn run(&self, _: &Database, sql: &str) -> Result<Vec<Vec<Value>>> {
            self.asked.lock().unwrap().push(sql.to_owned());
            match sql {
                "SELECT refused" => Err(Error::rejected("no")),
                "SELECT failed" => Err(Error::timeout("slow")),
                "SELECT DISTINCT a" => Ok(vec![vec![1.into()]]),
                "SELECT two" => Ok(vec![vec![1.into()], vec![2.into()]]),
                "SELECT  a" => Ok(vec![vec![1.into()], vec![1.into()]]),
                _ => Ok(vec![vec![sql.into()]]),
            }
        }
    }

    fn database() -> Database {
        Database { name: "d".into(), path: "d".into() }
    }

    async fn judged(sql: Option<&str>, gold: &[&str]) -> Judgement {
        let gold: Vec<String> = gold.iter().map(|gold| (*gold).to_owned()).collect();
        judge(&Scripted::default(), &database(), sql, &gold, ScoreOptions::default()).await
    }

    #[test]
    fn texts_are_made_comparable() {
        assert_eq!(comparable(" a > = 1 AND year ( curdate() ) < = b ! = c "), "a >= 1 AND 2020<= b != c");
        assert_eq!(drop_distinct("SELECT DISTINCT a, count(distinct b), distinctly"), "SELECT  a, count( b), distinctly");
    }

    #[tokio::test]
    async fn any_reference_makes_an_answer_right() {
        let judgement = judged(Some("SELECT 1"), &["SELECT 2", "SELECT 1"]).await;
        assert_eq!(judgement.matches, Matches { execution: true, distinct_kept: true, strict: true });
        assert!(!judged(Some("SELECT 1"), &["SELECT 2"]).await.matches.execution);
        assert!(!judged(None, &["SELECT 2"]).await.matches.execution);
    }

    #[tokio::test]
    async fn distinct_counts_only_in_the_strict_variants() {
        let judgement = judged(Some("SELECT DISTINCT a"), &["SELECT  a"]).await;
        assert_eq!(judgement.matches, Matches { execution: true, distinct_kept: false, strict: false });
    }

    #[tokio::test]
    async fn refused_and_failed_references_are_kept_apart() {
        let judgement = judged(Some("SELECT 1"), &["SELECT refused", "SELECT failed", "SELECT 1"]).await;
        assert!(judgement.matches.execution && !judgement.without_gold(3));
        assert_eq!((judgement.gold_refused.len(), judgement.gold_failed.len()), (1, 1));
        assert!(judged(Some("SELECT 1"), &["SELECT refused"]).await.without_gold(1));
        let judgement = judged(Some("SELECT failed"), &["SELECT 1"]).await;
        assert_eq!(judgement.answer_failed.unwrap().kind(), ErrorKind::Timeout);
    }

    async fn judged_rows(sql: &str, turn: Turn, options: ScoreOptions) -> Judgement {
        judge_turn(&Scripted::default(), &database(), Some(sql), &turn, options).await
    }

    #[tokio::test]
    async fn rows_are_a_reference_and_distinct_stays() {
        let rows = |rows: Vec<Vec<Value>>| Some(GoldRows { rows, ordered: false });
        let once = Turn { rows: rows(vec![vec![1.into()]]), ..Turn::default() };
        let judgement = judged_rows("SELECT DISTINCT a", once.clone(), ScoreOptions::default()).await;
        assert_eq!(judgement.matches, Matches { execution: true, distinct_kept: true, strict: true });
        assert_eq!((judgement.soft, judgement.mismatch), (1.0, None));
        let judgement = judged_rows("SELECT  a", once.clone(), ScoreOptions::default()).await;
        assert_eq!((judgement.matches.execution, judgement.mismatch), (false, Some(Mismatch::RowCount)));
        assert_eq!(judgement.soft, 2.0 / 3.0);
        // As a set it is the same.
        let set = ScoreOptions { rows: RowMatch::Set, ..ScoreOptions::default() };
        assert!(judged_rows("SELECT  a", once.clone(), set).await.matches.execution);
        // A statement beside the rows is as good.
        let both = Turn { gold: vec!["SELECT b".into()], ..once };
        assert!(judged_rows("SELECT b", both.clone(), ScoreOptions::default()).await.matches.execution);
        assert_eq!(
            judged_rows("SELECT failed", both, ScoreOptions::default()).await.answer_failed.unwrap().kind(),
            ErrorKind::Timeout
        );
    }

    #[tokio::test]
    async fn what_is_most_alike_is_told() {
        // The first reference has nothing in common; of the second, half of the rows.
        let judgement = judged(Some("SELECT DISTINCT a"), &["SELECT b", "SELECT two"]).await;
        assert_eq!((judgement.soft, judgement.mismatch), (0.5, Some(Mismatch::Values)));
        let judgement = judged(Some("SELECT b"), &["SELECT c", "SELECT b"]).await;
        assert_eq!((judgement.soft, judgement.mismatch), (1.0, None));
    }
}
