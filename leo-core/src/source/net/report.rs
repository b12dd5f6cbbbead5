//! What a connection test says of a server, in the same words for each.

use std::time::Duration;

use crate::gate::ConnectionReport;
use crate::source::SourceSpec;

/// Above so many tables people are told to choose.
const MANY_TABLES: u64 = 200;

/// What is known of the login's rights to change data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Writes {
    No,
    Yes,
    /// By these rights.
    #[cfg_attr(not(feature = "mssql"), allow(dead_code))]
    By(String),
    /// The server does not tell.
    #[cfg_attr(not(feature = "mssql"), allow(dead_code))]
    Unknown,
}

impl From<bool> for Writes {
    fn from(writes: bool) -> Self {
        if writes { Self::Yes } else { Self::No }
    }
}

/// What a connection test saw.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) latency: Duration,
    pub(crate) server_version: String,
    pub(crate) tables_found: u64,
    pub(crate) writes: Writes,
    pub(crate) is_encrypted: bool,
}

impl Seen {
    /// The report, with a warning for each thing that a careful operator would change.
    pub(crate) fn report(self, spec: &SourceSpec) -> ConnectionReport {
        let mut warnings = Vec::new();
        let rights = match &self.writes {
            Writes::By(rights) => format!(" ({rights})"),
            _ => String::new(),
        };
        match self.writes {
            Writes::No => {}
            Writes::Yes | Writes::By(_) => warnings.push(format!(
                "the login may change data{rights}; statements run read-only all the same, but a login that may only read is safer"
            )),
            Writes::Unknown => {
                warnings.push("the server does not tell what the login may do; make sure that it may only read".to_owned());
            }
        }
        if !self.is_encrypted && !spec.is_loopback() {
            warnings.push(
                "the connection is not encrypted: whoever is on its way can read and change what it carries; ask for TLS"
                    .to_owned(),
            );
        }
        if self.tables_found > MANY_TABLES {
            warnings.push(format!(
                "there are {} tables; name those that questions are about with `include` and `exclude`",
                self.tables_found
            ));
        }
        ConnectionReport {
            latency_ms: u64::try_from(self.latency.as_millis()).unwrap_or(u64::MAX),
            server_version: self.server_version,
            tables_found: self.tables_found,
            read_only: self.writes == Writes::No,
            warnings,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warnings(writes: Writes, is_encrypted: bool, tables_found: u64, host: &str) -> Vec<String> {
        let spec: SourceSpec = format!("postgres://reader@{host}/shop").parse().unwrap();
        let seen = Seen { latency: Duration::from_millis(3), server_version: "16".into(), tables_found, writes, is_encrypted };
        seen.report(&spec).warnings
    }

    #[test]
    fn a_careful_setup_is_not_warned() {
        assert_eq!(warnings(Writes::No, true, 200, "db.example.com"), Vec::<String>::new());
        assert_eq!(warnings(Writes::No, false, 3, "127.0.0.1"), Vec::<String>::new(), "nobody is on the way");
    }

    #[test]
    fn each_carelessness_is_named() {
        let found = warnings(Writes::By("INSERT".into()), false, 201, "db.example.com");
        assert_eq!(found.len(), 3);
        assert!(found[0].contains("may change data (INSERT)") && found[1].contains("not encrypted") && found[2].contains("201"));
        assert!(warnings(Writes::Unknown, true, 1, "db.example.com")[0].contains("does not tell"));
    }
}
