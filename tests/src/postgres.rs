//! A PostgreSQL server of its own for a test: in a temporary folder, reached by a socket in there, gone afterwards.

use std::fmt::Write as _;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running server.
#[derive(Debug)]
pub struct Server {
    process: Child,
    folder: tempfile::TempDir,
    programs: PathBuf,
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
    /// Starts a server; nothing, and a line that says so, where PostgreSQL is not installed.
    pub fn start() -> Option<Self> {
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
        if let Some((user, group)) = user {
            chown(folder.path(), Some(user), Some(group)).expect("root may do that");
        }
        let command = |program: &str| {
            let mut command = Command::new(programs.join(program));
            command.current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
            if let Some((user, group)) = user {
                command.uid(user).gid(group);
            }
            command
        };
        let data = folder.path().join("data");
        let made = command("initdb")
            .arg("-D")
            .arg(&data)
            .args(["-U", "postgres", "-A", "trust", "--locale=C", "-E", "UTF8", "-N"])
            .status();
        if !made.is_ok_and(|status| status.success()) {
            println!("skipped: initdb does not work here");
            return None;
        }
        let settings = ["listen_addresses=", "fsync=off", "full_page_writes=off", "max_connections=10", "jit=off"];
        let settings = settings.iter().flat_map(|setting| ["-c", setting]);
        let process = command("postgres").arg("-D").arg(&data).arg("-k").arg(folder.path()).args(settings).spawn().ok()?;
        let server = Self { process, folder, programs };
        let ready = |_: &u32| {
            std::thread::sleep(Duration::from_millis(100));
            let ready = Command::new(server.programs.join("pg_isready")).arg("-q").arg("-h").arg(server.folder.path()).status();
            ready.is_ok_and(|status| status.success())
        };
        let is_ready = (0..300).any(|attempt| ready(&attempt));
        if !is_ready {
            println!("skipped: PostgreSQL does not start here");
        }
        is_ready.then_some(server)
    }

    /// Runs a script in `database`; what it prints.
    pub fn run(&self, database: &str, script: &str) -> String {
        let file = self.folder.path().join("script.sql");
        std::fs::write(&file, script).expect("a script can be written");
        let output = Command::new(self.programs.join("psql"))
            .args(["-X", "-q", "-A", "-t", "-F", "\u{1f}", "-P", "null=NULL", "-U", "postgres", "-d", database, "-h"])
            .arg(self.folder.path())
            .arg("-f")
            .arg(&file)
            .stderr(Stdio::null())
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

impl Drop for Server {
    fn drop(&mut self) {
        // A fast end, so that nothing of it stays behind.
        let _ = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status();
        let _ = self.process.wait();
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
