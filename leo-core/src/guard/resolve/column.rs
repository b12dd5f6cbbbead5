//! Names in expressions: columns, and what else a name can be.

use sqlparser::ast::{AccessExpr, Expr, Ident, Value, ValueWithSpan};

use super::expr::Quoted;
use super::name::Name;
use super::scope::{ColumnId, Columns, Lookup, Scope, Sources};
use super::{Resolver, ident_position, rules};
use crate::catalog::nearest;
use crate::dialect::Dialect;
use crate::finding::{Position, Verdict};
use crate::guard::edit::{Change, Edit};
use crate::guard::lexer::TokenKind;

impl<'a> Resolver<'a> {
    pub(super) fn identifier(&mut self, ident: &Ident, quoted: Quoted, scope: &Scope<'a, '_>, out: &mut Sources) {
        let name = Name::of(self.dialect, ident);
        match scope.lookup(&[], &name, self.default_schema()) {
            Lookup::Found(sources) => {
                self.spell(ident, &[], &name, &sources, scope);
                self.read(&sources);
                out.extend(sources);
            }
            Lookup::Ambiguous => self.report(rules::known_column::ambiguous(&name.text, ident_position(ident))),
            Lookup::Missing => {
                if let Some(sources) = self.unlisted(&name, scope) {
                    self.read(&sources);
                    out.extend(sources);
                } else if self.dialect == Dialect::Tsql && ident.quote_style.is_none() && is_numbered_parameter(&ident.value) {
                    self.placeholder(&ident.value);
                } else if ident.quote_style.is_none() && ident.value.starts_with('@') {
                    self.report(rules::parameters::form(&ident.value));
                } else if quoted == Quoted::MayBeString
                    && ident.quote_style == Some('"')
                    && self.dialect == Dialect::Sqlite
                    && !scope.chain().any(|scope| scope.relations.iter().any(|relation| relation.hides(&name)))
                {
                    self.becomes_string(ident, &name);
                } else {
                    self.unknown_column(&name.text, ident, &[], scope);
                }
            }
        }
    }

    /// Writes a column as the catalogue does: on a server that tells case apart, the other spelling may be another column.
    fn spell(&mut self, ident: &Ident, qualifier: &[Name<'_>], name: &Name<'_>, sources: &Sources, scope: &Scope<'a, '_>) {
        let &[ColumnId { table, column, .. }] = sources.as_slice() else { return };
        let tables = &self.against.catalog.tables;
        let Some(own) = tables.get(table as usize).and_then(|table| table.columns.get(column as usize)) else { return };
        if name.text == own.name || !name.is(&own.name) || !scope.names_table_column(qualifier, name, self.default_schema()) {
            return;
        }
        let token = ident_position(ident).and_then(|position| Some((position, self.token_at(position)?.1)));
        let Some((position, token)) = token else { return };
        let spelled = crate::query::ident(self.dialect, &own.name);
        let range = token.range.clone();
        self.edit(Edit::new(range, spelled.to_string(), Change::Spelling(position, spelled)));
    }

    /// What a bare name can mean beside columns: SQLite's row id, PostgreSQL's and BigQuery's whole row.
    fn unlisted(&self, name: &Name<'_>, scope: &Scope<'a, '_>) -> Option<Sources> {
        if self.is_row_id(name) {
            let found: Vec<_> = scope.relations.iter().filter_map(Self::row_id_of).collect();
            return (found.len() == 1).then_some(found);
        }
        if matches!(self.dialect, Dialect::Postgres | Dialect::Bigquery) {
            let relation = scope
                .chain()
                .flat_map(|scope| &scope.relations)
                .find(|relation| relation.name.as_deref().is_some_and(|own| name.is(own)))?;
            if relation.is_restricted() {
                return None;
            }
            return Some(relation.outputs().into_iter().flat_map(|output| output.sources).collect());
        }
        None
    }

    pub(super) fn compound(&mut self, parts: &[Ident], scope: &Scope<'a, '_>, out: &mut Sources) {
        let Some((last, qualifier)) = parts.split_last() else { return };
        let names: Vec<Name<'_>> = qualifier.iter().map(|ident| Name::of(self.dialect, ident)).collect();
        let name = Name::of(self.dialect, last);
        let schema = self.default_schema();
        match scope.lookup(&names, &name, schema) {
            Lookup::Found(sources) => {
                self.unqualify(qualifier, &names, scope);
                self.spell(last, &names, &name, &sources, scope);
                self.read(&sources);
                out.extend(sources);
                return;
            }
            Lookup::Ambiguous => {
                self.report(rules::known_column::ambiguous(&name.text, ident_position(last)));
                return;
            }
            Lookup::Missing => {}
        }
        if self.is_row_id(&name) {
            let relation = scope.chain().flat_map(|scope| &scope.relations).find(|relation| relation.answers_to(&names, schema));
            if let Some(column) = relation.and_then(Self::row_id_of) {
                self.read(&[column]);
                out.push(column);
                return;
            }
        }
        if self.dialect == Dialect::Bigquery {
            // `column.field` and `table.column.field`.
            let field = parts.first().map(|ident| scope.lookup(&[], &Name::of(self.dialect, ident), schema));
            let nested = match parts {
                [table, column, _, ..] => {
                    Some(scope.lookup(&[Name::of(self.dialect, table)], &Name::of(self.dialect, column), schema))
                }
                _ => None,
            };
            if let Some(Lookup::Found(sources)) = nested.filter(|found| matches!(found, Lookup::Found(_))).or(field) {
                self.read(&sources);
                out.extend(sources);
                return;
            }
        }
        let full = parts.iter().map(|part| part.value.as_str()).collect::<Vec<_>>().join(".");
        self.unknown_column(&full, last, &names, scope);
    }

    /// Takes the schema off a name such as `main.orders.id`: a restricted table becomes a derived one, which answers to its name
    /// alone.
    pub(super) fn unqualify<I: std::borrow::Borrow<Ident>>(
        &mut self,
        qualifier: &[I],
        names: &[Name<'_>],
        scope: &Scope<'a, '_>,
    ) {
        let ([first, .., last], Some((relation, is_plain))) = (qualifier, scope.named_by_schema(names, self.default_schema()))
        else {
            return;
        };
        let (Columns::Table { table, is_restricted: true, .. }, Some(at)) = (&relation.columns, ident_position(first.borrow()))
        else {
            return;
        };
        let name = &table.name.name;
        if !is_plain {
            let why = "another table here has its name; give it an alias";
            self.report(rules::policy::unsupported(name, why, Some(at)));
            return;
        }
        let range = |ident: &Ident| Some(self.token_at(ident_position(ident)?)?.1.range.clone());
        let (Some(start), Some(end)) = (range(first.borrow()), range(last.borrow())) else { return };
        let alone = crate::query::ident(self.dialect, name);
        self.edit(Edit::new(start.start..end.end, alone.to_string(), Change::Qualifier(at, qualifier.len(), alone)));
    }

    fn unknown_column(&mut self, text: &str, ident: &Ident, qualifier: &[Name<'_>], scope: &Scope<'a, '_>) {
        // One wrong table name would otherwise bury its finding under one for each of its columns.
        if scope.chain().any(|scope| scope.incomplete)
            && self.found.findings.iter().any(|finding| finding.verdict == Verdict::Block)
        {
            return;
        }
        let schema = self.default_schema();
        let known = qualifier.is_empty()
            || scope.chain().any(|scope| scope.relations.iter().any(|relation| relation.answers_to(qualifier, schema)));
        let near = if known {
            let names = scope
                .chain()
                .flat_map(|scope| &scope.relations)
                .filter(|relation| relation.answers_to(qualifier, schema))
                .flat_map(|relation| relation.column_names());
            nearest(&ident.value, names, 3)
        } else {
            let names = scope.chain().flat_map(|scope| &scope.relations).filter_map(|relation| relation.name.as_deref());
            nearest(&qualifier.last().map(|name| name.text.to_string()).unwrap_or_default(), names, 3)
                .into_iter()
                .map(|table| format!("{table}.{}", ident.value))
                .collect()
        };
        self.report(rules::known_column::unknown(text, &near, ident_position(ident)));
    }

    /// A double-quoted word that no column explains: SQLite takes it for a string, so the text says so.
    fn becomes_string(&mut self, ident: &Ident, name: &Name<'_>) {
        let Some(position) = ident_position(ident) else {
            self.unknown_column(&name.text, ident, &[], &Scope::new(None));
            return;
        };
        let Some((_, token)) = self.token_at(position).filter(|(_, token)| token.kind == TokenKind::QuotedName) else {
            self.report(rules::known_column::unknown(&name.text, &[], Some(position)));
            return;
        };
        let inner = name.text.replace('\'', "''");
        let edit = Edit::new(token.range.clone(), format!("'{inner}'"), Change::Literal(position, inner));
        self.edit(edit);
        self.report(rules::string_quotes::finding(position));
    }

    /// A string in double quotes becomes one in single quotes: to a MySQL server in the mode `ANSI_QUOTES` it is a name, and would
    /// read the column that has it. Where there is such a column, only the author knows what is meant.
    pub(super) fn double_quoted(&mut self, value: &ValueWithSpan, scope: &Scope<'a, '_>) {
        let (Dialect::Mysql, Value::DoubleQuotedString(text)) = (self.dialect, &value.value) else { return };
        let start = value.span.start;
        let position = Position { line: start.line, column: start.column };
        let name = text.replace("\"\"", "\"");
        let touched = scope.touched.get();
        let found = scope.lookup(&[], &Name::plain(self.dialect, &name), self.default_schema());
        scope.touched.set(touched);
        if !matches!(found, Lookup::Missing) {
            self.report(rules::known_column::quoted(&name, position));
            return;
        }
        let Some((first, _)) = self.token_at(position) else {
            self.report(rules::known_column::unknown(&name, &[], Some(position)));
            return;
        };
        // Strings side by side are one.
        let rest = self.against.tokens.get(first..).unwrap_or_default();
        let strings = rest.iter().take_while(|token| token.kind == TokenKind::String);
        let texts: Vec<String> = strings.clone().map(|token| single_quoted(self.text_of(token))).collect();
        let range =
            strings.fold(0..0, |all, token| if all.is_empty() { token.range.clone() } else { all.start..token.range.end });
        let inner = texts.iter().filter_map(|text| text.get(1..text.len().saturating_sub(1))).collect();
        self.edit(Edit::new(range, texts.join(" "), Change::Literal(position, inner)));
        self.report(rules::string_quotes::finding(position));
    }

    /// PostgreSQL's `(t).column`, where no column is called `t`: the column of that table.
    pub(super) fn field_of_row(&self, root: &Expr, access: &[AccessExpr], scope: &Scope<'a, '_>) -> Option<[Ident; 2]> {
        let (Dialect::Postgres, Expr::Nested(inner), [AccessExpr::Dot(Expr::Identifier(field))]) = (self.dialect, root, access)
        else {
            return None;
        };
        let Expr::Identifier(row) = inner.as_ref() else { return None };
        let (table, column) = (Name::of(self.dialect, row), Name::of(self.dialect, field));
        let is_column = matches!(scope.lookup(&[], &table, self.default_schema()), Lookup::Missing)
            && matches!(scope.lookup(&[table], &column, self.default_schema()), Lookup::Found(_));
        is_column.then(|| [row.clone(), field.clone()])
    }
}

fn is_numbered_parameter(text: &str) -> bool {
    text.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("@p"))
        && text.get(2..).is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// MySQL's `"…"` as `'…'`, whatever is escaped in it. Quotes are doubled, which holds in every mode of the server.
fn single_quoted(token: &str) -> String {
    let Some(inner) = token.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return token.to_owned() };
    let mut text = String::with_capacity(token.len() + 4);
    text.push('\'');
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match (c, chars.clone().next()) {
            ('"', Some('"')) | ('\\', Some('"')) => {
                chars.next();
                text.push('"');
            }
            ('\\', Some('\'')) => {
                chars.next();
                text.push_str("''");
            }
            ('\\', Some(escaped)) => {
                chars.next();
                text.extend(['\\', escaped]);
            }
            ('\'', _) => text.push_str("''"),
            (c, _) => text.push(c),
        }
    }
    text.push('\'');
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn escapes_keep_their_meaning_in_single_quotes() {
        for (double, single) in [
            (r#""a""#, "'a'"),
            (r#""it's""#, "'it''s'"),
            (r#""a""b""#, r#"'a"b'"#),
            (r#""a\"b""#, r#"'a"b'"#),
            (r#""a\'b""#, "'a''b'"),
            (r#""a\\'b""#, r"'a\\''b'"),
            (r#""a\nb\\""#, r"'a\nb\\'"),
            (r#""""#, "''"),
            (r#"'b'"#, "'b'"),
        ] {
            assert_eq!(super::single_quoted(double), single, "{double}");
        }
    }
}
