//! T-SQL's methods of XML values: `(SELECT … FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)')`, `t.doc.value('(/a/b)[1]', 'int')`,
//! `CROSS APPLY t.doc.nodes('/a/b') AS x(b)`.

use sqlparser::ast::{
    AccessExpr, DataType, Expr, ForClause, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, ObjectName,
    TableAlias,
};

use super::limits::literal_text;
use super::name::{Name, identifiers};
use super::scope::{Lookup, Output, Scope, Sources};
use super::{Resolver, rules};
use crate::dialect::Dialect;

/// Whether `expr` is plainly XML: a query that makes it, a cast to it, a part of it.
pub(super) fn is_xml(expr: &Expr) -> bool {
    let is_type = |kind: &DataType| kind.to_string().eq_ignore_ascii_case("xml");
    match expr {
        Expr::Nested(inner) => is_xml(inner),
        Expr::Subquery(query) => matches!(query.for_clause, Some(ForClause::Xml { .. })),
        Expr::Cast { data_type, .. } => is_type(data_type),
        Expr::Convert { data_type: Some(kind), .. } => is_type(kind),
        // A call that was not allowed as a method of a column is refused where it stands.
        Expr::Function(function) => function.name.0.len() > 1 && last_word(&function.name) == Some("query"),
        _ => false,
    }
}

/// The last part of a name, unless it is quoted. Methods are told apart by case.
fn last_word(name: &ObjectName) -> Option<&str> {
    name.0.last()?.as_ident().filter(|ident| ident.quote_style.is_none()).map(|ident| ident.value.as_str())
}

impl<'a> Resolver<'a> {
    /// `column.value(…)`, `t.column.query(…)`, `t.column.exist(…)`, where `column` is one in scope. Whether the call is one.
    pub(super) fn xml_call(&mut self, call: &Function, scope: &Scope<'a, '_>, out: &mut Sources) -> bool {
        if !matches!(last_word(&call.name), Some("value" | "query" | "exist")) {
            return false;
        }
        let Some(column) = self.owner_of_method(&call.name, scope) else { return false };
        self.owner(&column, scope, out);
        self.xml_method(call);
        true
    }

    /// `t.column.nodes(path)` in `FROM`: each node is a row of one column.
    pub(super) fn xml_nodes(
        &mut self,
        name: &ObjectName,
        args: &[FunctionArg],
        alias: Option<&TableAlias>,
        scope: &Scope<'a, '_>,
    ) -> Option<(Vec<Output>, Option<u64>)> {
        if last_word(name) != Some("nodes") {
            return None;
        }
        let column = self.owner_of_method(name, scope)?;
        let mut sources = Sources::new();
        self.owner(&column, scope, &mut sources);
        match args {
            [path] if text(path).is_some_and(is_path) && alias.is_some_and(|alias| alias.columns.len() == 1) => {}
            _ => self.refuse_at("this method of an XML value", name),
        }
        Some((vec![Output { name: "nodes".to_owned(), sources }], None))
    }

    /// `t.column.query(path).value(path, type)`: a method of what a method gives. Whether it is one.
    pub(super) fn xml_chain(&mut self, root: &Expr, access: &[AccessExpr], scope: &Scope<'a, '_>, out: &mut Sources) -> bool {
        let Expr::Identifier(first) = root else { return false };
        let mut column = vec![first.clone()];
        let mut methods: Vec<&Function> = Vec::new();
        for part in access {
            match part {
                AccessExpr::Dot(Expr::Identifier(ident)) if methods.is_empty() => column.push(ident.clone()),
                AccessExpr::Dot(Expr::Function(method)) => methods.push(method),
                _ => return false,
            }
        }
        let Some((_, before)) = methods.split_last() else { return false };
        if before.iter().any(|method| last_word(&method.name) != Some("query")) || !self.is_owner(&column, scope) {
            return false;
        }
        self.owner(&column, scope, out);
        methods.into_iter().for_each(|method| self.xml_method(method));
        true
    }

    fn owner(&mut self, column: &[Ident], scope: &Scope<'a, '_>, out: &mut Sources) {
        match column {
            [one] => self.identifier(one, super::expr::Quoted::IsName, scope, out),
            parts => self.compound(parts, scope, out),
        }
    }

    /// The column whose method a name is.
    fn owner_of_method(&self, name: &ObjectName, scope: &Scope<'a, '_>) -> Option<Vec<Ident>> {
        let mut parts: Vec<Ident> = identifiers(name)?.into_iter().cloned().collect();
        parts.pop();
        self.is_owner(&parts, scope).then_some(parts)
    }

    /// Whether a name before a method is that of a column. `schema.value(…)` could also be somebody's function: no column with the
    /// name of a schema passes.
    fn is_owner(&self, parts: &[Ident], scope: &Scope<'a, '_>) -> bool {
        let (Dialect::Tsql, Some((last, qualifier))) = (self.dialect, parts.split_last()) else { return false };
        let column = Name::of(self.dialect, last);
        let tables = &self.against.catalog.tables;
        let is_schema = ["dbo", "sys", "guest", "information_schema"].iter().any(|own| column.is(own))
            || tables.iter().any(|table| self.against.catalog.schema_of(&table.name).is_some_and(|own| column.is(own)));
        let qualifier: Vec<Name<'_>> = qualifier.iter().map(|ident| Name::of(self.dialect, ident)).collect();
        let found = || !matches!(scope.lookup(&qualifier, &column, self.default_schema()), Lookup::Missing);
        !is_schema && found()
    }

    /// `value(path, type)`, `query(path)` and `exist(path)` of a value: a path is a language of its own, in which
    /// `sql:column("t.c")` reads columns, so only steps through elements pass.
    pub(super) fn xml_method(&mut self, method: &Function) {
        let Function {
            name, args, uses_odbc_syntax: false, parameters: FunctionArguments::None, filter: None, over: None, ..
        } = method
        else {
            self.refuse_at("this method of an XML value", &method.name);
            return;
        };
        let texts: Vec<Option<&str>> = match args {
            FunctionArguments::List(list) if list.clauses.is_empty() && list.duplicate_treatment.is_none() => {
                list.args.iter().map(text).collect()
            }
            _ => Vec::new(),
        };
        let allowed = match (last_word(name), texts.as_slice()) {
            (Some("value"), [Some(path), Some(kind)]) => is_path(path) && self.is_type(kind),
            (Some("query" | "exist"), [Some(path)]) => is_path(path),
            _ => false,
        };
        if !allowed {
            self.refuse_at("this method of an XML value", name);
        }
    }

    fn is_type(&mut self, kind: &str) -> bool {
        let name = kind.split('(').next().unwrap_or("").trim();
        let sized = kind.strip_prefix(name).unwrap_or("").trim();
        let size = sized.strip_prefix('(').and_then(|size| size.strip_suffix(')')).unwrap_or(sized);
        let known = crate::catalog::LogicalType::from_declared(self.dialect, name) != crate::catalog::LogicalType::Other;
        if !known {
            self.report(rules::type_allowed::finding(name));
        }
        size.is_empty()
            || size.eq_ignore_ascii_case("max")
            || size.bytes().all(|byte| byte.is_ascii_digit() || b", ".contains(&byte))
    }
}

/// The text of an argument that is a literal.
fn text(argument: &FunctionArg) -> Option<&str> {
    match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr @ Expr::Value(_))) => literal_text(expr),
        _ => None,
    }
}

/// Whether a path only goes through elements, attributes, numbers and texts: no functions of a namespace, no variables, no braces.
fn is_path(path: &str) -> bool {
    path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"./()[]@*_- =\",".contains(&byte))
}
