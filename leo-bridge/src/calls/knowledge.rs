//! What people say about a source, and what they decide about its columns.

use leo::catalog::PersonalDecision;
use leo::{Leo, Result};
use serde::{Deserialize, Serialize};

use super::{Call, Reply};

/// What people said about a source, in its latest version.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Knowledge {
    /// Id of the source; needed when there are several.
    source: Option<String>,
}

impl Call for Knowledge {
    const NAME: &'static str = "knowledge";
    const RETURNS: &'static str = "KnowledgeVersion";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.knowledge(self.source.as_deref()).await?)
    }
}

/// An earlier version of what people said about a source.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KnowledgeAt {
    /// The version.
    version: u64,
    /// Id of the source; needed when there are several.
    source: Option<String>,
}

impl Call for KnowledgeAt {
    const NAME: &'static str = "knowledge_at";
    const RETURNS: &'static str = "KnowledgeVersion";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.knowledge_at(self.source.as_deref(), self.version).await?)
    }
}

/// Replaces what people said about a source; gives its version.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetKnowledge {
    /// What is to hold.
    knowledge: leo::knowledge::Knowledge,
    /// The version it was made from; another one is a conflict.
    expected: Option<u64>,
    /// Id of the source; needed when there are several.
    source: Option<String>,
}

impl Call for SetKnowledge {
    const NAME: &'static str = "set_knowledge";
    const RETURNS: &'static str = "number";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.set_knowledge(self.source.as_deref(), self.knowledge, self.expected).await?)
    }
}

/// Replaces what people said about a source by a `leo.yaml`; gives its version.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ImportKnowledge {
    /// The text of the file.
    yaml: String,
    /// The version it was made from; another one is a conflict.
    expected: Option<u64>,
    /// Id of the source; needed when there are several.
    source: Option<String>,
}

impl Call for ImportKnowledge {
    const NAME: &'static str = "import_knowledge";
    const RETURNS: &'static str = "number";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.import_knowledge(self.source.as_deref(), &self.yaml, self.expected).await?)
    }
}

/// What in a `leo.yaml` is of no effect at a source, by lines.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckKnowledge {
    /// The text of the file.
    yaml: String,
    /// Id of the source; needed when there are several.
    source: Option<String>,
}

impl Call for CheckKnowledge {
    const NAME: &'static str = "check_knowledge";
    const RETURNS: &'static str = "Mistake[]";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.check_knowledge(self.source.as_deref(), &self.yaml).await?)
    }
}

/// Everything that is in force at a source, as the text of a `leo.yaml`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExportKnowledge {
    /// Id of the source; needed when there are several.
    source: Option<String>,
}

impl Call for ExportKnowledge {
    const NAME: &'static str = "export_knowledge";
    const RETURNS: &'static str = "string";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.export_knowledge(self.source.as_deref()).await?)
    }
}

/// Columns of which nobody is sure whether they hold personal data.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonalReview {
    /// Id of the source; needed when there are several.
    source: Option<String>,
}

impl Call for PersonalReview {
    const NAME: &'static str = "personal_review";
    const RETURNS: &'static str = "PersonalFinding[]";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.personal_review(self.source.as_deref()).await?)
    }
}

/// Decides whether columns hold personal data; gives the version of what is known of the source then.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DecidePersonal {
    /// The decisions.
    decisions: Vec<PersonalDecision>,
    /// Id of the source; needed when there are several.
    source: Option<String>,
}

impl Call for DecidePersonal {
    const NAME: &'static str = "decide_personal";
    const RETURNS: &'static str = "number";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.decide_personal(self.source.as_deref(), &self.decisions).await?)
    }
}
