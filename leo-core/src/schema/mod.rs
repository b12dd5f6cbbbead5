//! JSON Schemas of everything that crosses a language boundary, for generators of types and for hosts that check what they send.
//!
//! What Leo gives is described as it is written: a field is required when it is always there. What Leo takes is described as it is
//! read: a field with a default is optional. Types, fields and descriptions come from the code itself.
//!
//! ```
//! let answer = &leo::schema::all()["Answer"];
//! assert_eq!(answer.get("type").and_then(|kind| kind.as_str()), Some("object"));
//! ```

mod polish;

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value as Json, json};

use crate::adapter::{
    Access, AccessRequest, AuditEvent, HostCatalog, ModelRequest, ModelResponse, PutOptions, SqlRequest, TablePolicy, Versioned,
};
use crate::ask::conversation::{Session, SessionFormat, SessionInfo};
use crate::ask::render::HtmlOptions;
use crate::ask::{Answer, AnswerStatus, AskEvent, Stage, Ticket};
use crate::catalog::{Catalog, Hit, PersonalDecision, PersonalFinding};
use crate::chart::ChartSpec;
use crate::context::{Attribute, HostContext};
use crate::error::{Error, ErrorKind};
use crate::eval::{Evaluation, Gates, RunComparison};
use crate::export::{CsvOptions, HtmlTableOptions, MarkdownOptions};
use crate::finding::Finding;
use crate::gate::{ConnectionReport, ModelSpending};
use crate::guard::{OutputColumn, Vetting};
use crate::knowledge::{Knowledge, Mistake};
use crate::leo::{DueSync, KnowledgeVersion};
use crate::map::{DataMap, MapGraph, QualityOverview, TableDetail};
use crate::model::ModelStatistics;
use crate::query::SemanticQuery;
use crate::settings::{Explained, Settings, SettingsLayer};
use crate::sources::{SourceInfo, SourceStatus};
use crate::store::contract::ContractReport;
use crate::sync::{OnFailure, SyncProgress, SyncStatus};
use crate::table::Table;

/// A type that is described on its own.
struct Described {
    name: &'static str,
    root: fn(SchemaGenerator) -> Schema,
    part: fn(&mut SchemaGenerator) -> Schema,
}

macro_rules! described {
    ($($name:literal: $type:ty),* $(,)?) => {
        &[$(Described {
            name: $name,
            root: |generator| generator.into_root_schema_for::<$type>(),
            part: |generator| generator.subschema_for::<$type>(),
        }),*]
    };
}

/// What Leo gives.
const OUTPUTS: &[Described] = described! {
    "AccessRequest": AccessRequest,
    "Answer": Answer,
    "AnswerStatus": AnswerStatus,
    "AskEvent": AskEvent,
    "AuditEvent": AuditEvent,
    "Catalog": Catalog,
    "ConnectionReport": ConnectionReport,
    "DataMap": DataMap,
    "DueSync": DueSync,
    "ErrorInfo": Error,
    "ErrorKind": ErrorKind,
    "Evaluation": Evaluation,
    "ExplainedSetting": Explained,
    "Finding": Finding,
    "Hit": Hit,
    "HostContext": HostContext,
    "KnowledgeVersion": KnowledgeVersion,
    "MapGraph": MapGraph,
    "Mistake": Mistake,
    "ModelRequest": ModelRequest,
    "ModelSpending": ModelSpending,
    "ModelStatistics": ModelStatistics,
    "OutputColumn": OutputColumn,
    "PersonalFinding": PersonalFinding,
    "PutOptions": PutOptions,
    "QualityOverview": QualityOverview,
    "RunComparison": RunComparison,
    "Session": Session,
    "SessionInfo": SessionInfo,
    "Settings": Settings,
    "SourceInfo": SourceInfo,
    "SourceStatus": SourceStatus,
    "SqlRequest": SqlRequest,
    "Stage": Stage,
    "StorageContractReport": ContractReport,
    "SyncProgress": SyncProgress<'static>,
    "SyncStatus": SyncStatus,
    "Table": Table,
    "TableDetail": TableDetail,
    "Ticket": Ticket,
    "Vetting": Vetting,
};

/// What Leo takes.
const INPUTS: &[Described] = described! {
    "Access": Access,
    "Attribute": Attribute,
    "CardOptions": HtmlOptions,
    "ChartSpec": ChartSpec,
    "CsvOptions": CsvOptions,
    "Gates": Gates,
    "HostCatalog": HostCatalog,
    "HtmlTableOptions": HtmlTableOptions,
    "Knowledge": Knowledge,
    "MarkdownOptions": MarkdownOptions,
    "ModelResponse": ModelResponse,
    "OnFailure": OnFailure,
    "PersonalDecision": PersonalDecision,
    "SemanticQuery": SemanticQuery,
    "SessionFormat": SessionFormat,
    "SettingsLayer": SettingsLayer,
    "TablePolicy": TablePolicy,
    "Versioned": Versioned,
};

/// The schema of each type by its name, complete in itself: what it refers to is in its `$defs`.
pub fn all() -> BTreeMap<&'static str, Schema> {
    let given = OUTPUTS.iter().map(|described| (described.name, (described.root)(writing())));
    let taken = INPUTS.iter().map(|described| (described.name, (described.root)(reading())));
    let mut all: BTreeMap<&'static str, Schema> = given.chain(taken).collect();
    all.values_mut().for_each(polish::name_forms);
    all
}

/// Everything Leo gives as one schema, each type once in `$defs`: what a generator of types wants to see.
pub fn outputs() -> Schema {
    bundle("LeoOutput", "What Leo gives.", OUTPUTS, writing())
}

/// Everything Leo takes as one schema, each type once in `$defs`.
pub fn inputs() -> Schema {
    bundle("LeoInput", "What Leo takes.", INPUTS, reading())
}

fn writing() -> SchemaGenerator {
    polish::generator(SchemaSettings::draft2020_12().for_serialize())
}

fn reading() -> SchemaGenerator {
    polish::generator(SchemaSettings::draft2020_12().for_deserialize())
}

fn bundle(title: &str, description: &str, types: &[Described], mut generator: SchemaGenerator) -> Schema {
    let parts: Vec<Schema> = types.iter().map(|described| (described.part)(&mut generator)).collect();
    let mut definitions: Vec<(String, Json)> = generator.take_definitions(true).into_iter().collect();
    definitions.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut schema = Map::new();
    schema.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
    schema.insert("title".into(), title.into());
    schema.insert("description".into(), description.into());
    schema.insert("anyOf".into(), json!(parts));
    schema.insert("$defs".into(), Json::Object(definitions.into_iter().collect()));
    let mut schema = Schema::from(schema);
    polish::name_forms(&mut schema);
    schema
}
