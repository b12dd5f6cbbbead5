//! Models behind services: the three protocols on loopback, whole and in streams, and everything that goes wrong with them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use leo::adapter::{Model, ModelMessage, ModelPurpose, ModelRequest, ModelRole, ModelStop, ModelTool};
use leo::model::{Chain, Egress, ModelSpec, OutputForm, Protocol, open};
use leo::{Context, Error, ErrorKind};
use leo_tests::model_server::{ModelServer, Serves};
use serde_json::{Value, json};

const PROTOCOLS: [Protocol; 3] = [Protocol::Openai, Protocol::Anthropic, Protocol::Chat];

fn spec(server: &ModelServer, protocol: Protocol) -> ModelSpec {
    ModelSpec { base_url: Some(server.url()), ..ModelSpec::new(protocol, "gpt-5-mini", "sk-hunter2") }
}

fn request() -> ModelRequest {
    let schema =
        json!({"type": "object", "properties": {"sql": {"type": "string"}}, "required": ["sql"], "additionalProperties": false});
    let mut request = ModelRequest::new(ModelPurpose::Plan, "Write SQL.", "How many Größen?", schema.clone());
    request.messages.push(ModelMessage { role: ModelRole::Assistant, text: "SELECT 0".into() });
    request.messages.push(ModelMessage { role: ModelRole::User, text: "Again.".into() });
    request.tools = vec![ModelTool { name: "execute_sql".into(), description: "Runs a statement.".into(), parameters: schema }];
    request.timeout_ms = 5_000;
    request
}

async fn complete(spec: ModelSpec, request: ModelRequest) -> leo::Result<leo::adapter::ModelResponse> {
    let ctx = Context::new("acme", "ada").unwrap().to_host();
    open(spec, &Egress::default()).unwrap().complete(ctx, request).await
}

#[tokio::test]
async fn each_protocol_answers_whole_and_in_a_stream() {
    for protocol in PROTOCOLS {
        for stream in [false, true] {
            let server = ModelServer::start([Serves::Text(r#"{"sql": "SELECT 'Größe'"}"#.into())]).await;
            let response = complete(ModelSpec { stream, ..spec(&server, protocol) }, request()).await.unwrap();
            assert_eq!(response.output, r#"{"sql": "SELECT 'Größe'"}"#, "{protocol:?} {stream}");
            assert_eq!(
                (response.input_tokens, response.cached_tokens, response.output_tokens),
                (1_000, 600, 50),
                "{protocol:?} {stream}"
            );
            assert_eq!((response.model.as_str(), response.stop), ("gpt-5-mini", ModelStop::Complete));
        }
    }
}

#[tokio::test]
async fn functions_are_called() {
    for protocol in PROTOCOLS {
        for stream in [false, true] {
            let arguments = json!({"sql": "SELECT 'Größe'", "params": [1, null]});
            let server = ModelServer::start([Serves::Call("execute_sql", arguments.clone())]).await;
            let spec = ModelSpec { stream, output: OutputForm::Tool, ..spec(&server, protocol) };
            let response = complete(spec, request()).await.unwrap();
            assert_eq!(response.output, json!({"tool": "execute_sql", "arguments": arguments}), "{protocol:?} {stream}");
        }
    }
    let server = ModelServer::start([Serves::Call("answer", json!({"sql": "SELECT 1"}))]).await;
    let response = complete(spec(&server, Protocol::Anthropic), request()).await.unwrap();
    assert_eq!(response.output, json!({"sql": "SELECT 1"}), "the schema's own function is no choice");
}

#[tokio::test]
async fn what_is_sent_is_what_the_protocols_say() {
    let sent = async |spec: ModelSpec, server: &ModelServer| {
        complete(spec, request()).await.unwrap();
        server.asked().pop().unwrap()
    };
    let server = ModelServer::start([Serves::Text("{}".into())]).await;
    let asked = sent(spec(&server, Protocol::Openai), &server).await;
    let body = &asked.body;
    assert!(asked.path == "/v1/responses" && asked.head.contains("authorization: bearer sk-hunter2"));
    assert_eq!(
        (&body["store"], &body["instructions"], &body["max_output_tokens"]),
        (&json!(false), &json!("Write SQL."), &json!(2_048))
    );
    assert_eq!(body["input"][1], json!({"role": "assistant", "content": "SELECT 0"}));
    assert_eq!((&body["text"]["format"]["type"], &body["text"]["format"]["strict"]), (&json!("json_schema"), &json!(true)));
    assert_eq!((&body["metadata"]["purpose"], &body["prompt_cache_key"]), (&json!("plan"), &json!("leo-plan")));
    let order: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert!(
        order.iter().position(|key| *key == "instructions") < order.iter().position(|key| *key == "input"),
        "what stays the same comes first"
    );
    let tools = sent(ModelSpec { output: OutputForm::Tool, ..spec(&server, Protocol::Openai) }, &server).await.body;
    assert_eq!(
        (&tools["tools"][0]["name"], &tools["tools"][0]["strict"], &tools["tool_choice"]),
        (&json!("execute_sql"), &json!(true), &json!("required"))
    );
    assert!(tools.get("text").is_none());

    let asked = sent(spec(&server, Protocol::Anthropic), &server).await;
    assert!(
        asked.path == "/v1/messages"
            && asked.head.contains("x-api-key: sk-hunter2")
            && asked.head.contains("anthropic-version: 2023-06-01")
    );
    assert!(!asked.head.contains("authorization"));
    assert_eq!(asked.body["system"][0]["cache_control"]["type"], "ephemeral");
    assert_eq!(
        (&asked.body["tool_choice"]["name"], &asked.body["tools"][0]["input_schema"]["type"]),
        (&json!("answer"), &json!("object"))
    );

    let extra = json!({"temperature": 0.1, "max_tokens": 7}).as_object().unwrap().clone();
    let headers = [("X-Team".to_owned(), "data".into())].into();
    let asked = sent(ModelSpec { extra, headers, output: OutputForm::Json, ..spec(&server, Protocol::Chat) }, &server).await;
    assert!(asked.path == "/v1/chat/completions" && asked.head.contains("x-team: data"));
    assert_eq!(
        (&asked.body["messages"][0]["role"], &asked.body["response_format"]["type"]),
        (&json!("system"), &json!("json_object"))
    );
    assert_eq!((&asked.body["temperature"], &asked.body["max_tokens"]), (&json!(0.1), &json!(7)));
    let asked = sent(ModelSpec { api_key: "".into(), output: OutputForm::Text, ..spec(&server, Protocol::Chat) }, &server).await;
    assert!(!asked.head.contains("authorization") && asked.body.get("response_format").is_none());
}

#[tokio::test]
async fn a_refusal_and_a_cut_are_told_apart_from_answers() {
    for protocol in PROTOCOLS {
        for stream in [false, true] {
            let server =
                ModelServer::start([Serves::Refusal, Serves::Cut("{\"sql\": \"SEL".into()), Serves::Text(String::new())]).await;
            let spec = ModelSpec { stream, ..spec(&server, protocol) };
            let told = |response: leo::Result<leo::adapter::ModelResponse>| {
                let response = response.unwrap();
                (response.stop, response.check().err().map(|error| error.kind()), response.output_tokens)
            };
            assert_eq!(told(complete(spec.clone(), request()).await), (ModelStop::Refused, None, 50), "{protocol:?} {stream}");
            let cut = (ModelStop::Length, Some(ErrorKind::LimitExceeded), 50);
            assert_eq!(told(complete(spec.clone(), request()).await), cut, "{protocol:?} {stream}");
            let empty = (ModelStop::Complete, Some(ErrorKind::Malformed), 50);
            assert_eq!(told(complete(spec, request()).await), empty, "{protocol:?} {stream}");
        }
    }
}

/// What a fault comes to.
async fn fault(serves: Serves, spec: impl Fn(&ModelServer) -> ModelSpec) -> Error {
    let server = ModelServer::start([serves]).await;
    let began = Instant::now();
    let error = complete(spec(&server), request()).await.unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(20), "{error}");
    let debug = format!("{error:?} {error} {:?}", std::error::Error::source(&error).map(ToString::to_string));
    assert!(!debug.contains("hunter2") && !debug.contains("127.0.0.1"), "{debug}");
    error
}

#[tokio::test]
async fn every_fault_has_its_kind() {
    for protocol in PROTOCOLS {
        let of = |server: &ModelServer| spec(server, protocol);
        let streaming = |server: &ModelServer| ModelSpec { stream: true, ..spec(server, protocol) };
        let status = |status: u16, headers: &[(&'static str, &str)]| {
            let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
            let message = "the key sk-hunter2 is over its limit for 'How many Größen?'";
            Serves::Status(status, headers, json!({"error": {"message": message, "type": "some_error"}}))
        };
        let waits = fault(status(429, &[("retry-after", "3")]), of).await;
        assert_eq!((waits.kind(), waits.retry_after()), (ErrorKind::RateLimited, Some(Duration::from_secs(3))));
        let busy = fault(status(429, &[]), of).await;
        assert_eq!((busy.kind(), busy.retry_after()), (ErrorKind::RateLimited, None));
        for code in [500, 502, 503, 529] {
            assert_eq!(fault(status(code, &[]), of).await.kind(), ErrorKind::Unavailable, "{code}");
        }
        assert_eq!(fault(status(401, &[]), of).await.kind(), ErrorKind::Config);
        assert_eq!(fault(status(400, &[]), of).await.kind(), ErrorKind::Unsupported);
        assert_eq!(
            fault(status(302, &[("location", "http://127.0.0.1:1/elsewhere")]), of).await.kind(),
            ErrorKind::Config,
            "no redirect"
        );
        let raw = |content_type, body: &[u8], length| Serves::Raw { content_type, body: body.to_vec(), length };
        for (serves, kind) in [
            (raw("application/json", b"{\"id\": \"x\", \"outp", None), ErrorKind::Malformed),
            (raw("application/json", b"{\"id\": \"x\", \"outp", Some(500)), ErrorKind::Unavailable),
            (raw("application/json", b"[1, 2, 3]", None), ErrorKind::Malformed),
            (raw("application/json", b"{\"output\": 7, \"choices\": 7, \"content\": 7}", None), ErrorKind::Malformed),
            (raw("application/json", b"\xff\xfe", None), ErrorKind::Malformed),
            (raw("application/json", b"", None), ErrorKind::Malformed),
            (raw("text/html", b"<html>hunter2</html>", None), ErrorKind::Malformed),
            (Serves::Endless, ErrorKind::LimitExceeded),
            (Serves::Hangup, ErrorKind::Unavailable),
        ] {
            assert_eq!(fault(serves.clone(), of).await.kind(), kind, "{protocol:?} {serves:?}");
        }
        for (serves, kind) in [
            (Serves::Events(vec![]), ErrorKind::Unavailable),
            (
                Serves::Events(vec![json!({"type": "response.output_text.delta", "delta": "x"}).to_string()]),
                ErrorKind::Unavailable,
            ),
            (Serves::Events(vec!["{\"cut\": ".into()]), ErrorKind::Malformed),
            (Serves::Events(vec!["[DONE]".into()]), ErrorKind::Unavailable),
            (Serves::Events(vec![json!({"type": "error", "error": {"message": "hunter2"}}).to_string()]), ErrorKind::Unavailable),
            (Serves::Endless, ErrorKind::LimitExceeded),
            (raw("application/json", b"{}", None), ErrorKind::Malformed),
        ] {
            assert_eq!(fault(serves.clone(), streaming).await.kind(), kind, "{protocol:?} stream {serves:?}");
        }
    }
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gone = ModelSpec { base_url: Some(format!("http://{nobody}/v1")), ..ModelSpec::new(Protocol::Chat, "m", "") };
    assert_eq!(complete(gone, request()).await.unwrap_err().kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn a_service_that_takes_its_time_is_given_its_time_and_no_more() {
    for serves in [Serves::Silence, Serves::Drip(20)] {
        let server = ModelServer::start([serves.clone()]).await;
        let chain = Chain::default().then(open(spec(&server, Protocol::Openai), &Egress::default()).unwrap());
        let ctx = Context::new("acme", "ada").unwrap().to_host();
        let began = Instant::now();
        let error = chain.complete(ctx, ModelRequest { timeout_ms: 300, ..request() }).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{serves:?}");
        assert!(began.elapsed() >= Duration::from_millis(300));
    }
}

#[tokio::test]
async fn a_chain_gets_past_a_service_that_is_not_well() {
    let overloaded = Serves::Status(529, vec![], json!({"type": "error", "error": {"type": "overloaded_error"}}));
    let first = ModelServer::start([overloaded.clone(), overloaded, Serves::Text("{}".into())]).await;
    let second = ModelServer::start([Serves::Text(r#"{"from": "second"}"#.into())]).await;
    let ctx = || Context::new("acme", "ada").unwrap().to_host();
    let opened = |server, protocol| open(spec(server, protocol), &Egress::default()).unwrap();
    let chain = Chain::default().then(opened(&first, Protocol::Anthropic)).then(opened(&second, Protocol::Chat));
    let response = chain.complete(ctx(), request()).await.unwrap();
    let tried: Vec<_> = response.attempts.iter().map(|attempt| (attempt.model.as_str(), attempt.error)).collect();
    let failed = ("anthropic:gpt-5-mini", Some(ErrorKind::Unavailable));
    assert_eq!(tried, [failed, failed, ("anthropic:gpt-5-mini", None)]);
    let limited = ModelServer::start([Serves::Status(429, vec![("retry-after", "60".into())], json!({}))]).await;
    let chain = Chain::default().then(opened(&limited, Protocol::Openai)).then(opened(&second, Protocol::Chat));
    let response = chain.complete(ctx(), request()).await.unwrap();
    assert_eq!((response.output, limited.asked().len()), (Value::from(r#"{"from": "second"}"#), 1));
    let priced = response.cost_usd.unwrap();
    assert!((priced - (400.0 * 0.25 + 600.0 * 0.025 + 50.0 * 2.0) / 1e6).abs() < 1e-12, "{priced}");
}

#[tokio::test]
async fn only_hosts_that_are_let_out_are_asked() {
    let server = ModelServer::start([Serves::Text("{}".into())]).await;
    for egress in [Egress::source_only(), Egress::to(&["api.openai.com".into()]).unwrap()] {
        assert_eq!(open(spec(&server, Protocol::Chat), &egress).unwrap_err().kind(), ErrorKind::Denied);
    }
    let egress = Egress::to(&["127.0.0.*".into()]).unwrap();
    let model: Arc<dyn Model> = open(spec(&server, Protocol::Chat), &egress).unwrap();
    assert!(!format!("{model:?}").contains("hunter2"));
    model.complete(Context::new("acme", "ada").unwrap().to_host(), request()).await.unwrap();
    assert_eq!(server.asked().len(), 1);
}
