//! One request over HTTP, and everything that can go wrong with it.
//!
//! No redirects are followed, nothing is decompressed, and no more is read than an answer can be long. What a service says about an error may
//! repeat the key or the prompt, so that of it only the status and a word of a fixed form are told.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Response, StatusCode};
use url::Url;

use crate::error::{Error, ErrorKind, Result};

/// Time to reach a server.
const CONNECT: Duration = Duration::from_secs(10);
/// Bytes of an answer: a stream of 16,000 tokens with its wrapping is 6 MB.
const MAX_BYTES: usize = 16 << 20;
/// Bytes of an error that are looked at.
const MAX_ERROR_BYTES: usize = 64 << 10;
/// Longest wait that a service may ask for.
const MAX_WAIT: Duration = Duration::from_secs(24 * 3600);

/// Connections to services.
#[derive(Debug, Clone)]
pub(super) struct Http(Client);

/// What an answer has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Json,
    Events,
}

impl Wanted {
    fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Events => "text/event-stream",
        }
    }
}

/// The body of an answer that is being read.
pub(super) struct Body {
    response: Response,
    read: usize,
}

impl Http {
    /// # Errors
    /// `Config` when the file of authorities cannot be read, or this machine cannot speak TLS.
    pub(super) fn new(ca_file: Option<&Path>) -> Result<Self> {
        let mut client = Client::builder()
            .connect_timeout(CONNECT)
            .redirect(Policy::none())
            .user_agent(concat!("leo/", env!("CARGO_PKG_VERSION")))
            .referer(false);
        if let Some(file) = ca_file {
            let unreadable = || {
                Error::config("the file of trusted authorities (`ca_file`) cannot be read as PEM certificates")
                    .with_context("file", file.display().to_string())
            };
            let text = std::fs::read(file).map_err(|error| unreadable().with_source(error))?;
            let found = Certificate::from_pem_bundle(&text).ok().filter(|found| !found.is_empty()).ok_or_else(unreadable)?;
            client = found.into_iter().fold(client, |client, one| client.add_root_certificate(one));
        }
        let client =
            client.build().map_err(|_| Error::config("connections to model services cannot be set up on this machine"))?;
        Ok(Self(client))
    }

    /// Posts `body` and waits for the beginning of an answer.
    ///
    /// # Errors
    /// `Unavailable` (not reached, 5xx), `RateLimited` (429, with the time to wait), `OverBudget` (the account is used up), `Config`
    /// (the key, the name or the place is wrong), `LimitExceeded` (the prompt is too long), `Unsupported` (the service cannot do
    /// what was asked), `Malformed` (the answer is something else).
    pub(super) async fn post(&self, url: &Url, headers: HeaderMap, body: Vec<u8>, wanted: Wanted) -> Result<Body> {
        let request = self.0.post(url.clone()).headers(headers).header(CONTENT_TYPE, "application/json").body(body);
        let response = request.send().await.map_err(|error| unreached(&error))?;
        let body = Body { response, read: 0 };
        if !body.response.status().is_success() {
            return Err(body.refusal().await);
        }
        let is_wanted =
            |found: &str| found.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(wanted.content_type()));
        match body.response.headers().get(CONTENT_TYPE).and_then(|found| found.to_str().ok()) {
            Some(found) if is_wanted(found) => Ok(body),
            _ => Err(Error::malformed(format!(
                "the model's service answered with something else than `{}`; look whether the base URL leads to the API itself",
                wanted.content_type()
            ))),
        }
    }
}

impl Body {
    /// The next piece; nothing at the end.
    ///
    /// # Errors
    /// `Unavailable` when the connection breaks off, `LimitExceeded` when there is more than an answer can be.
    pub(super) async fn piece(&mut self) -> Result<Option<impl AsRef<[u8]>>> {
        let piece = self.response.chunk().await.map_err(|_| broken_off())?;
        self.read += piece.as_ref().map_or(0, |piece| piece.len());
        match self.read > MAX_BYTES {
            true => {
                Err(Error::limit_exceeded(format!("the model's answer is larger than {} MiB; it was not read", MAX_BYTES >> 20)))
            }
            false => Ok(piece),
        }
    }

    /// All of it.
    ///
    /// # Errors
    /// As [`piece`](Self::piece).
    pub(super) async fn whole(mut self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.piece().await? {
            bytes.extend_from_slice(piece.as_ref());
        }
        Ok(bytes)
    }

    /// What an answer other than success means.
    async fn refusal(mut self) -> Error {
        let (status, wait) = (self.response.status(), wait(self.response.headers(), Timestamp::now()));
        let mut bytes = Vec::new();
        // A body that breaks off says less, and no more is lost.
        while bytes.len() < MAX_ERROR_BYTES
            && let Ok(Some(piece)) = self.response.chunk().await
        {
            bytes.extend_from_slice(&piece);
        }
        refusal(status, word(&bytes).as_deref(), wait)
    }
}

fn broken_off() -> Error {
    Error::unavailable("the model's answer broke off; try again")
}

fn unreached(error: &reqwest::Error) -> Error {
    // Its own words hold the address, which may be as private as a key.
    match (error.is_timeout(), error.is_connect()) {
        (true, _) => Error::unavailable("the model's service was not reached in time; look at the network, or try again"),
        (false, true) => {
            Error::unavailable("the model's service cannot be reached; check the base URL, the network and its certificate")
        }
        (false, false) => broken_off(),
    }
}

/// The word that says what is wrong: `error.code`, or `error.type`. Only what looks like a word of a program is taken.
fn word(body: &[u8]) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    let error = body.get("error")?;
    let is_word = |word: &&str| (1..=40).contains(&word.len()) && word.bytes().all(|c| c.is_ascii_lowercase() || c == b'_');
    let of = |key| error.get(key).and_then(serde_json::Value::as_str).filter(is_word);
    of("code").or_else(|| of("type")).map(str::to_owned)
}

fn refusal(status: StatusCode, word: Option<&str>, wait: Option<Duration>) -> Error {
    let (kind, advice) = match (status.as_u16(), word) {
        (_, Some("insufficient_quota" | "billing_error" | "billing_not_active")) | (402, _) => {
            (ErrorKind::OverBudget, "the account with the service is used up")
        }
        (_, Some("context_length_exceeded")) | (413, _) => {
            (ErrorKind::LimitExceeded, "the prompt is too long for this model; lower `model.max_prompt_tokens`")
        }
        (429, _) => (ErrorKind::RateLimited, "too much was asked of it in a short time"),
        (401 | 403, _) => (ErrorKind::Config, "the key is wrong, or may not use this model"),
        (404 | 405, _) => (ErrorKind::Config, "there is no such model or no such place; check the model's name and the base URL"),
        (300..=399, _) => (ErrorKind::Config, "it sends on to another place; name that as the base URL"),
        (408, _) | (500.., _) => (ErrorKind::Unavailable, "it is not well; try again later"),
        _ => (ErrorKind::Unsupported, "it does not take the request; try another `output`"),
    };
    let word = word.map_or_else(String::new, |word| format!(", {word}"));
    let error = Error::new(kind, format!("the model's service answered {}{word}: {advice}", status.as_u16()));
    match wait {
        Some(wait) => error.with_retry_after(wait),
        None => error,
    }
}

/// How long the service asks to wait: seconds, or a moment (RFC 9110, 10.2.3), or milliseconds where it says those.
fn wait(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let milliseconds = text("retry-after-ms").and_then(|text| text.parse::<f64>().ok()).map(|ms| ms / 1000.0);
    let seconds = milliseconds.or_else(|| {
        let text = text(RETRY_AFTER.as_str())?;
        text.parse::<f64>().ok().or_else(|| {
            // An HTTP date is one of RFC 2822 with another name of its zone.
            let moment = rfc2822::parse(&text.replace("GMT", "+0000")).ok()?;
            Some(moment.timestamp().duration_since(now).as_secs_f64())
        })
    })?;
    Duration::try_from_secs_f64(seconds.max(0.0)).ok().map(|wait| wait.min(MAX_WAIT))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_read_in_all_its_forms() {
        let now: Timestamp = "2026-11-08T08:00:00Z".parse().unwrap();
        let of = |name: &'static str, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            wait(&headers, now).map(|wait| wait.as_millis())
        };
        assert_eq!(of("retry-after", "7"), Some(7_000));
        assert_eq!(of("retry-after", "1.5"), Some(1_500));
        assert_eq!(of("retry-after-ms", "250"), Some(250));
        assert_eq!(of("retry-after", "Sun, 08 Nov 2026 08:00:30 GMT"), Some(30_000));
        assert_eq!(of("retry-after", "Sun, 08 Nov 2026 07:00:00 GMT"), Some(0));
        assert_eq!(of("retry-after", "-3"), Some(0));
        assert_eq!(of("retry-after", "1e300"), None);
        assert_eq!(of("retry-after", "inf"), None);
        assert_eq!(of("retry-after", "99999999"), Some(86_400_000));
        assert_eq!(of("retry-after", "soon"), None);
    }

    #[test]
    fn a_refusal_tells_no_words_of_the_service() {
        let body = br#"{"error": {"message": "Incorrect API key provided: sk-s3cret", "type": "invalid_request_error", "code": "invalid_api_key"}}"#;
        let error = refusal(StatusCode::UNAUTHORIZED, word(body).as_deref(), None);
        assert_eq!(
            error.to_string(),
            "config: the model's service answered 401, invalid_api_key: the key is wrong, or may not use this model"
        );
        for strange in [&br#"{"error": {"code": "sk-s3cret Key"}}"#[..], br#"{"error": "s3cret"}"#, b"<html>s3cret", b"\xff"] {
            assert_eq!(word(strange), None);
        }
    }

    #[test]
    fn what_can_be_done_is_told_apart() {
        let kind = |status: u16, word: Option<&str>| refusal(StatusCode::from_u16(status).unwrap(), word, None).kind();
        assert_eq!(kind(429, None), ErrorKind::RateLimited);
        assert_eq!(kind(429, Some("insufficient_quota")), ErrorKind::OverBudget);
        assert_eq!([kind(500, None), kind(529, Some("overloaded_error")), kind(408, None)], [ErrorKind::Unavailable; 3]);
        assert_eq!([kind(401, None), kind(403, None), kind(404, None), kind(302, None)], [ErrorKind::Config; 4]);
        assert_eq!([kind(400, None), kind(422, None)], [ErrorKind::Unsupported; 2]);
        assert_eq!(kind(400, Some("context_length_exceeded")), ErrorKind::LimitExceeded);
    }
}
