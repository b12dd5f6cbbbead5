//! A model's service on a loopback port, which speaks the real protocols and fails as real ones do.
//!
//! Bytes are written by hand, so that what no server library would send can be sent: bodies that break off, wrong lengths, one byte at a time.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the service does with one request.
#[derive(Debug, Clone)]
pub enum Serves {
    /// Answers with this text, as the protocol wraps it, or in a stream where one was asked for.
    Text(String),
    /// Calls a function.
    Call(&'static str, Value),
    /// Refuses, as the protocol says it.
    Refusal,
    /// Answers with a text that breaks off for its length.
    Cut(String),
    /// A status with these headers and a JSON error.
    Status(u16, Vec<(&'static str, String)>, Value),
    /// These very bytes behind the head of a success, under this content type, with this as `content-length`.
    Raw { content_type: &'static str, body: Vec<u8>, length: Option<usize> },
    /// A stream of these events that then breaks off.
    Events(Vec<String>),
    /// Bytes without end, in one JSON text or in a stream.
    Endless,
    /// One byte of an answer each so many milliseconds.
    Drip(u64),
    /// Nothing at all.
    Silence,
    /// The connection is closed at once.
    Hangup,
}

/// A request that came in.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Path of the request.
    pub path: String,
    /// Head, in lower case.
    pub head: String,
    /// Body, as JSON.
    pub body: Value,
    /// Every byte of head and body.
    pub bytes: Vec<u8>,
}

type Answer = Box<dyn Fn(&Asked, usize) -> Serves + Send + Sync>;

/// A running service. Dropped, it is gone.
pub struct ModelServer {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: JoinHandle<()>,
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl ModelServer {
    /// A service that does one after the other, and the last one for ever.
    pub async fn start(serves: impl IntoIterator<Item = Serves>) -> Self {
        let mut left: VecDeque<Serves> = serves.into_iter().collect();
        let last = left.pop_back().expect("a service does something");
        let left = Mutex::new(left);
        Self::answering(move |_, _| left.lock().unwrap().pop_front().unwrap_or_else(|| last.clone())).await
    }

    /// A service that looks at what it is asked, and at the number of the request.
    pub async fn answering(answer: impl Fn(&Asked, usize) -> Serves + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, asked) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let (seen, answer): (_, Arc<Answer>) = (Arc::clone(&asked), Arc::new(Box::new(answer)));
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                connections.spawn(async move {
                    let _ = serve(stream, &seen, &answer).await;
                });
            }
        });
        Self { address, asked, task }
    }

    /// Its base URL.
    pub fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(stream: TcpStream, seen: &Mutex<Vec<Asked>>, answer: &Answer) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    loop {
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if read.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let lower = line.to_ascii_lowercase();
            if let Some(value) = lower.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            head.push_str(&line);
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        read.read_exact(&mut body).await?;
        let asked = Asked {
            path: head.split(' ').nth(1).unwrap_or_default().to_owned(),
            body: serde_json::from_slice(&body).unwrap_or_default(),
            bytes: [head.as_bytes(), &body].concat(),
            head: head.to_ascii_lowercase(),
        };
        let at = {
            let mut seen = seen.lock().unwrap();
            seen.push(asked.clone());
            seen.len() - 1
        };
        if !respond(&mut write, &asked, answer(&asked, at)).await? {
            return Ok(());
        }
    }
}

/// Whether the connection may be used again.
async fn respond(write: &mut (impl AsyncWriteExt + Unpin), asked: &Asked, serves: Serves) -> std::io::Result<bool> {
    let streams = asked.body["stream"] == true;
    let json = "application/json; charset=utf-8";
    match serves {
        Serves::Text(text) => send(write, asked, streams, said(asked, &text, None), &events(asked, &text, None)).await,
        Serves::Cut(text) => {
            send(write, asked, streams, said(asked, &text, Some("cut")), &events(asked, &text, Some("cut"))).await
        }
        Serves::Refusal => {
            send(write, asked, streams, said(asked, "", Some("refused")), &events(asked, "", Some("refused"))).await
        }
        Serves::Call(name, arguments) => {
            send(write, asked, streams, called(asked, name, &arguments), &call_events(asked, name, &arguments)).await
        }
        Serves::Status(status, headers, body) => {
            let extra: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            let body = body.to_string();
            let head = format!("HTTP/1.1 {status} Nope\r\ncontent-type: {json}\r\n{extra}content-length: {}\r\n\r\n", body.len());
            write.write_all(head.as_bytes()).await?;
            write.write_all(body.as_bytes()).await?;
            Ok(true)
        }
        Serves::Raw { content_type, body, length } => {
            let length = length.unwrap_or(body.len());
            write
                .write_all(
                    format!("HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\r\n").as_bytes(),
                )
                .await?;
            write.write_all(&body).await?;
            Ok(length == body.len())
        }
        Serves::Events(events) => {
            write.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n").await?;
            for event in events {
                write.write_all(format!("data: {event}\n\n").as_bytes()).await?;
            }
            Ok(false)
        }
        Serves::Endless => {
            let kind = if streams { "text/event-stream" } else { "application/json" };
            write.write_all(format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\n\r\n").as_bytes()).await?;
            let piece = match streams {
                true => format!("data: {}\n\n", delta(asked, &"on and on ".repeat(500))),
                false => "\"on and on\", ".repeat(1_000),
            };
            if !streams {
                write.write_all(b"[").await?;
            }
            loop {
                write.write_all(piece.as_bytes()).await?;
            }
        }
        Serves::Drip(ms) => {
            write.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n").await?;
            loop {
                write.write_all(b" ").await?;
                tokio::time::sleep(Duration::from_millis(ms)).await;
            }
        }
        Serves::Silence => std::future::pending().await,
        Serves::Hangup => Ok(false),
    }
}

async fn send(
    write: &mut (impl AsyncWriteExt + Unpin),
    _: &Asked,
    streams: bool,
    whole: Value,
    events: &[String],
) -> std::io::Result<bool> {
    if streams {
        write
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nconnection: close\r\n\r\n")
            .await?;
        write.write_all(b": a comment\n\n").await?;
        for event in events {
            write.write_all(format!("event: whatever\ndata: {event}\n\n").as_bytes()).await?;
            write.flush().await?;
        }
        return Ok(false);
    }
    let body = whole.to_string();
    write
        .write_all(
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len())
                .as_bytes(),
        )
        .await?;
    Ok(true)
}

/// Which protocol a request speaks.
fn protocol(asked: &Asked) -> &'static str {
    match asked.path.as_str() {
        "/v1/responses" => "openai",
        "/v1/messages" => "anthropic",
        "/v1/chat/completions" => "chat",
        other => panic!("nobody serves {other}"),
    }
}

/// A whole answer. Fields that no client needs are there too, and some that none knows.
fn said(asked: &Asked, text: &str, why: Option<&str>) -> Value {
    let model = &asked.body["model"];
    match protocol(asked) {
        "openai" => {
            let content = match why {
                Some("refused") => json!([{"type": "refusal", "refusal": "I would rather not."}]),
                _ => json!([{"type": "output_text", "text": text, "annotations": []}]),
            };
            json!({
                "id": "resp_1", "object": "response", "model": model, "service_tier": "something new",
                "status": if why == Some("cut") { "incomplete" } else { "completed" },
                "incomplete_details": if why == Some("cut") { json!({"reason": "max_output_tokens"}) } else { Value::Null },
                "output": [{"type": "reasoning", "id": "rs_1", "summary": []}, {"type": "message", "role": "assistant", "content": content}],
                "usage": {"input_tokens": 1000, "input_tokens_details": {"cached_tokens": 600}, "output_tokens": 50, "total_tokens": 1050}
            })
        }
        "anthropic" => json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": model,
            "content": [{"type": "text", "text": text}],
            "stop_reason": match why { Some("cut") => "max_tokens", Some("refused") => "refusal", _ => "end_turn" },
            "usage": {"input_tokens": 300, "cache_read_input_tokens": 600, "cache_creation_input_tokens": 100, "output_tokens": 50}
        }),
        _ => json!({
            "id": "chatcmpl-1", "object": "chat.completion", "model": model, "created": 1,
            "choices": [{
                "index": 0, "finish_reason": if why == Some("cut") { "length" } else { "stop" }, "logprobs": null,
                "message": {"role": "assistant", "content": text, "refusal": (why == Some("refused")).then_some("I would rather not.")}
            }],
            "usage": {"prompt_tokens": 1000, "completion_tokens": 50, "prompt_tokens_details": {"cached_tokens": 600}}
        }),
    }
}

fn called(asked: &Asked, name: &str, arguments: &Value) -> Value {
    let mut whole = said(asked, "", None);
    match protocol(asked) {
        "openai" => {
            whole["output"][1] =
                json!({"type": "function_call", "call_id": "c", "name": name, "arguments": arguments.to_string()})
        }
        "anthropic" => {
            whole["content"] = json!([{"type": "text", "text": "Let me see."}, {"type": "tool_use", "id": "t", "name": name, "input": arguments}]);
            whole["stop_reason"] = "tool_use".into();
        }
        _ => {
            whole["choices"][0]["message"] = json!({"role": "assistant", "content": null, "tool_calls": [{"id": "c", "type": "function", "function": {"name": name, "arguments": arguments.to_string()}}]});
        }
    }
    whole
}

/// Two halves of a text, at a character.
fn halves(text: &str) -> [&str; 2] {
    let middle = text.char_indices().map(|(at, _)| at).nth(text.chars().count() / 2).unwrap_or(0);
    [&text[..middle], &text[middle..]]
}

fn delta(asked: &Asked, text: &str) -> String {
    match protocol(asked) {
        "openai" => json!({"type": "response.output_text.delta", "delta": text}).to_string(),
        "anthropic" => {
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}).to_string()
        }
        _ => json!({"model": asked.body["model"], "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]})
            .to_string(),
    }
}

/// The same answer in pieces.
fn events(asked: &Asked, text: &str, why: Option<&str>) -> Vec<String> {
    let whole = said(asked, text, why);
    let pieces = halves(text).map(|half| delta(asked, half));
    match protocol(asked) {
        "openai" => {
            let end = if why == Some("cut") { "response.incomplete" } else { "response.completed" };
            let first = json!({"type": "response.created", "response": {"status": "in_progress"}}).to_string();
            [vec![first], pieces.to_vec(), vec![json!({"type": end, "response": whole}).to_string()]].concat()
        }
        "anthropic" => {
            let mut start = whole.clone();
            (start["content"], start["stop_reason"]) = (json!([]), Value::Null);
            let mut events = vec![
                json!({"type": "message_start", "message": start}).to_string(),
                json!({"type": "ping"}).to_string(),
                json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}).to_string(),
            ];
            events.extend(pieces);
            events.push(json!({"type": "content_block_stop", "index": 0}).to_string());
            events.push(
                json!({"type": "message_delta", "delta": {"stop_reason": whole["stop_reason"]}, "usage": {"output_tokens": 50}})
                    .to_string(),
            );
            events.push(json!({"type": "message_stop"}).to_string());
            events
        }
        _ => {
            let choice = &whole["choices"][0];
            let mut events = pieces.to_vec();
            if why == Some("refused") {
                events.push(json!({"choices": [{"index": 0, "delta": {"refusal": "I would rather not."}}]}).to_string());
            }
            events.push(json!({"choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]}).to_string());
            events.push(json!({"choices": [], "usage": whole["usage"]}).to_string());
            events.push("[DONE]".into());
            events
        }
    }
}

fn call_events(asked: &Asked, name: &str, arguments: &Value) -> Vec<String> {
    let text = arguments.to_string();
    let [first, second] = halves(&text);
    match protocol(asked) {
        "openai" => vec![
            json!({"type": "response.function_call_arguments.delta", "delta": text}).to_string(),
            json!({"type": "response.completed", "response": called(asked, name, arguments)}).to_string(),
        ],
        "anthropic" => {
            let piece = |text: &str| {
                json!({"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": text}})
                    .to_string()
            };
            let mut start = said(asked, "", None);
            start["content"] = json!([]);
            vec![
                json!({"type": "message_start", "message": start}).to_string(),
                json!({"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "id": "t", "name": name, "input": {}}}).to_string(),
                piece(first),
                piece(second),
                json!({"type": "content_block_stop", "index": 0}).to_string(),
                json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 50}}).to_string(),
                json!({"type": "message_stop"}).to_string(),
            ]
        }
        _ => {
            let piece = |function: Value| {
                json!({"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": function}]}}]}).to_string()
            };
            vec![
                piece(json!({"name": name, "arguments": ""})),
                piece(json!({"arguments": first})),
                piece(json!({"arguments": second})),
                json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}).to_string(),
                json!({"choices": [], "usage": said(asked, "", None)["usage"]}).to_string(),
                "[DONE]".into(),
            ]
        }
    }
}
