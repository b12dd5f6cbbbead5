//! The JSON Schemas in docs/schema: made from the code, and true of what Leo gives.
//!
//! `LEO_UPDATE=1 cargo test --workspace --test schema` writes them anew.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use leo::adapter::{AccessRequest, Action, RoleAuthorizer, Storage};
use leo::audit::MemorySink;
use leo::builder::Source;
use leo::eval::{EvalOptions, Evaluation, QuestionResult, Suite};
use leo::settings::Preset;
use leo::source::sqlite::SqliteSource;
use leo::store::{MemoryStorage, contract};
use leo::{AskOptions, Context, Error, Leo};
use leo_tests::json_schema::{misfits, misfits_in, schemas};
use serde_json::{Value, json};

fn outputs() -> Value {
    leo::schema::outputs().to_value()
}

fn inputs() -> Value {
    leo::schema::inputs().to_value()
}

/// Asserts that `value` fits the type of Leo's output, alone and in the bundle.
fn gives(name: &str, value: &impl serde::Serialize) {
    let value = serde_json::to_value(value).unwrap();
    assert_eq!(misfits(&leo::schema::all()[name].clone().to_value(), &value), [""; 0], "{name}: {value:#}");
    assert_eq!(misfits_in(&outputs(), name, &value), [""; 0], "{name}");
}

fn takes(name: &str, value: &Value) -> bool {
    let alone = misfits(&leo::schema::all()[name].clone().to_value(), value).is_empty();
    assert_eq!(alone, misfits_in(&inputs(), name, value).is_empty(), "{name}: {value}");
    alone
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/schema")
}

/// The first sentence or line of a type's description.
fn about(schema: &Value) -> String {
    let text = schema["description"].as_str().unwrap_or_default().split("\n\n").next().unwrap_or_default().replace('\n', " ");
    text.split(". ").next().unwrap_or_default().trim_end_matches('.').replace('|', "\\|")
}

fn index() -> String {
    let mut page = String::from(
        "# JSON Schemas\n\n\
         Draft 2020-12, made from the code by `LEO_UPDATE=1 cargo test --workspace --locked --test schema`. `output.json` describes what Leo\n\
         gives, `input.json` what it takes: each is one bundle with every type once in `$defs`, which generators of types read whole, for\n\
         instance:\n\n\
         ```sh\n\
         npx json-schema-to-typescript --no-additionalProperties docs/schema/output.json > output.d.ts\n\
         datamodel-codegen --use-title-as-name --input docs/schema/output.json --input-file-type jsonschema --output output.py\n\
         ```\n\n\
         In `output.json` a field is required when it is always there; readers let fields pass that they do not know, since later versions\n\
         may have more. In `input.json` a field with a default is optional. `leo::schema::all()` gives each of the types below as a schema of\n\
         its own.\n",
    );
    for (title, bundle) in [("Output", outputs()), ("Input", inputs())] {
        page.push_str(&format!("\n## {title}\n\n| type | what it is |\n|---|---|\n"));
        for root in bundle["anyOf"].as_array().unwrap() {
            let name = root["$ref"].as_str().unwrap().strip_prefix("#/$defs/").unwrap();
            page.push_str(&format!("| `{name}` | {} |\n", about(&bundle["$defs"][name])));
        }
    }
    page
}

#[test]
fn the_files_are_those_of_the_code() {
    let files =
        [("output.json", format!("{:#}\n", outputs())), ("input.json", format!("{:#}\n", inputs())), ("README.md", index())];
    for (name, made) in files {
        let path = folder().join(name);
        if std::env::var_os("LEO_UPDATE").is_some() {
            std::fs::create_dir_all(folder()).unwrap();
            std::fs::write(&path, &made).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == made,
            "docs/schema/{name} is not what the code says; run LEO_UPDATE=1 cargo test --workspace --test schema"
        );
    }
}

#[test]
fn types_have_names_of_their_own_and_words() {
    let all = leo::schema::all();
    assert!(all.len() >= 35, "{}", all.len());
    for (bundle, least) in [(outputs(), 80), (inputs(), 30)] {
        let types = bundle["$defs"].as_object().unwrap();
        assert!(types.len() >= least, "{}", types.len());
        let numbered: Vec<&String> = types.keys().filter(|name| name.ends_with(|c: char| c.is_ascii_digit())).collect();
        assert!(numbered.is_empty(), "two types of one name: {numbered:?}");
        let mut found = Vec::new();
        schemas(&bundle, "", &mut found);
        for (at, schema) in &found {
            if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
                assert!(types.contains_key(target.strip_prefix("#/$defs/").unwrap()), "{at}: {target}");
            }
        }
        // What generators make types of has a name of its own, too.
        let mut titles: Vec<&str> = found.iter().filter_map(|(_, schema)| schema.get("title")?.as_str()).collect();
        titles.extend(types.keys().map(String::as_str));
        titles.sort_unstable();
        let twice: Vec<&&str> = titles.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| &pair[0]).collect();
        assert!(twice.is_empty() && titles.len() > types.len(), "titles used twice: {twice:?}");
        let described = |schema: &&Value| schema.get("description").is_some();
        let wordless: Vec<&String> = types.iter().filter(|(_, schema)| !described(schema)).map(|(name, _)| name).collect();
        assert!(wordless.is_empty(), "types without a word: {wordless:?}");
        let mut fields: Vec<String> = Vec::new();
        for (name, schema) in types {
            for (field, schema) in schema["properties"].as_object().into_iter().flatten() {
                if schema.get("description").is_none() && schema.get("$ref").is_none() && name != "SettingsLayer" {
                    fields.push(format!("{name}.{field}"));
                }
            }
        }
        assert!(fields.is_empty(), "fields without a word: {fields:?}");
    }
}

#[tokio::test]
async fn answers_of_every_kind_fit() {
    let leo = Leo::sample().unwrap();
    let mut seen = BTreeSet::new();
    let questions = [
        "What were monthly sales in 2024?",
        "top 5 customers by revenue last quarter",
        "average order value by region, this year against last year",
        "How many customers do we have?",
        "list all products",
        "revenue by channel and month in 2024",
        "share of revenue by category last year",
        "which products were never ordered?",
        "What is the weather in Paris?",
        "hello",
        "revenue",
        "sales by region",
        "number of orders in 1990",
    ];
    let events = Mutex::new(Vec::new());
    for question in questions {
        let answer =
            leo.ask_observed(question, &AskOptions::default(), &|event| events.lock().unwrap().push(event)).await.unwrap();
        gives("Answer", &answer);
        gives("AnswerStatus", &answer.status);
        seen.insert(answer.status.as_str());
        if let Some(query) = &answer.provenance.query {
            assert!(takes("SemanticQuery", &json!(query)), "{question}");
        }
        if let (Some(spec), Some(table)) = (&answer.chart, &answer.table) {
            assert!(takes("ChartSpec", &json!(spec)), "{question}");
            gives("Table", table);
        }
    }
    assert!(seen.contains("answered") && seen.contains("declined") && seen.len() >= 3, "{seen:?}");
    let events = events.into_inner().unwrap();
    assert!(events.len() > 100);
    for event in &events {
        gives("AskEvent", event);
        let back: leo::ask::AskEvent = serde_json::from_value(json!(event)).unwrap();
        assert_eq!(json!(back), json!(event));
    }
    for statement in
        ["SELECT name, price FROM products", "SELECT 1.5 AS a, 'x' AS b, NULL AS c, x'00ff' AS d, count(*) AS e FROM customers"]
    {
        if let Ok(answer) = leo.sql(statement).await {
            gives("Answer", &answer);
        }
    }
    for event in leo.recent_audit().await.unwrap() {
        gives("AuditEvent", &event);
    }
}

#[tokio::test]
async fn everything_else_fits() {
    let leo = Leo::sample().unwrap();
    let progress = Mutex::new(Vec::new());
    leo.sync(None, &Default::default(), &|step| progress.lock().unwrap().push(json!(step))).await.unwrap();
    let progress = progress.into_inner().unwrap();
    assert!(progress.len() > 10);
    progress.iter().for_each(|step| gives("SyncProgress", step));
    gives("Catalog", &leo.catalog(None).await.unwrap());
    let hits = leo.search("customer region", None, 10).await.unwrap();
    assert!(!hits.is_empty());
    hits.iter().for_each(|hit| gives("Hit", hit));
    for statement in ["SELECT count(*) FROM orders", "SELECT * FROM order", "DROP TABLE orders", "SELECT"] {
        gives("Vetting", &leo.vet(statement, &Default::default()).await.unwrap());
        if let Err(error) = leo.sql(statement).await {
            gives("ErrorInfo", &error);
            gives("ErrorKind", &error.kind());
            error.findings().iter().for_each(|finding| gives("Finding", finding));
        }
    }
    let suite = Suite::parse_yaml(
        "- { id: one, question: How many customers do we have?, gold: SELECT count(*) FROM customers, tags: [people] }
- { question: Who is the tallest? }
- turns: [{ question: How many orders are there?, value: 1 }, { question: only those in 2024, value: 2 }]",
    )
    .unwrap();
    let run = leo.evaluate(&suite, &EvalOptions::default()).await.unwrap();
    let earlier =
        Evaluation::new(run.questions.iter().map(|result| QuestionResult { correct: false, ..result.clone() }).collect());
    let bounds = json!({"execution_match": 0.9, "allowed_drop": 0.1});
    let run = run.against(&earlier).checked(&serde_json::from_value(bounds.clone()).unwrap());
    gives("Evaluation", &run);
    gives("RunComparison", run.comparison.as_ref().unwrap());
    assert!(takes("Gates", &bounds) && !takes("Gates", &json!({"execution_mach": 0.9})));
    let resolved = leo.settings(None).await.unwrap();
    gives("Settings", &resolved.settings);
    resolved.explain().iter().for_each(|setting| gives("ExplainedSetting", setting));
    for source in leo.sources().list().await.unwrap() {
        gives("SourceInfo", &source);
        gives("SourceStatus", &leo.sources().status(&source.id).await.unwrap());
        gives("ConnectionReport", &leo.sources().test(&source.id).await.unwrap());
    }
    gives("ErrorInfo", &Error::not_found("nothing").with_context("table", "orders"));
    let ctx = Context::new("acme", "ada").unwrap().with_roles(["member"]);
    gives("HostContext", &ctx.with_attribute("region", serde_json::from_value(json!(["north", 3])).unwrap()).to_host());
    gives("AccessRequest", &AccessRequest { action: Action::Ask, source: "shop".into() });
    let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::default());
    gives("PutOptions", &leo::adapter::PutOptions::new().expecting(3).for_time(std::time::Duration::from_secs(1)));
    gives("StorageContractReport", &contract::check_storage(storage).await);
    assert!(takes("Versioned", &json!(leo::adapter::Versioned { value: vec![0, 255], version: 3 })));
}

#[tokio::test]
async fn a_source_with_an_error_fits() {
    let shop = SqliteSource::from_sql("shop", "CREATE TABLE orders (id INTEGER PRIMARY KEY)").unwrap();
    let leo = Leo::builder()
        .preset(Preset::Embedded)
        .source(Source::new(shop))
        .authorizer(Arc::new(RoleAuthorizer))
        .audit(Arc::new(MemorySink::default()))
        .build()
        .unwrap();
    let ada = leo.for_user(Context::new("acme", "ada").unwrap().with_roles(["owner"]));
    let missing = Source::from_spec("gone", "/nowhere/gone.db".parse().unwrap());
    ada.sources().add(missing).await.unwrap();
    assert!(ada.sources().test("gone").await.is_err());
    let status = ada.sources().status("gone").await.unwrap();
    assert!(status.error.is_some());
    gives("SourceStatus", &status);
    let answer =
        ada.ask_with("How many orders are there?", &AskOptions { source: Some("shop".into()), ..Default::default() }).await;
    let answer = answer.unwrap();
    assert_eq!(answer.status.as_str(), "not_executed");
    gives("Answer", &answer);
}

#[test]
fn what_is_wrong_does_not_fit() {
    assert!(takes("Access", &json!({})));
    assert!(takes(
        "Access",
        &json!({"deny_tables": ["x"], "tables": {"orders": {"row_filter": "id = :a", "masks": {"email": "hash"}}}, "mask_key": "k"})
    ));
    assert!(!takes("Access", &json!({"deny_table": []})));
    assert!(!takes("Access", &json!({"tables": {"orders": {"row_filters": "x"}}})));
    assert!(takes("SettingsLayer", &json!({"ask": {"max_rows": 3}, "guard.row_cap": 5, "ask.row_ceiling": null})));
    assert!(!takes("SettingsLayer", &json!({"ask": {"max_rows": 0}})));
    assert!(!takes("SettingsLayer", &json!({"ask": {"max_row": 3}})));
    assert!(!takes("SettingsLayer", &json!({"audit.durability": "both"})));
    assert!(takes("CsvOptions", &json!({"delimiter": ";"})));
    assert!(!takes("CsvOptions", &json!({"delimiter": "x"})));
    assert!(takes("CardOptions", &json!({"max_rows": 3})));
    assert!(!takes("CardOptions", &json!({"max_rows": -3})));
    assert!(takes("Knowledge", &json!({"synonyms": []})));
    assert!(!takes("SemanticQuery", &json!({"dimensions": []})));
    assert!(takes("Attribute", &json!([1, "x"])) && !takes("Attribute", &json!({"x": 1})));
    let answered = json!({"event": "finished", "stage": "plan", "us": 3});
    assert!(misfits_in(&outputs(), "AskEvent", &answered).is_empty());
    for wrong in [json!({"event": "finished", "stage": "plan"}), json!({"event": "ended", "stage": "plan"}), json!("plan")] {
        assert!(!misfits_in(&outputs(), "AskEvent", &wrong).is_empty());
    }
}
