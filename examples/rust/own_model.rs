//! A model of your own answers what the built-in planner declines. Here it is a function that knows one statement; put your client there.

use std::sync::Arc;

use async_trait::async_trait;
use leo::adapter::{Model, ModelRequest, ModelResponse};
use leo::builder::Source;
use leo::context::HostContext;
use leo::settings::Preset;
use leo::{Error, Leo, Result};
use serde_json::json;

const RIDES: &str = "ride,city,minutes\n1,Oslo,12\n2,Oslo,48\n3,Oslo,17\n4,Rome,9\n5,Rome,31\n6,Rome,25\n7,Rome,11\n";
const MEDIAN: &str = "
SELECT city, avg(minutes) AS median_minutes
FROM (SELECT city, minutes, row_number() OVER (PARTITION BY city ORDER BY minutes) AS place, count(*) OVER (PARTITION BY city) AS rides
      FROM rides) AS placed
WHERE place IN ((rides + 1) / 2, (rides + 2) / 2) GROUP BY city ORDER BY city";

#[derive(Debug)]
struct OneTrick;

#[async_trait]
impl Model for OneTrick {
    /// Gives the JSON that the request's schema asks for. The request says names and types, never rows.
    async fn complete(&self, _: HostContext, request: ModelRequest) -> Result<ModelResponse> {
        let told = request.messages.last().map(|message| message.text.as_str()).unwrap_or_default();
        println!("  [model] {}", request.purpose.as_str());
        let sql = if told.contains("median") { MEDIAN } else { "DELETE FROM rides" };
        let output = json!({ "sql": sql, "params": [] });
        Ok(ModelResponse {
            output,
            input_tokens: 900,
            output_tokens: 90,
            model: "one-trick".to_owned(),
            ..ModelResponse::default()
        })
    }
}

async fn show(leo: &Leo, question: &str) -> Result<()> {
    let answer = leo.ask(question).await?;
    println!("{question}\n  {}: {}", answer.status.as_str(), answer.message());
    if let Some(table) = &answer.table {
        println!("  by {}, {} tokens", answer.provenance.planner, answer.usage.tokens);
        println!("{}", leo::export::markdown(table, &leo::export::MarkdownOptions::default()));
    }
    for warning in &answer.warnings {
        println!("  warning: {}", warning.message);
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    let folder = tempfile::tempdir().map_err(|error| Error::unavailable("no folder could be made").with_source(error))?;
    let path = folder.path().join("rides.csv");
    std::fs::write(&path, RIDES).map_err(|error| Error::unavailable("no file could be written").with_source(error))?;
    let place = path.display().to_string();

    let leo = Leo::connect(&place).await?;
    show(&leo, "median minutes by city").await?;

    println!("\nWith a model:");
    let source = Source::connect(place.parse()?).await?;
    let leo = Leo::builder().preset(Preset::Local).source(source).model(Arc::new(OneTrick)).build()?;
    show(&leo, "average minutes by city").await?; // The built-in planner can do this: nobody asks the model.
    show(&leo, "median minutes by city").await?;
    show(&leo, "frobnicate the rides").await?; // What a model writes is trusted no more than anybody's statement.
    leo.close().await
}
