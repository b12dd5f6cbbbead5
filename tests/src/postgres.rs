//! A PostgreSQL server of its own for a test: in a temporary folder, gone afterwards. Reached by a socket in there, or on a free loopback
//! port with TLS.

use std::fmt::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::certificates::{Authority, Shown};

/// The password of `admin` and `reader`: each printable character, quotes and backslash among them.
pub const PASSWORD: &str = r##" !"#$%&'()*+,-./0123456789:;<=>?@AZ[\]^_`az{|}~"##;

/// Who may come in by the network, how: `plain` without a password, `only_tls` in TLS alone, `nobody` never, all others by password.
const ACCESS: &str = "local all all trust
host all plain all trust
hostssl all only_tls all scram-sha-256
host all only_tls,nobody all reject
host all old all md5
host all open all password
host all all all scram-sha-256
";
/// Users; none but `admin` may write.
const USERS: &str = "CREATE ROLE admin SUPERUSER LOGIN PASSWORD :password; CREATE ROLE reader LOGIN PASSWORD :password;
CREATE ROLE plain LOGIN; CREATE ROLE only_tls LOGIN PASSWORD :password; CREATE ROLE nobody LOGIN PASSWORD :password;
CREATE ROLE locked NOLOGIN PASSWORD :password; CREATE ROLE open LOGIN PASSWORD :password;
SET password_encryption = 'md5'; CREATE ROLE old LOGIN PASSWORD :password; RESET password_encryption;
CREATE DATABASE closed; REVOKE CONNECT ON DATABASE closed FROM PUBLIC; CREATE DATABASE shop; REVOKE CREATE ON SCHEMA public FROM PUBLIC;
";

/// A running server.
pub struct Server {
    process: Option<Process>,
    folder: tempfile::TempDir,
    programs: PathBuf,
    /// Whom it runs as, where that is somebody else.
    user: Option<(u32, u32)>,
    settings: Vec<String>,
    network: Option<(u16, Authority)>,
}

/// The server's process.
struct Process {
    server: Child,
    /// Ends the server when the process of the test is gone, however it went.
    watcher: Child,
}

impl Drop for Process {
    fn drop(&mut self) {
        // A fast end, so that nothing of it stays behind.
        let _ = Command::new("kill").args(["-INT", &self.server.id().to_string()]).status();
        let _ = self.server.wait();
        let _ = self.watcher.kill();
        let _ = self.watcher.wait();
    }
}

/// What one statement did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// The SQLSTATE of preparing it, `00000` when that went well.
    pub prepared: String,
    /// The SQLSTATE of running it.
    pub ran: String,
    /// Its rows as text.
    pub rows: Vec<String>,
}

impl Server {
    /// Starts a server that is reached by its socket; nothing, and a line that says so, where PostgreSQL is not installed.
    pub fn start() -> Option<Self> {
        let mut server = Self::make()?;
        server.settings.push("listen_addresses=".to_owned());
        server.up().then_some(server)
    }

    /// The server on the network that all tests of a process share.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Server>> = OnceLock::new();
        SHARED.get_or_init(|| Self::listening(Some(Shown::Good), &[])).as_ref()
    }

    /// Starts a server on a free loopback port that shows the given certificate, or has no TLS.
    pub fn listening(shown: Option<Shown>, settings: &[&str]) -> Option<Self> {
        let mut server = Self::make()?;
        let authority = Authority::new(server.folder.path());
        if let Some(shown) = shown {
            let files = authority.server(shown, server.folder.path());
            for file in [&files.certificate, &files.key] {
                server.give(file, 0o600);
                let what = if *file == files.key { "ssl_key_file" } else { "ssl_cert_file" };
                server.settings.push(format!("{what}={}", file.display()));
            }
            server.settings.push("ssl=on".to_owned());
        }
        let access = server.folder.path().join("access.conf");
        std::fs::write(&access, ACCESS).expect("a file");
        server.give(&access, 0o600);
        server.settings.push(format!("hba_file={}", access.display()));
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port();
        let addresses = if TcpListener::bind("[::1]:0").is_ok() { "127.0.0.1,::1" } else { "127.0.0.1" };
        server.settings.push(format!("listen_addresses={addresses}"));
        server.settings.extend(settings.iter().map(|setting| (*setting).to_owned()));
        server.network = Some((port, authority));
        if !server.up() {
            return None;
        }
        let password = format!("'{}'", PASSWORD.replace('\'', "''"));
        server.run("postgres", &USERS.replace(":password", &password));
        Some(server)
    }

    /// A server's folder, with nothing running in it.
    fn make() -> Option<Self> {
        let Some(programs) = programs() else {
            println!("skipped: initdb of PostgreSQL is not there");
            return None;
        };
        let folder = tempfile::tempdir().expect("a temporary folder");
        // The server does not run as root.
        let number = |option: &str| -> Option<u32> {
            let output = Command::new("id").args([option, "postgres"]).output().ok()?;
            String::from_utf8_lossy(&output.stdout).trim().parse().ok()
        };
        let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.starts_with(b"0\n"));
        let user = if is_root { number("-u").zip(number("-g")) } else { None };
        if is_root && user.is_none() {
            println!("skipped: there is no user `postgres` to run PostgreSQL as");
            return None;
        }
        let settings = ["fsync=off", "full_page_writes=off", "max_connections=30", "jit=off"].map(str::to_owned).to_vec();
        let server = Self { process: None, folder, programs, user, settings, network: None };
        server.give(server.folder.path(), 0o700);
        let made = server
            .command("initdb")
            .arg("-D")
            .arg(server.data())
            .args(["-U", "postgres", "-A", "trust", "--locale=C", "-E", "UTF8", "-N"])
            .status();
        if !made.is_ok_and(|status| status.success()) {
            println!("skipped: initdb does not work here");
            return None;
        }
        Some(server)
    }

    /// Starts its process; whether it came up.
    pub fn up(&mut self) -> bool {
        let settings = self.settings.iter().flat_map(|setting| ["-c", setting]);
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data()).arg("-k").arg(self.folder.path()).args(settings);
        if let Some((port, _)) = &self.network {
            command.args(["-p", &port.to_string()]);
        }
        let Ok(server) = command.spawn() else { return false };
        let watch = format!("cat >/dev/null; kill -INT {}; sleep 1; rm -rf '{}'", server.id(), self.folder.path().display());
        let watcher =
            Command::new("sh").args(["-c", &watch]).stdin(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a shell");
        self.process = Some(Process { server, watcher });
        let is_ready = (0..300).any(|_| {
            std::thread::sleep(Duration::from_millis(100));
            let ready = self.client("pg_isready").arg("-q").status();
            ready.is_ok_and(|status| status.success())
        });
        if !is_ready {
            println!("skipped: PostgreSQL does not start here");
        }
        is_ready
    }

    /// Ends its process as a machine that loses power does.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.server.kill();
            let _ = process.server.wait();
        }
    }

    /// The port it listens on.
    ///
    /// # Panics
    /// When it is not on the network.
    pub fn port(&self) -> u16 {
        self.network.as_ref().expect("a server on the network").0
    }

    /// The certificate of its authority, PEM.
    ///
    /// # Panics
    /// When it is not on the network.
    pub fn authority(&self) -> &Path {
        self.network.as_ref().expect("a server on the network").1.file()
    }

    /// The folder that its socket is in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where `user` reaches `database`, with [`PASSWORD`] and its certificate checked.
    pub fn url(&self, user: &str, database: &str) -> String {
        let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
        let (password, authority) = (encode(PASSWORD), encode(&self.authority().display().to_string()));
        format!("postgres://{user}:{password}@127.0.0.1:{}/{database}?sslmode=verify-full&sslrootcert={authority}", self.port())
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A program run as whom the server runs as.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(self.folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }

    /// A client of its socket.
    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.arg("-h").arg(self.folder.path()).stderr(Stdio::null());
        if let Some((port, _)) = &self.network {
            command.args(["-p", &port.to_string()]);
        }
        command
    }

    /// Makes a file the server's own.
    fn give(&self, path: &Path, mode: u32) {
        if let Some((user, group)) = self.user {
            chown(path, Some(user), Some(group)).expect("root may do that");
        }
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("its owner may do that");
    }

    /// Runs a script in `database`; what it prints.
    pub fn run(&self, database: &str, script: &str) -> String {
        // Scripts of several threads do not meet.
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let file = self.folder.path().join(format!("script{}.sql", COUNT.fetch_add(1, Ordering::Relaxed)));
        std::fs::write(&file, script).expect("a script can be written");
        let output = self
            .client("psql")
            .args(["-X", "-q", "-A", "-t", "-F", "\u{1f}", "-P", "null=NULL", "-U", "postgres", "-d", database])
            .arg("-f")
            .arg(&file)
            .output()
            .expect("psql stands beside initdb");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs statements, each with its values as literals, and tells what each did.
    pub fn outcomes(&self, database: &str, statements: &[(String, Vec<String>)]) -> Vec<Outcome> {
        let mut script = String::from("SET statement_timeout = '3s';\n");
        for (sql, values) in statements {
            let values = if values.is_empty() { String::new() } else { format!("({})", values.join(", ")) };
            write!(script, "\\echo \u{1e}\nPREPARE p AS {sql};\n\\echo \u{1d}:SQLSTATE\nEXECUTE p{values};\n\\echo \u{1d}:SQLSTATE\nDEALLOCATE ALL;\n")
                .expect("text grows");
        }
        let printed = self.run(database, &script);
        printed.split("\u{1e}\n").skip(1).map(outcome).collect()
    }
}

fn outcome(printed: &str) -> Outcome {
    let mut outcome = Outcome::default();
    for line in printed.lines() {
        match line.strip_prefix('\u{1d}') {
            Some(state) if outcome.prepared.is_empty() => outcome.prepared = state.to_owned(),
            Some(state) => outcome.ran = state.to_owned(),
            None => outcome.rows.push(line.to_owned()),
        }
    }
    outcome.rows.sort();
    outcome
}

fn programs() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> =
        std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default();
    folders
        .extend(std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin")));
    folders.iter().find_map(|folder| {
        let program = folder.join("initdb").canonicalize().ok()?;
        let folder = program.parent().map(Path::to_owned)?;
        folder.join("postgres").exists().then_some(folder)
    })
}
