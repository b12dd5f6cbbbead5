//! Cassettes: what a model answered, recorded and played again.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::adapter::{Model, ModelMessage, ModelRequest, ModelResponse};
use crate::audit::mask_text;
use crate::context::HostContext;
use crate::error::{Error, Result};

/// Version of the files.
const VERSION: u32 = 1;
/// Characters of a line that a difference shows.
const SHOWN: usize = 160;

/// What a model answered, in a folder: one file for each different request, to be kept beside a test.
///
/// # Behavior
/// A request is found by the hash of everything a model reads of it; how long it may take does not count. Asked again, a cassette gives the
/// recorded answers of a request in turn, and then the last one for ever. In the files, e-mail addresses and long numbers of requests are masked;
/// answers are kept as they are, because what is played must be what was said: record with data that may be seen.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use leo::adapter::{Model, ModelPurpose, ModelRequest, ModelResponse};
/// use leo::context::HostContext;
/// use leo::model::Cassette;
///
/// #[derive(Debug)]
/// struct Parrot;
///
/// #[async_trait::async_trait]
/// impl Model for Parrot {
///     async fn complete(&self, _: HostContext, request: ModelRequest) -> leo::Result<ModelResponse> {
///         Ok(ModelResponse { output: request.messages[0].text.clone().into(), ..ModelResponse::default() })
///     }
/// }
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// # let folder = std::env::temp_dir().join(format!("leo-cassette-{}", std::process::id()));
/// let ctx = leo::Context::new("tests", "ada")?.to_host();
/// let request = |text: &str| ModelRequest::new(ModelPurpose::Plan, "Repeat.", text, serde_json::json!({}));
/// Cassette::record(&folder, Arc::new(Parrot))?.complete(ctx.clone(), request("hello")).await?;
///
/// let played = Cassette::replay(&folder)?;
/// assert_eq!(played.complete(ctx.clone(), request("hello")).await?.output, "hello");
/// let missed = played.complete(ctx, request("good morning")).await.unwrap_err();
/// assert!(missed.message().contains("good morning"));
/// # std::fs::remove_dir_all(folder).unwrap();
/// # Ok::<(), leo::Error>(()) }).unwrap();
/// ```
pub struct Cassette {
    folder: PathBuf,
    /// Who is asked what is not recorded yet.
    model: Option<Arc<dyn Model>>,
    tracks: Mutex<HashMap<String, Track>>,
}

/// A file.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Track {
    version: u32,
    /// Hash of the request.
    key: String,
    /// The request, masked: for people, and to say what is different.
    request: ModelRequest,
    responses: Vec<ModelResponse>,
    /// The response that comes next.
    #[serde(skip)]
    next: usize,
}

impl Cassette {
    /// Plays what is in `folder`.
    ///
    /// # Errors
    /// `NotFound` without such a folder; `Malformed` for a file that cannot be read, or of another version.
    pub fn replay(folder: impl AsRef<Path>) -> Result<Self> {
        let folder = folder.as_ref().to_owned();
        if !folder.is_dir() {
            return Err(Error::not_found("there is no folder with recorded answers here; record some first")
                .with_context("folder", folder.display().to_string()));
        }
        let tracks = Mutex::new(read(&folder)?);
        Ok(Self { folder, model: None, tracks })
    }

    /// Asks `model` and writes its answers into `folder`, which is made where there is none. What was recorded of a request before is replaced.
    ///
    /// # Errors
    /// `Config` where the folder cannot be written; `Malformed` as [`replay`](Self::replay).
    pub fn record(folder: impl AsRef<Path>, model: Arc<dyn Model>) -> Result<Self> {
        let folder = folder.as_ref().to_owned();
        std::fs::create_dir_all(&folder).map_err(|error| unwritable(&folder, error))?;
        read(&folder)?;
        Ok(Self { folder, model: Some(model), tracks: Mutex::default() })
    }

    /// Requests that it knows.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn play(&self, request: &ModelRequest) -> Result<ModelResponse> {
        let (key, mut tracks) = (request.hash(), self.lock());
        if let Some(track) = tracks.get_mut(&key) {
            let at = track.next.min(track.responses.len().saturating_sub(1));
            track.next += 1;
            return track
                .responses
                .get(at)
                .cloned()
                .ok_or_else(|| Error::malformed("a recorded request has no answer; record it again"));
        }
        Err(missed(&redacted(request), tracks.values())
            .with_context("folder", self.folder.display().to_string())
            .with_context("key", key))
    }

    fn write(&self, request: &ModelRequest, response: &ModelResponse) -> Result<()> {
        let key = request.hash();
        let mut tracks = self.lock();
        let track = tracks.entry(key.clone()).or_insert_with(|| Track {
            version: VERSION,
            key: key.clone(),
            request: redacted(request),
            responses: Vec::new(),
            next: 0,
        });
        track.responses.push(response.clone());
        let text =
            serde_json::to_string_pretty(&track).map_err(|error| Error::internal("a recording is no JSON").with_source(error))?;
        let name = format!("{}-{}", request.purpose.as_str(), &key[..16]);
        // Whole or not at all: a test may read while another one records.
        let (whole, part) =
            (self.folder.join(format!("{name}.json")), self.folder.join(format!("{name}.{}.part", std::process::id())));
        std::fs::write(&part, text + "\n")
            .and_then(|()| std::fs::rename(&part, &whole))
            .map_err(|error| unwritable(&self.folder, error))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Track>> {
        self.tracks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Model for Cassette {
    /// # Errors
    /// `NotFound` for a request that was not recorded, with what the nearest recorded one says instead; while recording, the model's own.
    async fn complete(&self, ctx: HostContext, request: ModelRequest) -> Result<ModelResponse> {
        let Some(model) = &self.model else { return self.play(&request) };
        let response = model.complete(ctx, request.clone()).await?;
        self.write(&request, &response)?;
        Ok(response)
    }

    fn id(&self) -> Option<String> {
        Some(self.model.as_ref().and_then(|model| model.id()).unwrap_or_else(|| "cassette".to_owned()))
    }
}

impl fmt::Debug for Cassette {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cassette").field("folder", &self.folder).field("records", &self.model.is_some()).finish_non_exhaustive()
    }
}

fn unwritable(folder: &Path, error: std::io::Error) -> Error {
    Error::config("answers cannot be recorded in this folder; check that it can be written to")
        .with_context("folder", folder.display().to_string())
        .with_source(error)
}

fn read(folder: &Path) -> Result<HashMap<String, Track>> {
    let unreadable = |path: &Path, what: &str| {
        Error::malformed(format!("a recorded answer {what}; record it again, or take the file out of the folder"))
            .with_context("file", path.display().to_string())
    };
    let mut tracks = HashMap::new();
    for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, "cannot be listed").with_source(error))? {
        let path = entry.map_err(|error| unreadable(folder, "cannot be listed").with_source(error))?.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = std::fs::read(&path).map_err(|error| unreadable(&path, "cannot be read").with_source(error))?;
        let track: Track = serde_json::from_slice(&text).map_err(|_| unreadable(&path, "is not what a recording looks like"))?;
        if track.version != VERSION {
            return Err(unreadable(&path, &format!("is of version {}, not {VERSION}", track.version)));
        }
        tracks.insert(track.key.clone(), track);
    }
    Ok(tracks)
}

fn redacted(request: &ModelRequest) -> ModelRequest {
    let messages =
        request.messages.iter().map(|message| ModelMessage { role: message.role, text: mask_text(&message.text).into_owned() });
    ModelRequest { messages: messages.collect(), instructions: mask_text(&request.instructions).into_owned(), ..request.clone() }
}

/// The error for a request that is not there: the first line in which the nearest recorded one differs.
fn missed<'t>(request: &ModelRequest, tracks: impl Iterator<Item = &'t Track>) -> Error {
    let wanted = lines(request);
    let same = |track: &&Track| {
        let theirs = lines(&track.request);
        let is_purpose = usize::from(track.request.purpose == request.purpose);
        // Most requests differ in a line of many: common lines at either end tell them apart well enough, in linear time.
        let (ours, theirs) = (wanted.iter(), theirs.iter());
        let front = ours.clone().zip(theirs.clone()).take_while(|(a, b)| a == b).count();
        let back = ours.rev().zip(theirs.rev()).take_while(|(a, b)| a == b).count();
        (is_purpose, front + back, std::cmp::Reverse(track.key.clone()))
    };
    let Some(nearest) = tracks.max_by_key(same) else {
        return Error::not_found("no answer is recorded here for any request; record some first");
    };
    let theirs = lines(&nearest.request);
    let shown = |line: Option<&String>| {
        line.map_or_else(|| "nothing".to_owned(), |line| format!("`{}`", line.chars().take(SHOWN).collect::<String>()))
    };
    let differs = (0..wanted.len().max(theirs.len())).find(|&at| wanted.get(at) != theirs.get(at));
    let what = match differs {
        Some(at) => format!("it says {} where the nearest recorded one says {}", shown(wanted.get(at)), shown(theirs.get(at))),
        None if request.schema != nearest.request.schema || request.tools != nearest.request.tools => {
            "the form it asks for differs".to_owned()
        }
        None => "it differs in what recordings mask".to_owned(),
    };
    Error::not_found(format!(
        "no answer is recorded for this request of purpose `{}`: {what}; record it anew",
        request.purpose.as_str()
    ))
}

fn lines(request: &ModelRequest) -> Vec<String> {
    let texts =
        std::iter::once(request.instructions.as_str()).chain(request.messages.iter().map(|message| message.text.as_str()));
    // The marks of a block differ where its text does, and the text says more.
    texts.flat_map(str::lines).filter(|line| !line.starts_with('⟦')).map(str::to_owned).collect()
}
