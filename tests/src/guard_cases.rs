//! The guard's cases: Markdown files under `tests/guard/` that read as documentation.
//!
//! The info string of a block is `dialects verdict rule…`: dialects joined by `+`, or `all`. After a block, lines such as
//! `> rewritten:` say what else must come out. Lines `access:` and `limits:` set what the blocks that follow are vetted with, up to
//! the next heading. The title of a file and the `##` heading above a block name the class that a case belongs to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use leo::adapter::Access;
use leo::catalog::{Catalog, PersonalData, PersonalTier};
use leo::guard::{Purpose, Request, Vetting, vet};
use leo::settings::GuardLimits;
use leo::{Context, Dialect};

/// One block.
#[derive(Debug, Clone)]
pub struct Case {
    /// File and line.
    pub place: String,
    /// Title of the file.
    pub title: String,
    /// Heading above it; the title when there is none.
    pub heading: String,
    /// Dialects it is for.
    pub dialects: Vec<Dialect>,
    /// Verdict it must get.
    pub verdict: String,
    /// Rules that must be among its findings.
    pub rules: Vec<String>,
    /// The statement.
    pub sql: String,
    /// The statement as it stands in the file: characters that nobody would see are written `⟨200b⟩`.
    pub written: String,
    /// What the user may see.
    pub access: Access,
    /// Limits in force.
    pub limits: GuardLimits,
    /// Access and limits as they stand in the file, when they are not the usual ones.
    pub conditions: Vec<String>,
    /// What else must come out: key and value.
    pub expectations: Vec<(String, String)>,
}

impl Case {
    /// Whether it must not run.
    pub fn is_refused(&self) -> bool {
        matches!(self.verdict.as_str(), "block" | "needs_approval")
    }

    /// What the guard says of it.
    pub fn vet(&self, catalog: &Catalog) -> Vetting {
        let ctx = Context::new("tenant", "user").unwrap();
        vet(&Request {
            ctx: &ctx,
            source: "source",
            catalog,
            access: &self.access,
            settings: &self.limits,
            sql: &self.sql,
            params: &[],
            purpose: Purpose::Sql,
        })
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("guard")
}

/// Every case of every file, in order of their names.
///
/// # Panics
/// When a file is not written as it should be.
pub fn cases() -> Vec<Case> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    files.sort();
    files.iter().flat_map(|path| read(path)).collect()
}

fn read(path: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(path).unwrap();
    let name = path.file_name().unwrap().to_string_lossy();
    let mut cases: Vec<Case> = Vec::new();
    let (mut title, mut heading) = (String::new(), String::new());
    let (mut access, mut limits, mut conditions) = (Access::full(), GuardLimits::default(), Vec::new());
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
            let place = format!("{name}:{}", number + 1);
            let mut words = info.split_whitespace();
            let dialects = match words.next().unwrap_or("") {
                "all" => Dialect::ALL.to_vec(),
                names => names.split('+').map(|name| name.parse().unwrap_or_else(|error| panic!("{place}: {error}"))).collect(),
            };
            cases.push(Case {
                title: title.clone(),
                heading: heading.clone(),
                dialects,
                verdict: words.next().unwrap_or_else(|| panic!("{place}: no verdict")).to_owned(),
                rules: words.map(str::to_owned).collect(),
                sql: unescaped(&block.join("\n")),
                written: block.join("\n"),
                access: access.clone(),
                limits: limits.clone(),
                conditions: conditions.clone(),
                expectations: Vec::new(),
                place,
            });
        } else if line.starts_with("# ") || line.starts_with("## ") {
            line.trim_start_matches(['#', ' ']).clone_into(&mut heading);
            if line.starts_with("# ") {
                heading.clone_into(&mut title);
            }
            (access, limits, conditions) = (Access::full(), GuardLimits::default(), Vec::new());
        } else if let Some((name @ ("access" | "limits"), json)) = line.split_once(": ") {
            let json = json.trim_matches('`');
            match name {
                "access" => access = serde_json::from_str(json).unwrap(),
                _ => limits = serde_json::from_str(json).unwrap(),
            }
            conditions.retain(|other: &String| !other.starts_with(name));
            conditions.push(format!("{name}: {json}"));
        } else if let Some((key, value)) = line.strip_prefix("> ").and_then(|line| line.split_once(":")) {
            cases.last_mut().unwrap().expectations.push((key.to_owned(), value.trim().trim_matches('`').to_owned()));
        }
    }
    cases
}

/// `⟨200b⟩` as the character it stands for.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('⟨');
    let mut plain = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let (code, rest) = part.split_once('⟩').unwrap();
        plain.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
        plain.push_str(rest);
    }
    plain
}

/// The catalogue that the cases are for, in each dialect.
///
/// # Panics
/// When `schema.sql` is not valid.
pub fn catalogs() -> BTreeMap<Dialect, Catalog> {
    let ddl = std::fs::read_to_string(folder().join("schema.sql")).unwrap();
    let catalog = |dialect: Dialect| {
        let ddl = match dialect {
            Dialect::Bigquery => {
                ddl.replace("CREATE TABLE ", "CREATE TABLE shop.main.").replace("CREATE VIEW ", "CREATE VIEW shop.main.")
            }
            // There a `timestamp` is a row version.
            Dialect::Tsql => ddl.replace(" timestamp", " datetime2"),
            _ => ddl.clone(),
        };
        let mut catalog = Catalog::from_ddl(dialect, &ddl).unwrap();
        for table in &mut catalog.tables {
            table.rows = Some(if table.name.name == "order_lines" { 50_000 } else { 1_000 });
            for column in table.columns.iter_mut().filter(|column| column.name == "email") {
                column.personal = Some(PersonalData { kind: "email".to_owned(), tier: PersonalTier::High, reason: None });
            }
        }
        catalog.reindex();
        catalog
    };
    Dialect::ALL.iter().map(|dialect| (*dialect, catalog(*dialect))).collect()
}
