//! The host through which a server is reached.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// A host that is logged in to by SSH, and from which the database server is reached. `host` and `port` of the spec are as that host
/// sees them: `127.0.0.1` is the SSH host itself.
///
/// Each connection to the database has an SSH connection of its own. Needs the crate's feature `ssh`.
///
/// # Example
/// ```
/// use leo::source::{SourceSpec, SshAuth, SshTunnel};
///
/// let mut spec: SourceSpec = "postgres://ada:s3cret@db.internal/shop".parse()?;
/// spec.ssh = Some(SshTunnel::new("bastion.example.com", "tunnel", SshAuth::Key { file: "/keys/tunnel".into(), passphrase: Default::default() }));
/// spec.check()?;
///
/// let url = "postgres://ada:s3cret@db.internal/shop?ssh=tunnel@bastion.example.com&ssh_key=/keys/tunnel";
/// assert_eq!(url.parse::<SourceSpec>()?.ssh.map(|ssh| ssh.host), Some("bastion.example.com".to_owned()));
/// # Ok::<(), leo::Error>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SshTunnel {
    /// Name or address of the SSH host.
    pub host: String,
    /// Its port; 22 unless set.
    #[serde(default = "port")]
    pub port: u16,
    /// Who logs in.
    pub user: String,
    /// How.
    pub auth: SshAuth,
    /// What the host's key must be.
    #[serde(default)]
    pub host_key: SshHostKey,
}

/// How to log in to an SSH host.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SshAuth {
    /// With a password.
    Password {
        /// The password.
        #[serde(skip_serializing, default)]
        password: SecretString,
    },
    /// With a private key in a file: Ed25519 or ECDSA, in OpenSSH's or PKCS#8 format.
    Key {
        /// The file.
        file: PathBuf,
        /// What it is encrypted with; empty when it is not.
        #[serde(skip_serializing, default)]
        passphrase: SecretString,
    },
    /// With a private key that is at hand as text.
    KeyText {
        /// The text of such a file.
        #[serde(skip_serializing, default)]
        key: SecretString,
        /// What it is encrypted with; empty when it is not.
        #[serde(skip_serializing, default)]
        passphrase: SecretString,
    },
}

/// What an SSH host's key must be. There is no way to take any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SshHostKey {
    /// One that stands for the host in `~/.ssh/known_hosts`.
    #[default]
    Known,
    /// One that stands for the host in this file.
    KnownIn(PathBuf),
    /// The one with this fingerprint, `SHA256:…`, as `ssh-keygen -lf` prints it.
    Fingerprint(String),
}

impl SshTunnel {
    /// A tunnel through `host`, port 22, whose key stands in `~/.ssh/known_hosts`.
    pub fn new(host: impl Into<String>, user: impl Into<String>, auth: SshAuth) -> Self {
        Self { host: host.into(), port: port(), user: user.into(), auth, host_key: SshHostKey::Known }
    }
}

fn port() -> u16 {
    22
}
