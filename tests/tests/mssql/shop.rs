//! What the tests of SQL Server share: the shop that the peer plays, and the way of a statement to the connector.

use std::sync::Arc;

use leo::source::mssql::MssqlSource;
use leo::source::{Engine, Login, SourceSpec, TlsMode};
use leo::{Context, Result};
pub use leo_tests::behaviour::Asked;
use leo_tests::behaviour::SOURCE;
use leo_tests::certificates::{Authority, Shown};
use leo_tests::tds::token::{self, Cell, Type};
use leo_tests::tds::{Manners, Peer, Request, Step};

pub const PASSWORD: &str = "p;w=\"'{x}\\é";

/// One table, `dbo.things(id int primary key, label nvarchar(40), price money)`, and whatever `script` answers.
pub fn shop(request: &Request, script: &dyn Fn(&Request) -> Option<Vec<Step>>) -> Vec<Step> {
    if let Some(steps) = script(request) {
        return steps;
    }
    let sql = request.sql.as_str();
    let text = Type::NVarchar(256);
    let cell = |text: &str| Cell::Text(text.to_owned());
    if sql.contains("o.type, hs.name") {
        let columns = [("s", text), ("o", text), ("type", text), ("hs", text), ("h", text)];
        return rows(&columns, &[vec![cell("dbo"), cell("things"), cell("U "), Cell::Null, Cell::Null]]);
    }
    if sql.contains("c.max_length") {
        let number = Type::Int(4);
        let columns = [("s", text), ("o", text), ("c", text), ("t", text), ("m", number), ("p", number), ("sc", number)];
        let columns = [&columns[..], &[("n", Type::Bit), ("d", text), ("x", text)]].concat();
        let column = |name: &str, kind: &str, bytes: i64, nullable: i64| {
            let numbers = [Cell::Int(bytes), Cell::Int(10), Cell::Int(0), Cell::Int(nullable), Cell::Null, Cell::Null];
            [vec![cell("dbo"), cell("things"), cell(name), cell(kind)], numbers.to_vec()].concat()
        };
        return rows(&columns, &[column("id", "int", 4, 0), column("label", "nvarchar", 80, 1), column("price", "money", 8, 1)]);
    }
    if sql.contains("IS_MEMBER") {
        let columns: Vec<(&str, Type)> = (0..9).map(|_| ("r", Type::Int(4))).collect();
        return rows(&columns, &[vec![Cell::Int(0); 9]]);
    }
    if sql.starts_with("SELECT CAST(SERVERPROPERTY") {
        let columns = [("v", text), ("e", text), ("c", text)];
        return rows(&columns, &[vec![cell("16.0.1000.6"), cell("Peer Edition"), cell("SQL_Latin1_General_CP1_CI_AS")]]);
    }
    if sql == "BEGIN TRANSACTION" {
        return vec![Step::Send([token::transaction(8, 7), token::done()].concat())];
    }
    if sql.starts_with("IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION") && !sql.contains('\n') {
        return vec![Step::Send([token::transaction(10, 7), token::done()].concat())];
    }
    if request.is_call && sql.contains("things") {
        return things(&[(1, Some("one"), Some(12_500)), (2, None, None)]);
    }
    vec![Step::Send(token::done())]
}

/// A result of a batch.
pub fn rows(columns: &[(&str, Type)], cells: &[Vec<Cell>]) -> Vec<Step> {
    let mut tokens = token::columns(columns);
    for (index, row) in cells.iter().enumerate() {
        tokens.extend(if index % 2 == 0 { token::row(columns, row) } else { token::nbc_row(columns, row) });
    }
    tokens.extend(token::done());
    vec![Step::Send(tokens)]
}

pub const T: bool = false;
pub const N: bool = true;

/// A result of text: columns of numbers are `N` and others `T`, `-` is NULL.
pub fn answer(widths: &[bool], lines: &[&str]) -> Vec<Step> {
    let columns: Vec<(&str, Type)> =
        widths.iter().map(|number| ("c", if *number { Type::Int(8) } else { Type::NVarchar(0xffff) })).collect();
    let cells: Vec<Vec<Cell>> = lines
        .iter()
        .map(|line| {
            let cell = |(word, number): (&str, &bool)| match (word, number) {
                ("-", _) => Cell::Null,
                (word, true) => Cell::Int(word.parse().unwrap()),
                (word, false) => Cell::Text(word.to_owned()),
            };
            line.split('|').zip(widths).map(cell).collect()
        })
        .collect();
    rows(&columns, &cells)
}

pub const THINGS: [(&str, Type); 3] = [("id", Type::Int(4)), ("label", Type::NVarchar(80)), ("price", Type::Money(8))];

/// A result of the table, as a call of `sp_executesql` ends.
pub fn things(things: &[(i64, Option<&str>, Option<i64>)]) -> Vec<Step> {
    let mut tokens = token::columns(&THINGS);
    for thing in things {
        tokens.extend(thing_row(*thing));
    }
    tokens.extend(token::done_procedure(things.len() as u64));
    vec![Step::Send(tokens)]
}

pub fn thing_row((id, label, price): (i64, Option<&str>, Option<i64>)) -> Vec<u8> {
    let label = label.map_or(Cell::Null, |label| Cell::Text(label.to_owned()));
    token::nbc_row(&THINGS, &[Cell::Int(id), label, price.map_or(Cell::Null, Cell::Int)])
}

/// An error as the whole answer.
pub fn refuse(number: u32, class: u8, message: &str) -> Vec<Step> {
    vec![Step::Send([token::error(number, class, message), token::done_error()].concat())]
}

/// A peer with the shop behind it.
pub async fn peer(manners: Manners, script: impl Fn(&Request) -> Option<Vec<Step>> + Send + Sync + 'static) -> Peer {
    Peer::start(manners, move |request| shop(request, &script)).await
}

/// A peer with a good certificate, and its authority in the folder.
pub async fn protected(
    script: impl Fn(&Request) -> Option<Vec<Step>> + Send + Sync + 'static,
) -> (Peer, tempfile::TempDir, SourceSpec) {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path());
    let files = authority.server(Shown::Good, folder.path());
    let manners = Manners { certificate: Some(files), password: Some(PASSWORD.into()), ..Manners::default() };
    let peer = peer(manners, script).await;
    let mut spec = spec(&peer);
    spec.tls.ca_file = Some(authority.file().into());
    (peer, folder, spec)
}

pub fn spec(peer: &Peer) -> SourceSpec {
    let mut spec = SourceSpec::new(Engine::Mssql);
    spec.host = "127.0.0.1".into();
    spec.port = Some(peer.port());
    spec.database = Some("Shop".into());
    spec.login = Login::Password { user: "reader".into(), password: PASSWORD.to_owned().into() };
    spec.tls.mode = Some(TlsMode::VerifyFull);
    spec
}

pub fn ctx() -> Context {
    Context::new("acme", "ada").unwrap()
}

/// A source with its structure.
pub async fn asked(spec: SourceSpec) -> Result<Asked> {
    Asked::new(Arc::new(MssqlSource::connect(SOURCE, spec).await?)).await
}
