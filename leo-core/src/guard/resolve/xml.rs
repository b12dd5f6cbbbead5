//! T-SQL's methods of XML values: `(SELECT … FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)')`.

use sqlparser::ast::{Expr, ForClause, Function, FunctionArg, FunctionArgExpr, FunctionArguments};

use super::limits::literal_text;
use super::{Resolver, rules};

/// Whether `expr` is a query that makes XML.
pub(super) fn is_xml(expr: &Expr) -> bool {
    match expr {
        Expr::Nested(inner) => is_xml(inner),
        Expr::Subquery(query) => matches!(query.for_clause, Some(ForClause::Xml { .. })),
        _ => false,
    }
}

impl Resolver<'_> {
    /// `value(path, type)` and `query(path)` of a value: a path is a language of its own, in which `sql:column("t.c")` reads columns,
    /// so only steps through elements pass.
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
                let text = |argument| match argument {
                    &FunctionArg::Unnamed(FunctionArgExpr::Expr(ref expr @ Expr::Value(_))) => literal_text(expr),
                    _ => None,
                };
                list.args.iter().map(text).collect()
            }
            _ => Vec::new(),
        };
        let allowed = match texts.as_slice() {
            [Some(path), Some(kind)] => name.to_string() == "value" && is_path(path) && self.is_type(kind),
            [Some(path)] => name.to_string() == "query" && is_path(path),
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

/// Whether a path only goes through elements, attributes and numbers: no functions of a namespace, no strings, no braces.
fn is_path(path: &str) -> bool {
    path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"./()[]@*_- ".contains(&byte))
}
