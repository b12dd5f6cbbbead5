//! Types a value may be cast to.

use sqlparser::ast::{ArrayElemTypeDef, DataType};

use super::{Resolver, rules};
use crate::catalog::LogicalType;

/// Plain types that mean nothing to the catalogue but do no harm.
#[rustfmt::skip]
const HARMLESS: &[&str] = &[
    "signed", "signed integer", "unsigned", "unsigned integer", "interval", "inet", "cidr", "macaddr", "point", "box", "circle",
    "line", "lseg", "path", "polygon", "int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange", "tsvector",
    "tsquery", "bit", "varbit", "bit varying", "geography", "hierarchyid", "sql_variant", "money", "jsonpath", "hstore",
    "ltree", "year", "none",
];

impl Resolver<'_> {
    /// Refuses types that look things up, such as `regclass`, and types nobody knows.
    pub(super) fn data_type(&mut self, kind: &DataType) {
        match kind {
            // The literal of an array has escapes of its own, behind which a pattern could hide.
            DataType::Array(_) if kind.to_string().to_ascii_lowercase().contains("jsonpath") => self.refuse_type(kind),
            DataType::Array(element) => match element {
                ArrayElemTypeDef::None => {}
                ArrayElemTypeDef::AngleBracket(inner)
                | ArrayElemTypeDef::SquareBracket(inner, _)
                | ArrayElemTypeDef::Qualified(inner, _)
                | ArrayElemTypeDef::Parenthesis(inner) => self.data_type(inner),
            },
            DataType::Struct(fields, _) => {
                for field in fields {
                    self.data_type(&field.field_type);
                }
            }
            DataType::Unspecified => {}
            DataType::Regclass | DataType::Trigger | DataType::Table(_) | DataType::NamedTable { .. } => self.refuse_type(kind),
            DataType::Custom(_, arguments) if arguments.iter().any(|text| text.contains(['\'', '"', ';', '('])) => {
                self.refuse_type(kind)
            }
            other => {
                let text = other.to_string();
                let lower = text.to_lowercase();
                let name = lower.split('(').next().unwrap_or("").trim();
                if LogicalType::from_declared(self.dialect, &text) == LogicalType::Other && !HARMLESS.contains(&name) {
                    self.refuse_type(kind);
                }
            }
        }
    }

    fn refuse_type(&mut self, kind: &DataType) {
        self.report(rules::type_allowed::finding(&kind.to_string()));
    }
}
