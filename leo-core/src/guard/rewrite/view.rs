//! Views over restricted tables: the view's query takes its place, rewritten like a statement.

use super::{Rewriter, apply, intended, parses_to};
use crate::catalog::Table;
use crate::dialect::Dialect;
use crate::finding::{Finding, Position, Verdict};
use crate::guard::lexer;
use crate::guard::resolve::{self, Against, limits_of_view, query_of};
use crate::guard::{parse, rules};
use crate::query;
use crate::value::Value;

impl Rewriter<'_> {
    /// The view's query in parentheses, with the policies of the tables behind it.
    pub(super) fn definition(
        &mut self,
        view: &Table,
        at: Position,
        values: &mut Vec<Value>,
        depth: usize,
    ) -> Result<String, Finding> {
        let refuse = || {
            let why = "its definition cannot be read while tables behind it are restricted";
            rules::policy::unsupported(&view.name.name, why, Some(at))
        };
        let text = view.definition.as_deref().and_then(|text| query_of(self.dialect, text)).ok_or_else(refuse)?;
        let tokens = lexer::lex(self.dialect, text).map_err(|_| refuse())?;
        let parsed = parse::parse(self.dialect, text, &tokens).map_err(|_| refuse())?;
        let mut statements = parsed.into_iter();
        let (Some(mut statement), None) = (statements.next(), statements.next()) else { return Err(refuse()) };
        let settings = limits_of_view(self.request.settings);
        let resolution = resolve::resolve(
            Against {
                catalog: self.request.catalog,
                visibility: self.visibility,
                settings: &settings,
                text,
                tokens: &tokens,
                params: 0,
                ours: &[],
                in_view: true,
            },
            &statement,
        );
        if let Some(finding) = resolution.findings.iter().find(|finding| finding.verdict > Verdict::Rewrite) {
            let why = format!("a view of it cannot be read: {}", finding.message);
            return Err(rules::policy::unsupported(&view.name.name, &why, Some(at)));
        }
        let mut edits = self
            .edits(&resolution, text, depth + 1)
            .map_err(|finding| rules::policy::unsupported(&view.name.name, &finding.message, Some(at)))?;
        let (rewritten, _) = apply(text, &mut edits).ok_or_else(refuse)?;
        values.extend(edits.iter().flat_map(|edit| edit.values.iter().cloned()));
        if !intended::intended(&mut statement, &edits) || !parses_to(self.dialect, &rewritten, &statement) {
            return Err(refuse());
        }
        let names: Vec<&str> = resolution.outputs.iter().map(|output| output.name.as_str()).collect();
        if view.columns.iter().map(|column| column.name.as_str()).eq(names.iter().copied()) {
            return Ok(format!("({rewritten})"));
        }
        if view.columns.len() != names.len() {
            return Err(refuse());
        }
        let name = query::ident(self.dialect, &view.name.name);
        let columns: Vec<String> =
            view.columns.iter().map(|column| query::ident(self.dialect, &column.name).to_string()).collect();
        let columns = columns.join(", ");
        match self.dialect {
            Dialect::Sqlite | Dialect::Bigquery => Ok(format!("(WITH {name} ({columns}) AS ({rewritten}) SELECT * FROM {name})")),
            _ => Ok(format!("(SELECT * FROM ({rewritten}) AS {name} ({columns}))")),
        }
    }
}
