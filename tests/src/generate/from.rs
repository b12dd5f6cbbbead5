//! `FROM`: relations and joins.

use super::{Column, Generator, Relation};
use crate::property::schema::Kind;

impl Generator<'_> {
    /// The text behind `FROM` and its relations.
    pub(super) fn from(&mut self) -> (String, Vec<Relation>) {
        let (mut text, first) = self.factor();
        let mut relations = vec![first];
        let more = match self.rng.below(100) {
            0..55 => 0,
            55..90 => 1,
            _ => 2,
        };
        if more == 2 && self.rng.chance(40) {
            let parentheses = self.rng.chance(60);
            let (second, two) = self.factor();
            let (third, three) = self.factor();
            relations.push(two);
            relations.push(three);
            let (outer, inner) = (self.on(&relations), self.on_plain(&relations[1..]));
            if parentheses {
                self.form("join in parentheses");
                let kind = self.rng.pick(&["JOIN", "LEFT JOIN"]);
                text = format!("{text} {kind} ({second} JOIN {third} ON {inner}) ON {outer}");
            } else {
                self.form("conditions after the last join");
                text = format!("{text} JOIN {second} JOIN {third} ON {outer} AND {inner}");
            }
            return (text, relations);
        }
        for _ in 0..more {
            text = self.join(text, &mut relations);
        }
        (text, relations)
    }

    fn join(&mut self, text: String, relations: &mut Vec<Relation>) -> String {
        if self.rng.chance(10)
            && let Some((call, relation)) = self.json_of_column(relations)
        {
            relations.push(relation);
            let kind = self.rng.pick(&[", ", " JOIN ", " LEFT JOIN "]);
            return if kind == " LEFT JOIN " { format!("{text}{kind}{call} ON 1") } else { format!("{text}{kind}{call}") };
        }
        let (right, relation) = self.factor();
        let shared: Vec<String> = relation
            .columns
            .iter()
            .filter(|column| relations.len() == 1 && relations[0].columns.iter().any(|own| own.name == column.name))
            .map(|column| column.name.clone())
            .collect();
        relations.push(relation);
        if !shared.is_empty() && self.rng.chance(35) {
            let natural = self.rng.chance(50);
            let kind = self.rng.pick(&["", "LEFT ", "INNER ", "FULL "]);
            if natural {
                self.form("natural join");
                return format!("{text} NATURAL {kind}JOIN {right}");
            }
            self.form("join using");
            let using = self.rng.pick(&shared).clone();
            let using = self.ident(&using);
            return format!("{text} {kind}JOIN {right} USING ({using})");
        }
        match self.one_of(&["comma join", "join", "inner join", "left join", "right join", "full join", "cross join"]) {
            "comma join" => format!("{text}, {right}"),
            "cross join" => format!("{text} CROSS JOIN {right}"),
            kind => {
                let words = match kind {
                    "join" => "JOIN",
                    "inner join" => "INNER JOIN",
                    "left join" => self.rng.pick(&["LEFT JOIN", "LEFT OUTER JOIN"]),
                    "right join" => "RIGHT JOIN",
                    _ => "FULL JOIN",
                };
                let on = self.on(relations);
                format!("{text} {words} {right} ON {on}")
            }
        }
    }

    /// A condition between the last of `relations` and the others, and sometimes more.
    fn on(&mut self, relations: &[Relation]) -> String {
        let condition = self.on_plain(relations);
        if !self.rng.chance(15) {
            return condition;
        }
        self.scopes.push(relations.to_vec());
        let more = self.condition(1);
        self.scopes.pop();
        format!("{condition} AND {more}")
    }

    fn on_plain(&mut self, relations: &[Relation]) -> String {
        let Some((last, before)) = relations.split_last() else { return "1".to_owned() };
        let kind = self.rng.pick(&[Kind::Int, Kind::Int, Kind::Text]);
        let mut sides = Vec::new();
        for side in [before, std::slice::from_ref(last)] {
            self.scopes.push(side.to_vec());
            let around = std::mem::replace(&mut self.inner_only, true);
            // Qualified: the other side may have the same names.
            sides.push(self.column_of(kind, true).unwrap_or_else(|| "1".to_owned()));
            self.inner_only = around;
            self.scopes.pop();
        }
        format!("{} = {}", sides[0], sides[1])
    }

    /// One relation with its alias.
    pub(super) fn factor(&mut self) -> (String, Relation) {
        let deep = self.depth >= 2;
        if !self.ctes.is_empty() && self.rng.chance(45) {
            let cte = self.ctes[self.rng.below(self.ctes.len())].clone();
            self.form("cte read");
            return self.alias(cte.name.clone(), cte, true);
        }
        match self.rng.below(100) {
            0..12 if !deep => self.derived(),
            12..16 => {
                self.form("VALUES in FROM");
                let rows = 1 + self.rng.below(3);
                let rows: Vec<String> =
                    (0..rows).map(|_| format!("({}, {})", self.literal(Kind::Int), self.literal(Kind::Text))).collect();
                let columns = vec![Column::new("column1", Kind::Int), Column::new("column2", Kind::Text)];
                let name = self.fresh("v");
                let relation = Relation::derived(name.clone(), columns);
                (format!("(VALUES {}) AS {name}", rows.join(", ")), relation)
            }
            16..18 => {
                self.form("json_each of a constant");
                let name = self.fresh("j");
                (format!("json_each('[3, 1, \"x\"]') AS {name}"), json_relation(name))
            }
            _ => {
                let all = self.schema.iter().enumerate().flat_map(|(at, own)| std::iter::repeat_n(at, own.weight));
                let all: Vec<usize> = all.collect();
                let relation = self.schema[self.rng.pick(&all)].clone();
                match relation.view {
                    None => {}
                    Some(false) => self.form("view"),
                    Some(true) => self.form("view of a view"),
                }
                self.alias(relation.name.clone(), relation, false)
            }
        }
    }

    /// `name` with an alias or without one.
    fn alias(&mut self, name: String, relation: Relation, is_cte: bool) -> (String, Relation) {
        let is_shadowed = !is_cte && self.shadowed.iter().any(|own| own.eq_ignore_ascii_case(&name));
        let mut text = self.ident(&name);
        let with_schema = !is_cte && (is_shadowed || self.rng.chance(8));
        if with_schema {
            self.form(if is_shadowed { "table behind the name of a cte" } else { "table with its schema" });
            text = format!("main.{text}");
        }
        // A name stands for itself once in a statement, so that it means one thing.
        if !with_schema && self.rng.chance(50) && !self.bare.contains(&name.to_lowercase()) {
            self.form("relation without alias");
            self.bare.push(name.to_lowercase());
            return (text, Relation { is_bare: !is_cte, ..relation });
        }
        let alias = match self.one_of(&["alias", "alias with AS", "alias in quotes"]) {
            "alias in quotes" => format!("{} x", self.fresh("q")),
            _ => self.fresh("r"),
        };
        let written = if alias.contains(' ') { format!("\"{alias}\"") } else { alias.clone() };
        let word = if alias.contains(' ') || self.rng.chance(50) { " AS" } else { "" };
        (format!("{text}{word} {written}"), Relation { name: alias, ..relation })
    }

    fn derived(&mut self) -> (String, Relation) {
        self.form(if self.depth == 0 { "derived table" } else { "derived table inside another query" });
        // A derived table sees nothing of the FROM it stands in.
        let (text, columns) = self.apart(|own| own.deeper(|own| own.query(None)));
        let bare = self.rng.chance(15);
        let name = if bare { String::new() } else { self.fresh("d") };
        let relation = Relation::derived(name.clone(), columns);
        if bare {
            self.form("derived table without alias");
            return (format!("({text})"), relation);
        }
        (format!("({text}) AS {name}"), relation)
    }

    /// `json_each` over a column of the relations before it.
    fn json_of_column(&mut self, relations: &[Relation]) -> Option<(String, Relation)> {
        self.scopes.push(relations.to_vec());
        let around = std::mem::replace(&mut self.inner_only, true);
        let column = self.column_of(Kind::Json, true);
        self.inner_only = around;
        self.scopes.pop();
        let column = column?;
        let function = self.one_of(&["json_each", "json_tree"]);
        let name = self.fresh("j");
        let argument = if self.rng.chance(70) { format!("iif(json_valid({column}), {column}, NULL)") } else { column };
        Some((format!("{function}({argument}) AS {name}"), json_relation(name)))
    }
}

fn json_relation(name: String) -> Relation {
    let columns = [("key", Kind::Text), ("value", Kind::Text), ("type", Kind::Text), ("fullkey", Kind::Text)];
    let columns = columns.map(|(name, kind)| Column::new(name, kind)).to_vec();
    Relation::derived(name, columns)
}
