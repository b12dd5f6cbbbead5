//! Certificates for servers of tests: an authority and what it signs, made anew each time.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};

/// What a server shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// A certificate of the authority for `localhost`, 127.0.0.1 and ::1.
    Good,
    /// One of the authority that is over.
    Expired,
    /// One of the authority for `other.example`.
    WrongName,
    /// One of the authority with a subject but no name in it, as MySQL makes for itself.
    Nameless,
    /// One for `localhost` that it signed itself.
    SelfSigned,
}

/// An authority whose certificate lies in a file.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    file: PathBuf,
}

/// Where a server's certificate and key lie.
#[derive(Debug, Clone)]
pub struct Files {
    /// The certificate, PEM.
    pub certificate: PathBuf,
    /// Its key, PEM.
    pub key: PathBuf,
}

impl Authority {
    /// An authority with its certificate in `folder`.
    pub fn new(folder: &Path) -> Self {
        let mut params = CertificateParams::new(vec![]).expect("no names are good names");
        params.distinguished_name.push(DnType::CommonName, "Leo's tests");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        let file = folder.join("authority.pem");
        std::fs::write(&file, certificate.pem()).expect("a file");
        Self { issuer: Issuer::new(params, key), file }
    }

    /// Its certificate, PEM: what a client trusts.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// A server's certificate and key in `folder`.
    pub fn server(&self, shown: Shown, folder: &Path) -> Files {
        let names = match shown {
            Shown::WrongName => vec!["other.example".to_owned()],
            Shown::Nameless => vec![],
            _ => ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec(),
        };
        let mut params = CertificateParams::new(names).expect("good names");
        params.distinguished_name.push(DnType::CommonName, format!("server {shown:?}"));
        if shown == Shown::Expired {
            (params.not_before, params.not_after) = (date_time_ymd(2001, 1, 1), date_time_ymd(2002, 1, 1));
        }
        let key = KeyPair::generate().expect("a key");
        let certificate = match shown {
            Shown::SelfSigned => params.self_signed(&key),
            _ => params.signed_by(&key, &self.issuer),
        };
        let files = Files { certificate: folder.join(format!("{shown:?}.pem")), key: folder.join(format!("{shown:?}.key")) };
        std::fs::write(&files.certificate, certificate.expect("a certificate").pem()).expect("a file");
        std::fs::write(&files.key, key.serialize_pem()).expect("a file");
        files
    }
}
