//! A MariaDB server of its own for a test: in a temporary folder, on a free loopback port with TLS, gone afterwards.
//!
//! Its settings are hostile on purpose: another time zone, and modes that change what quotes, `||` and backslashes mean. A session
//! that is not pinned fails tests.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder};

use crate::certificates::{Authority, Shown};

/// The password of every user: each printable character, quotes and backslash among them.
pub const PASSWORD: &str = r##" !"#$%&'()*+,-./0123456789:;<=>?@AZ[\]^_`az{|}~"##;

/// A server in its folder. Users `admin` (may do all) and `reader` (may read `shop`), both with [`PASSWORD`].
pub struct Server {
    process: Option<Process>,
    folder: tempfile::TempDir,
    authority: Authority,
    port: u16,
    options: Vec<String>,
    further: Vec<String>,
}

/// The server's process.
struct Process {
    server: Child,
    /// Ends the server, and removes its folder, when the process of the test is gone without a word.
    watcher: Child,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
        if let Some(mut input) = self.watcher.stdin.take() {
            let _ = input.write_all(b"done\n");
        }
        let _ = self.watcher.wait();
    }
}

impl Server {
    /// The server that all tests of a process share; nothing, and a line that says so, where MariaDB is not installed.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Server>> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(Shown::Good, &[])).as_ref()
    }

    /// Starts a server with further options, which shows the given certificate.
    pub fn start(shown: Shown, options: &[&str]) -> Option<Self> {
        let (Some(server), Some(tables)) = (program("mariadbd"), system_tables()) else {
            println!("skipped: mariadbd is not there");
            return None;
        };
        let folder = tempfile::tempdir().expect("a temporary folder");
        let authority = Authority::new(folder.path());
        place(&authority, shown, folder.path());
        let data = folder.path().join("data");
        if !bootstrap(&server, &data, &tables) {
            println!("skipped: mariadbd cannot make its tables here");
            return None;
        }
        let users = folder.path().join("users.sql");
        std::fs::write(&users, users_script()).expect("a file");
        let path = |name: &str, path: &Path| format!("--{name}={}", path.display());
        let mut all = vec![
            "--no-defaults".to_owned(),
            path("datadir", &data),
            path("socket", &folder.path().join("s.sock")),
            path("pid-file", &folder.path().join("pid")),
            // Servers remove leftovers of others where they share this.
            path("tmpdir", folder.path()),
            path("log-error", &folder.path().join("log")),
            path("init-file", &users),
            path("ssl-ca", authority.file()),
            path("ssl-cert", &folder.path().join("server.pem")),
            path("ssl-key", &folder.path().join("server.key")),
        ];
        all.extend(SETTINGS.iter().map(|option| (*option).to_owned()));
        all.extend(as_root().map(str::to_owned));
        let further = options.iter().map(|option| (*option).to_owned()).collect();
        let mut server = Self { process: None, folder, authority, port: 0, options: all, further };
        for _ in 0..3 {
            // Somebody may take the port before the server does.
            server.port =
                TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port();
            if server.restart() {
                return Some(server);
            }
        }
        println!("skipped: mariadbd does not start here");
        None
    }

    /// Starts it again at its port, with other further options; whether it answers.
    pub fn restart_with(&mut self, options: &[&str]) -> bool {
        self.further = options.iter().map(|option| (*option).to_owned()).collect();
        self.restart()
    }

    /// Shows another certificate to those who connect from now on.
    pub async fn show(&self, shown: Shown) {
        place(&self.authority, shown, self.folder.path());
        self.run("FLUSH SSL").await;
    }

    /// Starts it again at its port; whether it answers.
    pub fn restart(&mut self) -> bool {
        self.process = None;
        let Some(program) = program("mariadbd") else { return false };
        let server = Command::new(program)
            .args(&self.options)
            .args(&self.further)
            .arg(format!("--port={}", self.port))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(server) = server else { return false };
        let watcher = Command::new("sh")
            .args(["-c", "read -r _ && exit; kill -9 \"$0\"; sleep 0.2; rm -rf \"$1\""])
            .arg(server.id().to_string())
            .arg(self.folder.path())
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("there is a shell");
        let process = self.process.insert(Process { server, watcher });
        for _ in 0..300 {
            std::thread::sleep(Duration::from_millis(50));
            if process.server.try_wait().is_ok_and(|ended| ended.is_some()) {
                break;
            }
            let mut first = [0];
            let greeted = TcpStream::connect(("127.0.0.1", self.port)).is_ok_and(|mut stream| {
                stream.set_read_timeout(Some(Duration::from_secs(5))).is_ok() && stream.read_exact(&mut first).is_ok()
            });
            if greeted {
                return true;
            }
        }
        self.process = None;
        false
    }

    /// Ends it at once, as a machine does that loses power.
    pub fn kill(&mut self) {
        if let Some(process) = &mut self.process {
            let _ = process.server.kill();
            let _ = process.server.wait();
        }
    }

    /// The port at 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The authority behind its certificate.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Its socket.
    pub fn socket(&self) -> std::path::PathBuf {
        self.folder.path().join("s.sock")
    }

    /// A URL of database `shop` for `user`.
    pub fn url(&self, user: &str) -> String {
        let password: String = PASSWORD.bytes().map(|byte| format!("%{byte:02X}")).collect();
        format!("mysql://{user}:{password}@localhost:{}/shop", self.port)
    }

    /// A connection of `admin` in database `shop`, as the server sets it up but with its usual modes.
    pub async fn admin(&self) -> Conn {
        let options = OptsBuilder::default()
            .ip_or_hostname("127.0.0.1")
            .tcp_port(self.port)
            .user(Some("admin"))
            .pass(Some(PASSWORD))
            .db_name(Some("shop"))
            .prefer_socket(false);
        let mut connection = Conn::new(options).await.expect("the administrator can connect");
        connection.query_drop("SET sql_mode = '', time_zone = '+00:00', NAMES utf8mb4").await.expect("modes can be set");
        connection
    }

    /// Runs a script in database `shop`.
    pub async fn run(&self, script: &str) {
        let mut connection = self.admin().await;
        connection.query_drop(script).await.unwrap_or_else(|error| panic!("{error}\n{script}"));
        let _ = connection.disconnect().await;
    }

    /// The numbers of a query's first column.
    pub async fn numbers(&self, sql: &str) -> Vec<i64> {
        let mut connection = self.admin().await;
        let found = connection.query(sql).await.unwrap_or_else(|error| panic!("{error}\n{sql}"));
        let _ = connection.disconnect().await;
        found
    }
}

const SETTINGS: &[&str] = &[
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--character-set-server=utf8mb4",
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=16M",
    "--innodb-flush-log-at-trx-commit=0",
    "--max-connections=60",
    "--max-allowed-packet=64M",
    "--local-infile=1",
    "--default-time-zone=+03:00",
    "--sql-mode=ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES",
];

/// Puts a certificate where the server looks for its own.
fn place(authority: &Authority, shown: Shown, folder: &Path) {
    let files = authority.server(shown, folder);
    for (from, to) in [(files.certificate, "server.pem"), (files.key, "server.key")] {
        std::fs::rename(from, folder.join(to)).expect("files can be moved");
    }
}

fn users_script() -> String {
    let password = PASSWORD.replace('\'', "''");
    [
        "CREATE DATABASE IF NOT EXISTS shop CHARACTER SET utf8mb4;".to_owned(),
        format!("CREATE USER IF NOT EXISTS admin@'%' IDENTIFIED BY '{password}';"),
        "GRANT ALL ON *.* TO admin@'%' WITH GRANT OPTION;".to_owned(),
        format!("CREATE USER IF NOT EXISTS reader@'%' IDENTIFIED BY '{password}';"),
        "GRANT SELECT, SHOW VIEW, EXECUTE ON shop.* TO reader@'%';".to_owned(),
    ]
    .join("\n")
}

/// The scripts of the server's own tables; the installer that runs them needs programs of the client's package.
fn system_tables() -> Option<String> {
    let folder = ["/usr/share/mysql", "/usr/share/mariadb"].map(Path::new).into_iter().find(|folder| folder.is_dir())?;
    let scripts = ["mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql"].map(|name| {
        std::fs::read_to_string(folder.join(name))
            .or_else(|_| std::fs::read_to_string(folder.join(name.replace("mysql", "mariadb"))))
    });
    let mut all = "CREATE DATABASE mysql;\nUSE mysql;\nSET @skip_auth_anonymous = 1, @auth_root_socket = NULL;\n".to_owned();
    for script in scripts {
        all.push_str(&script.ok()?);
    }
    Some(all)
}

/// Makes a data folder; whether that went well.
fn bootstrap(server: &Path, data: &Path, tables: &str) -> bool {
    if std::fs::create_dir(data).is_err() {
        return false;
    }
    let started = Command::new(server)
        .args(["--no-defaults", "--bootstrap", "--innodb-log-file-size=16M"])
        .arg(format!("--datadir={}", data.display()))
        .args(as_root())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut process) = started else { return false };
    let written = process.stdin.take().is_some_and(|mut input| input.write_all(tables.as_bytes()).is_ok());
    process.wait().is_ok_and(|status| status.success()) && written
}

/// MariaDB does not run as root unless told to.
fn as_root() -> Option<&'static str> {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.starts_with(b"0\n"));
    is_root.then_some("--user=root")
}

fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(usual).map(|folder| folder.join(name)).find(|program| program.is_file())
}
