//! TLS as it was asked for.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_cert_signed_by_trust_anchor};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::error::{Error, Result};
use crate::source::{SourceSpec, TlsMode};

/// The one cryptography of all sources.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// How the spec wants the server checked. `None` when it wants no TLS.
///
/// # Errors
/// `Config` when the file of authorities cannot be read or has none, or the system has none.
pub(crate) fn client_config(spec: &SourceSpec) -> Result<Option<ClientConfig>> {
    let provider = provider();
    let verifier: Arc<dyn ServerCertVerifier> = match spec.tls_mode() {
        TlsMode::Disable => return Ok(None),
        // As libpq does: where authorities are named, `require` checks them.
        TlsMode::Prefer | TlsMode::Require if spec.tls.ca_file.is_none() => {
            Arc::new(AnyName { roots: None, algorithms: provider.signature_verification_algorithms })
        }
        TlsMode::Prefer | TlsMode::Require | TlsMode::VerifyCa => {
            Arc::new(AnyName { roots: Some(roots(spec)?), algorithms: provider.signature_verification_algorithms })
        }
        TlsMode::VerifyFull => WebPkiServerVerifier::builder_with_provider(Arc::new(roots(spec)?), Arc::clone(&provider))
            .build()
            .map_err(|error| Error::config("the trusted authorities cannot be used").with_source(error))?,
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::internal("TLS cannot be set up").with_source(error))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    Ok(Some(config))
}

/// The name that the certificate must have.
///
/// # Errors
/// `Config` when it is none.
pub(crate) fn server_name(spec: &SourceSpec) -> Result<ServerName<'static>> {
    let name = spec.tls.server_name.as_deref().unwrap_or_else(|| spec.host.trim_matches(['[', ']']));
    ServerName::try_from(name.to_owned())
        .map_err(|error| Error::config("the server's name is no name for TLS").with_source(error))
}

fn roots(spec: &SourceSpec) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(authorities(spec)?);
    Ok(roots)
}

/// The certificates of the spec's file of authorities, else the system's; those that can be used.
///
/// # Errors
/// `Config` when the file cannot be read or holds none, or the system trusts nobody.
pub(crate) fn authorities(spec: &SourceSpec) -> Result<Vec<CertificateDer<'static>>> {
    let usable = |certificate: &CertificateDer<'static>| RootCertStore::empty().add(certificate.clone()).is_ok();
    if let Some(file) = &spec.tls.ca_file {
        let unreadable = || {
            Error::config("the file of trusted authorities (`ca_file`) cannot be read as PEM certificates")
                .with_context("file", file.display().to_string())
        };
        let found: Vec<_> =
            CertificateDer::pem_file_iter(file).and_then(Iterator::collect).map_err(|error| unreadable().with_source(error))?;
        return if !found.is_empty() && found.iter().all(usable) { Ok(found) } else { Err(unreadable()) };
    }
    let found: Vec<_> = rustls_native_certs::load_native_certs().certs.into_iter().filter(usable).collect();
    if found.is_empty() {
        return Err(Error::config(
            "this machine trusts no authority; install its `ca-certificates`, or name a PEM file as `ca_file`",
        ));
    }
    Ok(found)
}

/// Takes certificates for any name: of these authorities, of whoever answers where none are given.
#[derive(Debug)]
struct AnyName {
    roots: Option<RootCertStore>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        let Some(roots) = &self.roots else {
            return Ok(ServerCertVerified::assertion());
        };
        let parsed = ParsedCertificate::try_from(certificate)?;
        verify_server_cert_signed_by_trust_anchor(&parsed, roots, intermediates, now, self.algorithms.all)
            .map_err(|error| match error {
                rustls::Error::InvalidCertificate(_) => error,
                _ => rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer),
            })
            .map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
