//! `FROM`: relations and joins.

use std::rc::Rc;

use sqlparser::ast::{Join, JoinConstraint, JoinOperator, Select, TableFactor, TableWithJoins};

use super::limits::JoinShape;
use super::name::{Name, identifiers};
use super::scope::{Ctes, Lookup, Relation, Scope};
use super::{Resolver, position, rules};
use crate::dialect::Dialect;

/// The condition of a join; none for kinds of joins that only other databases have.
pub(super) fn constraint(operator: &JoinOperator) -> Option<&JoinConstraint> {
    match operator {
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint)
        | JoinOperator::Right(constraint)
        | JoinOperator::RightOuter(constraint)
        | JoinOperator::FullOuter(constraint)
        | JoinOperator::CrossJoin(constraint)
        | JoinOperator::StraightJoin(constraint)
        | JoinOperator::LeftSemi(constraint)
        | JoinOperator::LeftAnti(constraint)
        | JoinOperator::RightSemi(constraint)
        | JoinOperator::RightAnti(constraint) => Some(constraint),
        JoinOperator::CrossApply | JoinOperator::OuterApply => Some(&JoinConstraint::None),
        JoinOperator::Semi(_)
        | JoinOperator::Anti(_)
        | JoinOperator::AsOf { .. }
        | JoinOperator::ArrayJoin
        | JoinOperator::LeftArrayJoin
        | JoinOperator::InnerArrayJoin => None,
    }
}

impl<'a> Resolver<'a> {
    pub(super) fn from<'s>(
        &mut self,
        from: &[TableWithJoins],
        scope: &mut Scope<'a, 's>,
        ctes: &Ctes<'_>,
        shape: &mut JoinShape,
    ) {
        for (at, item) in from.iter().enumerate() {
            shape.joins += usize::from(at > 0);
            self.table_with_joins(item, scope, ctes, shape);
        }
        if self.dialect == Dialect::Sqlite {
            // Here a condition may name relations that follow it.
            for join in from.iter().flat_map(|item| &item.joins) {
                if let Some(JoinConstraint::On(condition)) = constraint(&join.join_operator) {
                    self.condition(condition, scope, ctes, shape);
                }
            }
        }
    }

    pub(super) fn table_with_joins<'s>(
        &mut self,
        item: &TableWithJoins,
        scope: &mut Scope<'a, 's>,
        ctes: &Ctes<'_>,
        shape: &mut JoinShape,
    ) {
        let TableWithJoins { relation, joins } = item;
        let first = scope.relations.len();
        self.factor(relation, scope, ctes, shape, false);
        for join in joins {
            shape.joins += 1;
            self.join(join, first, scope, ctes, shape);
        }
    }

    fn join<'s>(&mut self, join: &Join, first: usize, scope: &mut Scope<'a, 's>, ctes: &Ctes<'_>, shape: &mut JoinShape) {
        let Join { relation, global, join_operator } = join;
        if *global {
            self.refuse_at("GLOBAL joins", relation);
        }
        let Some(constraint) = constraint(join_operator) else {
            self.refuse_at("this kind of join", relation);
            return;
        };
        let apply = matches!(join_operator, JoinOperator::CrossApply | JoinOperator::OuterApply);
        if (apply || matches!(join_operator, JoinOperator::CrossJoin(_)))
            && self.dialect == Dialect::Tsql
            && matches!(relation, TableFactor::Pivot { .. } | TableFactor::Unpivot { .. })
        {
            // The server turns all that stands before it, the parser the last table only.
            self.refuse_for("PIVOT of a join", "put what is turned into a subquery", relation);
        }
        let right = scope.relations.len();
        self.factor(relation, scope, ctes, shape, apply);
        match constraint {
            JoinConstraint::On(_) if self.dialect == Dialect::Sqlite && !self.in_parentheses => {}
            JoinConstraint::On(condition) => self.condition(condition, scope, ctes, shape),
            JoinConstraint::Using(columns) => {
                for column in columns {
                    let Some([ident]) =
                        identifiers(column).as_deref().map(<[_]>::to_vec).and_then(|parts| <[_; 1]>::try_from(parts).ok())
                    else {
                        self.refuse_at("a qualified name in USING", column);
                        continue;
                    };
                    let name = Name::of(self.dialect, ident);
                    self.merge(&name, first, right, scope, shape, column);
                }
            }
            JoinConstraint::Natural => {
                let names: Vec<String> = scope
                    .relations
                    .get(right..)
                    .unwrap_or_default()
                    .iter()
                    .flat_map(|relation| relation.column_names().into_iter().map(str::to_owned).collect::<Vec<_>>())
                    .collect();
                for name in names {
                    let name = Name::plain(self.dialect, &name);
                    let left = scope.relations.get(first..right).unwrap_or_default();
                    if left.iter().any(|relation| relation.column(&name).is_some()) {
                        self.merge_found(&name, first, right, scope, shape);
                    }
                }
            }
            JoinConstraint::None => {}
        }
        let gone = match join_operator {
            JoinOperator::LeftSemi(_) | JoinOperator::LeftAnti(_) => right..scope.relations.len(),
            JoinOperator::RightSemi(_) | JoinOperator::RightAnti(_) => first..right,
            _ => return,
        };
        if self.dialect != Dialect::Datafusion {
            self.refuse_for("a semi or anti join", "use EXISTS or NOT EXISTS", relation);
        }
        // The other side can be tested, not shown.
        for relation in scope.relations.get_mut(gone).unwrap_or_default() {
            *relation = Relation::derived(None, Rc::default(), relation.rows);
        }
    }

    /// A column of `USING`: both sides must have it.
    fn merge(
        &mut self,
        name: &Name<'_>,
        first: usize,
        right: usize,
        scope: &mut Scope<'a, '_>,
        shape: &mut JoinShape,
        place: &sqlparser::ast::ObjectName,
    ) {
        let has =
            |range: Option<&[Relation<'a>]>| range.unwrap_or_default().iter().any(|relation| relation.column(name).is_some());
        if !has(scope.relations.get(first..right)) || !has(scope.relations.get(right..)) {
            self.report(rules::known_column::unknown(&name.text, &[], position(place)));
            return;
        }
        self.merge_found(name, first, right, scope, shape);
    }

    fn merge_found(&mut self, name: &Name<'_>, first: usize, right: usize, scope: &mut Scope<'a, '_>, shape: &mut JoinShape) {
        let mut bits = 0u64;
        let mut read = Vec::new();
        for (at, relation) in scope.relations.iter_mut().enumerate().skip(first) {
            let Some(sources) = relation.column(name) else { continue };
            read.extend(sources);
            bits |= 1u64.checked_shl(at as u32).unwrap_or(0);
            if at >= right {
                relation.merged.push(name.text.to_string());
            }
        }
        self.read(&read);
        shape.tie(bits);
    }

    /// The tables of a select that has been resolved already, as relations: nothing is recorded or reported.
    pub(super) fn plain_relations(&mut self, select: &Select, ctes: &Ctes<'_>) -> Vec<Relation<'a>> {
        let mut relations = Vec::new();
        for item in &select.from {
            for factor in std::iter::once(&item.relation).chain(item.joins.iter().map(|join| &join.relation)) {
                if let TableFactor::Table { name, alias, args: None, .. } = factor {
                    let reported = self.found.findings.len();
                    if let Some(named) = self.named_relation(name, alias.as_ref(), ctes) {
                        relations.push(named.relation);
                    }
                    self.found.findings.truncate(reported);
                }
            }
        }
        relations
    }

    /// Whether a lookup in `scope` finds `name`; for tests of what a bare word is.
    pub(super) fn is_column(&self, name: &Name<'_>, scope: &Scope<'a, '_>) -> bool {
        !matches!(scope.lookup(&[], name, self.default_schema()), Lookup::Missing)
    }
}
