//! Operators between two operands: which dialect has which. Every one is named, so that one that the parser learns is not let
//! through unseen.

use sqlparser::ast::{BinaryOperator, Expr};

use super::{Resolver, rules};
use crate::dialect::Dialect;

/// Operators of pgvector and pg_trgm: distances and likenesses of two values.
const DISTANCES: &[&str] = &["<#>", "<+>", "<~>", "<%>", "<%", "%>", "<<%", "%>>", "<<->", "<->>"];

impl Resolver<'_> {
    /// Refuses an operator that the dialect does not have or that may stand for anything, and looks at the patterns of others.
    pub(super) fn operator(&mut self, op: &BinaryOperator, right: &Expr) {
        use BinaryOperator as Op;
        use Dialect::{Datafusion, Mysql, Postgres, Sqlite};
        let dialects: &[Dialect] = match op {
            Op::Plus | Op::Minus | Op::Multiply | Op::Divide | Op::Modulo => Dialect::ALL,
            Op::Eq | Op::NotEq | Op::Lt | Op::LtEq | Op::Gt | Op::GtEq | Op::And | Op::Or => Dialect::ALL,
            Op::StringConcat | Op::BitwiseOr | Op::BitwiseAnd | Op::PGBitwiseShiftLeft | Op::PGBitwiseShiftRight => Dialect::ALL,
            Op::BitwiseXor => &[Mysql, Dialect::Tsql, Dialect::Bigquery, Datafusion],
            Op::Xor | Op::MyIntegerDivide => &[Mysql],
            // In PostgreSQL the distance of two vectors.
            Op::Spaceship => &[Mysql, Postgres, Datafusion],
            Op::Overlaps | Op::PGExp | Op::PGOverlap | Op::PGStartsWith => &[Postgres],
            Op::PGBitwiseXor => &[Postgres, Datafusion],
            Op::PGRegexMatch | Op::PGRegexIMatch | Op::PGRegexNotMatch | Op::PGRegexNotIMatch => {
                self.check_pattern(right);
                &[Postgres, Datafusion]
            }
            Op::PGLikeMatch | Op::PGILikeMatch | Op::PGNotLikeMatch | Op::PGNotILikeMatch => &[Postgres, Datafusion],
            Op::Match => return self.function_operator("match", right),
            Op::Regexp => {
                self.check_pattern(right);
                return self.function_operator("regexp", right);
            }
            Op::Glob => {
                self.call_of("glob");
                &[Sqlite]
            }
            Op::Arrow | Op::LongArrow => {
                if self.dialect == Sqlite {
                    self.call_of(if *op == Op::Arrow { "->" } else { "->>" });
                }
                &[Sqlite, Postgres, Mysql]
            }
            Op::AtQuestion => {
                self.check_json_path(right);
                &[Postgres]
            }
            Op::AtAt => {
                // A search or a path: only a value that comes from outside could be either.
                if super::json_path::is_placeholder(right) {
                    self.check_json_path(right);
                }
                &[Postgres]
            }
            Op::AtArrow | Op::ArrowAt => &[Postgres, Datafusion],
            Op::HashArrow | Op::HashLongArrow | Op::HashMinus | Op::Question | Op::QuestionAnd | Op::QuestionPipe => &[Postgres],
            // Geometry, which computes from two values like any other.
            Op::DoubleHash | Op::LtDashGt | Op::AndLt | Op::AndGt | Op::LtLtPipe | Op::PipeGtGt | Op::AndLtPipe => &[Postgres],
            Op::PipeAndGt | Op::LtCaret | Op::GtCaret | Op::QuestionHash | Op::QuestionDash => &[Postgres],
            Op::QuestionDashPipe | Op::QuestionDoublePipe | Op::At | Op::TildeEq => &[Postgres],
            Op::DuckIntegerDivide => &[],
            Op::Custom(name) if DISTANCES.contains(&name.as_str()) => &[Postgres],
            Op::Custom(_) | Op::PGCustomBinaryOperator(_) => return self.refuse_at("an operator by name", right),
            Op::Assignment => return self.refuse_at("an assignment", right),
        };
        if !dialects.contains(&self.dialect) {
            self.refuse_at(&format!("the operator `{op}`"), right);
        }
    }

    /// An operator that SQLite carries out by a function, which only a host can bring.
    fn function_operator(&mut self, name: &str, right: &Expr) {
        if self.dialect != Dialect::Sqlite {
            self.refuse_at(&format!("the operator {}", name.to_uppercase()), right);
        } else if self.is_host_function(name) {
            self.call_of(name);
        } else {
            self.report(rules::function_allowed::finding(self.dialect, name, &["like".into(), "glob".into()], None));
        }
    }
}
