//! The peer itself: takes connections, plays what is scripted, writes down what it saw.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::login::{self, Login};
use super::packet::{self, ATTENTION, LOGIN7, PRELOGIN};
use super::request::Request;
use super::{tls, token};
use crate::certificates::Files;

/// What a client sent, in order, over all connections.
#[derive(Debug, Clone)]
pub enum Seen {
    /// A pre-login with this value of ENCRYPTION: 1 on, 2 not supported.
    Prelogin(u8),
    /// A login.
    Login(Login),
    /// A request.
    Request(Request),
    /// An attention, and when.
    Attention(Instant),
    /// The client closed the connection.
    Closed,
}

/// A part of an answer.
#[derive(Debug, Clone)]
pub enum Step {
    /// Tokens; sent at once.
    Send(Vec<u8>),
    /// Nothing for this time, unless an attention comes.
    Wait(Duration),
    /// The connection is cut.
    Cut,
    /// Tokens as they come, unless an attention comes.
    Flow(Flow),
}

/// Tokens that somebody is still finding; he finds nobody reading on when this is dropped.
#[derive(Debug, Clone)]
pub struct Flow(Arc<tokio::sync::Mutex<mpsc::Receiver<Vec<u8>>>>);

impl Flow {
    /// What is received.
    pub fn new(tokens: mpsc::Receiver<Vec<u8>>) -> Self {
        Self(Arc::new(tokio::sync::Mutex::new(tokens)))
    }
}

/// How the peer treats a client until the first request, and at an attention.
#[derive(Debug, Clone, Default)]
pub struct Manners {
    /// Its certificate; without one it does not encrypt.
    pub certificate: Option<Files>,
    /// It speaks TLS 1.3 as well.
    pub newest_tls: bool,
    /// It takes unencrypted connections although it has a certificate.
    pub encryption_optional: bool,
    /// The password it takes; any unless set.
    pub password: Option<String>,
    /// Tokens it sends instead of the login's acknowledgement.
    pub login_answer: Option<Vec<u8>>,
    /// What it says to a pre-login instead of an answer; then it closes.
    pub greeting: Option<Vec<u8>>,
    /// The state in which it cuts the connection: `prelogin`, `tls`, `login`.
    pub cut_at: Option<&'static str>,
    /// It says nothing to a pre-login.
    pub silent: bool,
    /// It does not acknowledge attentions.
    pub ignores_attention: bool,
}

type Script = Arc<dyn Fn(&Request) -> Vec<Step> + Send + Sync>;

/// A listening peer; it ends when dropped.
pub struct Peer {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Peer {
    /// Listens on a free port of this machine. `script` answers each request.
    pub async fn start(manners: Manners, script: impl Fn(&Request) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let script: Script = Arc::new(script);
        let log = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (manners, script, log) = (manners.clone(), Arc::clone(&script), Arc::clone(&log));
                tokio::spawn(async move {
                    serve(stream, &manners, &script, &log).await;
                    log.lock().expect("a log").push(Seen::Closed);
                });
            }
        });
        Self { address, seen, task }
    }

    /// The port it listens at, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// What was sent so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("a log").clone()
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.seen().into_iter().filter_map(|seen| if let Seen::Request(request) = seen { Some(request) } else { None }).collect()
    }

    /// How many clients are logged in.
    pub fn connections(&self) -> usize {
        let seen = self.seen();
        let logins = seen.iter().filter(|seen| matches!(seen, Seen::Login(_))).count();
        logins.saturating_sub(seen.iter().filter(|seen| matches!(seen, Seen::Closed)).count())
    }

    /// Forgets what was sent so far.
    pub fn forget(&self) {
        self.seen.lock().expect("a log").clear();
    }
}

async fn serve(mut stream: TcpStream, manners: &Manners, script: &Script, seen: &Mutex<Vec<Seen>>) -> Option<()> {
    let note = |what: Seen| seen.lock().expect("a log").push(what);
    stream.set_nodelay(true).ok()?;
    if let Some(greeting) = &manners.greeting {
        stream.write_all(greeting).await.ok()?;
        return stream.shutdown().await.ok();
    }
    let (kind, prelogin) = packet::read(&mut stream).await?;
    assert_eq!(kind, PRELOGIN);
    let asked = login::encryption(&prelogin)?;
    note(Seen::Prelogin(asked));
    if manners.silent {
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    if manners.cut_at == Some("prelogin") {
        return None;
    }
    // The table of 2.2.6.5: on for whoever asks, required unless optional, not supported without a certificate.
    let answer = match (&manners.certificate, asked) {
        (None, _) => 2,
        (Some(_), 1 | 3) => 1,
        (Some(_), _) if manners.encryption_optional => 2,
        (Some(_), _) => 3,
    };
    packet::write(&mut stream, &login::prelogin(answer), true).await?;
    if manners.cut_at == Some("tls") {
        return None;
    }
    match &manners.certificate {
        Some(files) if answer == 1 => {
            talk(tls::accept(stream, files, manners.newest_tls).await.ok()?, true, manners, script, seen).await
        }
        _ => talk(stream, false, manners, script, seen).await,
    }
}

async fn talk<S>(mut stream: S, protected: bool, manners: &Manners, script: &Script, seen: &Mutex<Vec<Seen>>) -> Option<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let note = |what: Seen| seen.lock().expect("a log").push(what);
    let (kind, payload) = packet::read(&mut stream).await?;
    assert_eq!(kind, LOGIN7);
    let login = Login::parse(&payload, protected)?;
    note(Seen::Login(login.clone()));
    if manners.cut_at == Some("login") {
        return None;
    }
    let refused = [token::error(18_456, 14, "Login failed for user."), token::done_error()].concat();
    let answer = match (&manners.login_answer, &manners.password) {
        (Some(answer), _) => answer.clone(),
        (None, Some(password)) if *password != login.password => refused,
        _ => [token::packet_size(), token::login_ack(), token::info(5_701, "Changed database context."), token::done()].concat(),
    };
    packet::write(&mut stream, &answer, true).await?;

    let (mut back, mut out) = tokio::io::split(stream);
    let (sender, mut messages) = mpsc::unbounded_channel();
    let reader = tokio::spawn(async move {
        while let Some(message) = packet::read(&mut back).await {
            if sender.send(message).is_err() {
                return;
            }
        }
    });
    let _stop = Stop(reader);
    while let Some((kind, payload)) = messages.recv().await {
        if kind == ATTENTION {
            // Too late for the answer; it is acknowledged all the same (2.2.1.7).
            note(Seen::Attention(Instant::now()));
            if !manners.ignores_attention {
                packet::write(&mut out, &token::done_attention(), true).await?;
            }
            continue;
        }
        let request = Request::parse(kind, &payload).expect("a request");
        note(Seen::Request(request.clone()));
        let mut steps = script(&request).into_iter().peekable();
        let mut stopped = false;
        while let Some(step) = steps.next() {
            let pause = match step {
                Step::Send(tokens) => {
                    packet::write(&mut out, &tokens, steps.peek().is_none()).await?;
                    continue;
                }
                Step::Wait(pause) => pause,
                Step::Cut => return None,
                Step::Flow(flow) => {
                    let mut tokens = flow.0.lock().await;
                    // One part is held back, since the last one says that it is.
                    let mut held: Option<Vec<u8>> = None;
                    loop {
                        tokio::select! {
                            part = tokens.recv() => {
                                let is_end = part.is_none();
                                if let Some(before) = std::mem::replace(&mut held, part) {
                                    packet::write(&mut out, &before, is_end).await?;
                                }
                                if is_end {
                                    break;
                                }
                            }
                            message = messages.recv() => {
                                assert_eq!(message?.0, ATTENTION, "nothing else is sent before the answer is over");
                                note(Seen::Attention(Instant::now()));
                                stopped = !manners.ignores_attention;
                                if stopped {
                                    break;
                                }
                            }
                        }
                    }
                    break;
                }
            };
            let until = tokio::time::Instant::now() + pause;
            while let Ok(message) = tokio::time::timeout_at(until, messages.recv()).await {
                let (kind, _) = message?;
                assert_eq!(kind, ATTENTION, "nothing else is sent before the answer is over");
                note(Seen::Attention(Instant::now()));
                stopped = !manners.ignores_attention;
                if stopped {
                    break;
                }
            }
            if stopped {
                break;
            }
        }
        if stopped {
            packet::write(&mut out, &token::done_attention(), true).await?;
        }
    }
    Some(())
}

/// Ends the reader with its connection.
struct Stop(JoinHandle<()>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
