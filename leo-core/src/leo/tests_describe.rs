//! A host's model describes tables: when it is asked, and what is kept of it.
#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::json;

use crate::adapter::{KeyStore, Model, ModelRequest, ModelResponse, Storage};
use crate::builder::Source;
use crate::catalog::DescriptionOrigin;
use crate::context::HostContext;
use crate::error::{Error, Result};
use crate::seal::EnvironmentKeys;
use crate::settings::{Preset, SettingsLayer};
use crate::source::sqlite::SqliteSource;
use crate::store::MemoryStorage;
use crate::sync::{SyncOptions, SyncState};
use crate::{Leo, catalog::TableName};

/// Says "About NAME." of each table, unless it is broken.
#[derive(Debug, Default)]
struct Narrator {
    prompts: Mutex<Vec<String>>,
    is_broken: Mutex<bool>,
}

#[async_trait]
impl Model for Narrator {
    async fn complete(&self, _: HostContext, request: ModelRequest) -> Result<ModelResponse> {
        let text = request.messages[0].text.clone();
        self.prompts.lock().unwrap().push(text.clone());
        if *self.is_broken.lock().unwrap() {
            return Err(Error::unavailable("the model is away"));
        }
        let names = text.lines().filter_map(|line| line.strip_prefix("table ")).filter_map(|rest| rest.split(" -- ").next());
        let tables: Vec<_> = names.map(|name| json!({"table": name, "description": format!("About {name}.")})).collect();
        Ok(ModelResponse {
            output: json!({ "tables": tables }),
            input_tokens: 10,
            output_tokens: 10,
            model: "narrator".into(),
            ..ModelResponse::default()
        })
    }
}

fn leo(model: &Arc<Narrator>, storage: &Arc<dyn Storage>, tokens: u64, more: &str) -> Leo {
    let sql =
        format!("CREATE TABLE kdnr (a text, b int); INSERT INTO kdnr VALUES ('canary', 1); CREATE TABLE zz (c int); {more}");
    let keys: Arc<dyn KeyStore> = Arc::new(EnvironmentKeys::parse(&format!("1:{}", "17".repeat(32))).unwrap());
    Leo::builder()
        .preset(Preset::Local)
        .source(Source::new(SqliteSource::from_sql("shop", &sql).unwrap()))
        .settings(SettingsLayer::parse(&format!(r#"{{"sync": {{"describe_tokens": {tokens}}}}}"#)).unwrap())
        .model(Arc::clone(model) as Arc<dyn Model>)
        .storage(Arc::clone(storage))
        .keys(keys)
        .build()
        .unwrap()
}

async fn said(leo: &Leo) -> Vec<(String, Option<DescriptionOrigin>)> {
    leo.sync(None, &SyncOptions::default(), &|_| {}).await.unwrap();
    let catalog = leo.catalog(None).await.unwrap();
    let of = |name: &str| catalog.table(&TableName::bare(name)).unwrap().description.clone();
    ["kdnr", "zz"].map(of).map(|own| (own.clone().map(|own| own.text).unwrap_or_default(), own.map(|own| own.origin))).into()
}

#[tokio::test]
async fn a_model_is_asked_once_for_each_table_by_all_processes_together() {
    let (model, storage): (_, Arc<dyn Storage>) = (Arc::new(Narrator::default()), Arc::new(MemoryStorage::default()));
    let prompts = || model.prompts.lock().unwrap().len();
    let quiet = leo(&model, &storage, 0, "");
    said(&quiet).await;
    assert_eq!(prompts(), 0, "a model costs, and nobody said that it may");

    let one = leo(&model, &storage, 10_000, "");
    let first = said(&one).await;
    assert_eq!(first[0], ("About kdnr.".to_owned(), Some(DescriptionOrigin::Model)));
    assert_eq!((said(&one).await, prompts()), (first.clone(), 1));
    // Another process finds what was said.
    assert_eq!((said(&leo(&model, &storage, 10_000, "")).await, prompts()), (first, 1));
    // A table that is another one now is asked about, the others are not.
    said(&leo(&model, &storage, 10_000, "ALTER TABLE zz ADD COLUMN d int")).await;
    let prompts = model.prompts.lock().unwrap();
    assert!(prompts.len() == 2 && prompts[1].contains("zz") && !prompts[1].contains("kdnr"), "{prompts:?}");
    assert!(prompts.iter().all(|prompt| !prompt.contains("canary")));
}

#[tokio::test]
async fn a_model_that_fails_fails_no_sync_and_is_asked_again() {
    let (model, storage): (_, Arc<dyn Storage>) = (Arc::new(Narrator::default()), Arc::new(MemoryStorage::default()));
    let leo = leo(&model, &storage, 10_000, "");
    *model.is_broken.lock().unwrap() = true;
    let states = Mutex::new(Vec::new());
    let note = |step: crate::sync::SyncProgress<'_>| states.lock().unwrap().push(step.stage);
    leo.sync(None, &SyncOptions::default(), &note).await.unwrap();
    assert!(states.lock().unwrap().contains(&crate::sync::SyncStage::Describe));
    assert_eq!(leo.sync_status(None).await.unwrap().state, SyncState::Completed);
    *model.is_broken.lock().unwrap() = false;
    assert_eq!(said(&leo).await[0].0, "About kdnr.", "although nothing changed");
}

/// Sources with the ids and schemas given, in another process.
fn several(model: &Arc<Narrator>, storage: &Arc<dyn Storage>, sources: &[(&str, &str)]) -> Leo {
    let keys: Arc<dyn KeyStore> = Arc::new(EnvironmentKeys::parse(&format!("1:{}", "17".repeat(32))).unwrap());
    let settings = SettingsLayer::parse(r#"{"sync": {"describe_tokens": 10000}}"#).unwrap();
    let builder = Leo::builder().preset(Preset::Local).settings(settings).model(Arc::clone(model) as Arc<dyn Model>);
    let source = |(id, sql): &(&str, &str)| Source::new(SqliteSource::from_sql(*id, sql).unwrap());
    let builder = sources.iter().map(source).fold(builder, |builder, source| builder.source(source));
    builder.storage(Arc::clone(storage)).keys(keys).build().unwrap()
}

#[tokio::test]
async fn sources_of_one_schema_are_described_once_and_share_no_value() {
    let (model, storage): (_, Arc<dyn Storage>) = (Arc::new(Narrator::default()), Arc::new(MemoryStorage::default()));
    let schema = "CREATE TABLE kdnr (a text, b int); CREATE TABLE zz (c int);";
    let north = format!("{schema} INSERT INTO kdnr VALUES ('canarynorth', 1), ('canarynorth', 2), ('x', 3)");
    let south = format!("{schema} INSERT INTO kdnr VALUES ('canarysouth', 7), ('canarysouth', 8), ('y', 9)");
    let more = format!("{schema} CREATE TABLE intruder (d int);");
    let leo = several(&model, &storage, &[("more", &more), ("north", &north), ("south", &south)]);
    let sync = async |leo: &Leo, id: &str| {
        let before = model.prompts.lock().unwrap().len();
        let catalog = leo.sync(Some(id), &SyncOptions::default(), &|_| {}).await.unwrap();
        let told = catalog.table(&TableName::bare("kdnr")).unwrap().description.clone().unwrap();
        assert_eq!((told.text.as_str(), told.origin), ("About kdnr.", DescriptionOrigin::Model));
        (model.prompts.lock().unwrap().len() - before, serde_json::to_string(&*catalog).unwrap())
    };
    assert_eq!(sync(&leo, "more").await.0, 1);
    assert_eq!(sync(&leo, "north").await.0, 1, "said beside another table, it may say what that one's comments wanted");
    let (asked, known) = sync(&leo, "south").await;
    assert_eq!(asked, 0);
    assert!(known.contains("canarysouth") && !known.contains("canarynorth"));
    // And in another process.
    let other = several(&model, &storage, &[("west", schema), ("fewer", "CREATE TABLE kdnr (a text, b int)")]);
    assert_eq!(sync(&other, "west").await.0, 0);
    assert_eq!(sync(&other, "fewer").await.0, 1);
}
