//! What a model answered is recorded once and played from then on: tests with a model that need no key, no network, and always come out the same.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use leo::adapter::{Model, ModelRequest, ModelResponse};
use leo::builder::Source;
use leo::context::HostContext;
use leo::settings::Preset;
use leo::{Error, Leo, LeoBuilder, Result};
use serde_json::json;

const RIDES: &str = "ride,city,minutes\n1,Oslo,12\n2,Oslo,48\n3,Rome,9\n";
const QUESTION: &str = "interquartile spread of the minutes, please";

/// Stands for the model that you record: `model_named("openai:gpt-5-mini")`, say.
#[derive(Debug)]
struct OneTrick;

#[async_trait]
impl Model for OneTrick {
    async fn complete(&self, _: HostContext, _: ModelRequest) -> Result<ModelResponse> {
        println!("  [model] asked");
        let output = json!({ "sql": "SELECT max(minutes) - min(minutes) AS spread FROM rides", "params": [] });
        Ok(ModelResponse { output, model: "one-trick".to_owned(), ..ModelResponse::default() })
    }
}

/// Prompts tell the day: fix it, and the same question is the same request tomorrow.
fn rides(path: &Path) -> Result<LeoBuilder> {
    let source = Source::open(path)?.as_of(jiff::civil::date(2024, 6, 30));
    Ok(Leo::builder().preset(Preset::Local).source(source))
}

async fn ask(leo: Leo) -> Result<()> {
    let answer = leo.ask(QUESTION).await?;
    let spread = answer.table.as_ref().map(|table| table.value(0, 0).to_string()).unwrap_or_default();
    println!("  {}, by {}: {spread}", answer.status.as_str(), answer.provenance.planner);
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    let folder = tempfile::tempdir().map_err(|error| Error::unavailable("no folder could be made").with_source(error))?;
    let (path, cassette) = (folder.path().join("rides.csv"), folder.path().join("cassette"));
    std::fs::write(&path, RIDES).map_err(|error| Error::unavailable("no file could be written").with_source(error))?;

    println!("recording");
    ask(rides(&path)?.model(Arc::new(OneTrick)).record_models(&cassette).build()?).await?;
    println!("playing");
    let played = format!("replay:{}", cassette.display());
    ask(rides(&path)?.model_named(&played).build()?).await?;
    let missed = rides(&path)?.model_named(&played).build()?.ask("interquartile spread of the rides, please").await?;
    println!("another question: {}", missed.warnings.last().map(|warning| warning.message.as_str()).unwrap_or_default());
    Ok(())
}
