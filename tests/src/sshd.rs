//! An SSH host of its own for a test: OpenSSH's server on a free loopback port, with keys in a temporary folder, gone afterwards.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use leo::source::{SshAuth, SshHostKey, SshTunnel};

/// The server. It lets the test's own user in with the key `key`, encrypted with [`PASSPHRASE`].
pub struct Sshd {
    server: &'static str,
    process: Option<Child>,
    folder: tempfile::TempDir,
    port: u16,
    user: String,
}

/// What the user's key is encrypted with.
pub const PASSPHRASE: &str = "correct horse";

impl Drop for Sshd {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Sshd {
    /// Starts one; nothing, and a line that says so, where OpenSSH's server is not installed.
    ///
    /// # Panics
    /// When its folder cannot be written.
    pub fn start() -> Option<Self> {
        let server = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"].into_iter().find(|path| Path::new(path).exists());
        let (Some(server), Ok(name)) = (server, Command::new("id").arg("-un").output()) else {
            println!("skipped: sshd is not there");
            return None;
        };
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port();
        let user = String::from_utf8_lossy(&name.stdout).trim().to_owned();
        let mut sshd = Self { server, process: None, folder, port, user };
        for (file, passphrase) in [("host", ""), ("key", PASSPHRASE), ("stranger", "")] {
            let made =
                Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", passphrase, "-f"]).arg(sshd.path(file)).status();
            if !made.is_ok_and(|status| status.success()) {
                println!("skipped: ssh-keygen is not there");
                return None;
            }
        }
        std::fs::copy(sshd.path("key.pub"), sshd.path("authorized")).expect("a copy");
        let host = std::fs::read_to_string(sshd.path("host.pub")).expect("a key");
        let host: Vec<&str> = host.split_whitespace().take(2).collect();
        std::fs::write(sshd.path("known"), format!("[127.0.0.1]:{port} {}\n", host.join(" "))).expect("a file");
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nPidFile {}\nStrictModes no\nUsePAM no\n\
             PermitRootLogin yes\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nMaxStartups 100\n",
            sshd.path("host").display(),
            sshd.path("authorized").display(),
            sshd.path("pid").display(),
        );
        std::fs::write(sshd.path("config"), config).expect("a file");
        sshd.up().then_some(sshd)
    }

    /// Starts it again after [`stop`](Self::stop). Whether it answers.
    pub fn up(&mut self) -> bool {
        // Run by root it wants a folder of the system's, which others need not be able to make.
        let _ = std::fs::create_dir_all("/run/sshd");
        let log = self.path("log");
        let started = Command::new(self.server)
            .args(["-D", "-f"])
            .arg(self.path("config"))
            .arg("-E")
            .arg(&log)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.process = started.ok();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(10) {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        println!("skipped: sshd does not start: {}", std::fs::read_to_string(log).unwrap_or_default().trim());
        false
    }

    /// Ends the server and the connections through it.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // Each connection has a process of its own, a child of the server.
            let _ = Command::new("pkill").args(["-P", &process.id().to_string()]).status();
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// A file of its folder: `key`, `stranger` (a key that opens nothing), `known` (its host key).
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The way through it.
    pub fn tunnel(&self) -> SshTunnel {
        SshTunnel {
            port: self.port,
            host_key: SshHostKey::KnownIn(self.path("known")),
            ..SshTunnel::new(
                "127.0.0.1",
                &self.user,
                SshAuth::Key { file: self.path("key"), passphrase: PASSPHRASE.to_owned().into() },
            )
        }
    }

    /// The fingerprint of its key, as `ssh-keygen` prints it.
    ///
    /// # Panics
    /// When that program is gone.
    pub fn fingerprint(&self) -> String {
        let printed = Command::new("ssh-keygen").args(["-l", "-f"]).arg(self.path("host.pub")).output().expect("it ran");
        String::from_utf8_lossy(&printed.stdout).split_whitespace().nth(1).unwrap_or_default().to_owned()
    }
}
