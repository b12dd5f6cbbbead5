//! To which hosts models may be spoken.

use globset::{Glob, GlobSet, GlobSetBuilder};

use crate::error::{Error, Result};

/// To which hosts models may be spoken: all, some, or none.
#[derive(Debug, Clone, Default)]
pub struct Egress {
    /// Nothing is open but connections to sources.
    source_only: bool,
    /// All hosts where there is no list.
    hosts: Option<GlobSet>,
}

impl Egress {
    /// To no host: sockets are opened to sources alone.
    pub fn source_only() -> Self {
        Self { source_only: true, hosts: None }
    }

    /// To hosts whose names or addresses match one of `hosts` (`api.openai.com`, `*.example.com`), in any case; to all where the list is empty.
    ///
    /// # Errors
    /// `Config` for a pattern that cannot be read.
    pub fn to(hosts: &[String]) -> Result<Self> {
        if hosts.is_empty() {
            return Ok(Self::default());
        }
        let mut set = GlobSetBuilder::new();
        for host in hosts {
            let host = host.trim().to_ascii_lowercase();
            let glob = Glob::new(&host).map_err(|error| {
                Error::config(format!(
                    "`{host}` in the hosts that may be reached is no pattern; write `api.example.com` or `*.example.com`"
                ))
                .with_source(error)
            })?;
            set.add(glob);
        }
        let hosts =
            set.build().map_err(|error| Error::config("the hosts that may be reached are too many").with_source(error))?;
        Ok(Self { source_only: false, hosts: Some(hosts) })
    }

    /// # Errors
    /// `Denied`, with the setting that says so.
    pub fn check(&self, host: &str) -> Result<()> {
        if self.source_only {
            return Err(Error::denied(
                "`network.mode` is `source-only`, so no model's service is asked; set it to `open`, or leave the model out",
            ));
        }
        match &self.hosts {
            Some(hosts) if !hosts.is_match(host.trim_end_matches('.').to_ascii_lowercase()) => {
                Err(Error::denied("the model's host is not among `network.allow_hosts`; add it there, or name another model"))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_let_out_by_name() {
        let egress = Egress::to(&["api.openai.com".into(), "*.Example.com".into(), "127.0.0.1".into()]).unwrap();
        for host in ["api.openai.com", "API.openai.com.", "gateway.example.com", "127.0.0.1"] {
            assert!(egress.check(host).is_ok(), "{host}");
        }
        for host in ["openai.com", "api.openai.com.evil.org", "example.com", "evil-example.com", ""] {
            assert!(egress.check(host).is_err(), "{host}");
        }
        assert!(Egress::default().check("anything").is_ok());
        assert!(Egress::source_only().check("127.0.0.1").is_err());
    }
}
