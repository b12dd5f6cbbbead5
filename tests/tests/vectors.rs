//! What every language must give alike: the public surface, and calls on the sample company with what comes of them. The same files are read
//! by the tests of each package. `LEO_UPDATE=1` writes them anew.

use std::path::Path;

use leo_bridge::{Host, Parts, Reply};
use serde_json::{Value as Json, json};

fn path(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(name)
}

/// Compares a file with what it should hold, or writes it.
fn agrees(name: &str, now: impl AsRef<[u8]>) {
    let now = now.as_ref();
    if std::env::var_os("LEO_UPDATE").is_some() {
        std::fs::write(path(name), now).unwrap();
    }
    let written = std::fs::read(path(name)).unwrap_or_default();
    assert!(written == now, "tests/vectors/{name} is out of date; run this test with LEO_UPDATE=1 and look at the difference");
}

#[test]
fn the_public_surface() {
    let surface = leo_bridge::surface::surface();
    assert!(surface["calls"].as_object().is_some_and(|calls| calls.len() > 20));
    agrees("surface.json", format!("{}\n", serde_json::to_string_pretty(&surface).unwrap()));
}

/// What is compared of a reply: what does not depend on the clock.
fn outcome(reply: leo::Result<Reply>) -> Json {
    match reply {
        Ok(Reply::Answer(answer)) => {
            let json = serde_json::to_value(&*answer).unwrap();
            json!({
                "status": json["status"],
                "text": answer.message(),
                "sql": json["sql"],
                "params": json["params"],
                "table": json["table"],
                "truncated": json["truncated"],
                "chart": json["chart"]["kind"],
            })
        }
        Ok(Reply::Json(mut json)) => {
            if let Some(map) = json.as_object_mut() {
                map.remove("micros");
            }
            json!({ "json": json })
        }
        Ok(Reply::Nothing) => json!({ "json": null }),
        Ok(_) => json!({ "stream": true }),
        Err(error) => {
            let error = leo_bridge::error::to_json(&error);
            json!({ "error": { "kind": error["kind"], "message": error["message"], "findings": error["findings"] } })
        }
    }
}

#[tokio::test]
async fn calls_on_the_sample_company() {
    let host = Host::sample(json!({}), Parts::default()).await.unwrap();
    let calls: Vec<Json> = serde_json::from_str(&std::fs::read_to_string(path("calls.json")).unwrap()).unwrap();
    assert!(calls.len() >= 30, "only {} calls", calls.len());
    let (mut outcomes, mut files) = (Vec::new(), 0);
    for call in &calls {
        let name = call["call"].as_str().unwrap();
        let reply = host.call(name, call["arguments"].clone()).await;
        let mut vector = json!({ "call": name, "arguments": call["arguments"] });
        if let (Some(file), Ok(Reply::Answer(answer))) = (call["arrow"].as_str(), &reply) {
            agrees(file, leo::export::arrow_stream(answer.table.as_ref().unwrap()).unwrap());
            vector["arrow"] = file.into();
            files += 1;
        }
        vector["outcome"] = outcome(reply);
        outcomes.push(vector);
    }
    assert_eq!(files, 2, "rows as Arrow");
    agrees("outcomes.json", format!("{}\n", serde_json::to_string_pretty(&Json::Array(outcomes)).unwrap()));
}
