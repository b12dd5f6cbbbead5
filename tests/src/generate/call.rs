//! Calls: functions, aggregates, windows.

use super::Generator;
use crate::property::schema::Kind;

impl Generator<'_> {
    /// A call of a function that gives a value of `kind`.
    pub(super) fn call(&mut self, kind: Kind, depth: usize) -> String {
        match kind {
            Kind::Int => {
                let name = self.one_of(&[
                    "length",
                    "unicode",
                    "instr",
                    "abs",
                    "sign",
                    "iif",
                    "ifnull",
                    "coalesce",
                    "nullif",
                    "min of values",
                    "json_valid",
                    "json_array_length",
                    "octet_length",
                    "round",
                    "likely",
                ]);
                match name {
                    "length" | "unicode" | "octet_length" => format!("{name}({})", self.value(Kind::Text, depth)),
                    "instr" => format!("instr({}, {})", self.value(Kind::Text, depth), self.value(Kind::Text, 0)),
                    "abs" | "sign" | "likely" => format!("{name}({})", self.value(Kind::Int, depth)),
                    "round" => format!("round({}, 1)", self.value(Kind::Real, depth)),
                    "iif" => format!("iif({}, {}, {})", self.condition(depth), self.value(kind, 0), self.value(kind, 0)),
                    "min of values" => format!("min({}, {})", self.value(kind, depth), self.value(kind, 0)),
                    "json_valid" => format!("json_valid({})", self.json()),
                    "json_array_length" => format!("json_array_length(iif(json_valid({0}), {0}, '[]'), '$.b')", self.json()),
                    _ => format!("{name}({}, {})", self.value(kind, depth), self.value(kind, 0)),
                }
            }
            Kind::Real => {
                let name = self.one_of(&["round", "julianday", "max of values", "coalesce"]);
                match name {
                    "round" => format!("round({}, 2)", self.value(kind, depth)),
                    "julianday" => format!("julianday({})", self.value(Kind::Text, 0)),
                    "max of values" => format!("max({}, {})", self.value(kind, depth), self.value(kind, 0)),
                    _ => format!("coalesce({}, {}, 0.5)", self.value(kind, depth), self.value(kind, 0)),
                }
            }
            Kind::Text | Kind::Json => self.text_call(depth),
        }
    }

    fn json(&mut self) -> String {
        self.column_of(Kind::Json, false).unwrap_or_else(|| "'{\"b\":[1]}'".to_owned())
    }

    fn text_call(&mut self, depth: usize) -> String {
        let kind = Kind::Text;
        let name = self.one_of(&[
            "upper",
            "lower",
            "substr",
            "substring",
            "trim",
            "ltrim with characters",
            "replace",
            "typeof",
            "hex",
            "quote",
            "printf",
            "concat",
            "concat_ws",
            "json_extract",
            "json_object",
            "json_array",
            "date",
            "strftime",
            "coalesce",
            "char",
            "soundex",
        ]);
        match name {
            "substr" | "substring" => format!("{name}({}, {}, 3)", self.value(kind, depth), self.rng.below(4) as i64 - 1),
            "ltrim with characters" => format!("ltrim({}, 'A*')", self.value(kind, depth)),
            "replace" => format!("replace({}, 'a', {})", self.value(kind, depth), self.value(kind, 0)),
            "typeof" | "quote" | "hex" => {
                let of = self.rng.pick(&[Kind::Int, Kind::Real, Kind::Text]);
                format!("{name}({})", self.value(of, depth))
            }
            "printf" => format!("printf('%s-%d', {}, {})", self.value(kind, depth), self.value(Kind::Int, 0)),
            "concat" => format!("concat({}, {})", self.value(kind, depth), self.value(Kind::Int, 0)),
            "concat_ws" => format!("concat_ws('/', {}, {})", self.value(kind, depth), self.value(kind, 0)),
            "json_extract" => {
                let path = self.rng.pick(&["$.a", "$.b[1]", "$.c.d"]);
                format!("json_extract(iif(json_valid({0}), {0}, '{{}}'), '{path}')", self.json())
            }
            "json_object" => format!("json_object('k', {}, 'l', {})", self.value(kind, 0), self.value(Kind::Int, 0)),
            "json_array" => format!("json_array({}, {})", self.value(kind, 0), self.value(Kind::Real, 0)),
            "date" => format!("date({}, '+1 month')", self.value(kind, 0)),
            "strftime" => format!("strftime('%Y-%m', {})", self.value(kind, 0)),
            "coalesce" => format!("coalesce({}, {})", self.value(kind, depth), self.value(kind, 0)),
            "char" => format!("char(65 + {} % 26)", self.rng.below(40)),
            _ => format!("{name}({})", self.value(kind, depth)),
        }
    }

    /// An aggregate over the innermost query that gives a value of `kind`.
    pub(super) fn aggregate(&mut self, kind: Kind) -> String {
        let windows = self.windows.take();
        let around = std::mem::replace(&mut self.inner_only, true);
        let text = self.aggregate_call(kind);
        self.inner_only = around;
        self.windows = windows;
        let filter = if self.rng.chance(12) {
            self.form("aggregate with FILTER");
            let around = std::mem::replace(&mut self.inner_only, true);
            let windows = self.windows.take();
            let condition = self.condition(1);
            (self.inner_only, self.windows) = (around, windows);
            format!(" FILTER (WHERE {condition})")
        } else {
            String::new()
        };
        format!("{text}{filter}")
    }

    fn aggregate_call(&mut self, kind: Kind) -> String {
        match kind {
            Kind::Int => match self.one_of(&["count(*)", "count", "count(DISTINCT)", "sum", "max", "min"]) {
                "count(*)" => "count(*)".to_owned(),
                "count(DISTINCT)" => {
                    let of = self.rng.pick(&[Kind::Int, Kind::Text]);
                    format!("count(DISTINCT {})", self.value(of, 1))
                }
                "count" => {
                    let of = self.rng.pick(&[Kind::Int, Kind::Text, Kind::Real]);
                    format!("count({})", self.value(of, 1))
                }
                "sum" if self.rng.chance(15) => {
                    self.form("error oracle by sum");
                    let value = self.literal(Kind::Int);
                    format!("sum(CASE WHEN {} = {value} THEN 9223372036854775807 ELSE 1 END)", self.value(Kind::Int, 0))
                }
                name => format!("{name}({})", self.value(kind, 1)),
            },
            Kind::Real => {
                let name = self.one_of(&["avg", "total", "sum", "max", "sum(DISTINCT)"]);
                if name == "sum(DISTINCT)" {
                    return format!("sum(DISTINCT {})", self.value(kind, 0));
                }
                format!("{name}({})", self.value(kind, 1))
            }
            Kind::Text | Kind::Json => {
                let unique = self.unique_columns();
                let name = self.one_of(&["max", "min", "group_concat", "json_group_array"]);
                match (name, unique) {
                    ("group_concat", Some(unique)) => {
                        self.form("aggregate with ORDER BY");
                        let separator = self.rng.pick(&["", ", '; '"]);
                        format!("group_concat({}{separator} ORDER BY {unique})", self.value(kind, 1))
                    }
                    ("json_group_array", Some(unique)) => {
                        self.form("aggregate with ORDER BY");
                        format!("json_group_array({} ORDER BY {unique} DESC)", self.value(kind, 1))
                    }
                    _ => format!("{}({})", if name == "min" { "min" } else { "max" }, self.value(kind, 1)),
                }
            }
        }
    }

    /// What orders the rows of the innermost query completely, when something does.
    pub(super) fn unique_columns(&mut self) -> Option<String> {
        let relations = self.scopes.last()?.clone();
        let mut terms = Vec::new();
        for relation in relations {
            let unique = relation.unique?;
            let (relation, unique) = (self.ident(&relation.name), self.ident(&unique));
            terms.push(format!("{relation}.{unique}"));
        }
        Some(terms.join(", "))
    }

    /// A window function.
    pub(super) fn window(&mut self, kind: Kind) -> String {
        let Some(names) = self.windows.take() else { return self.literal(kind) };
        let around = std::mem::replace(&mut self.inner_only, true);
        let order = self.unique_columns();
        let text = match (kind, order.is_some()) {
            (Kind::Int, true) => {
                let name = self.one_of(&["row_number", "rank", "dense_rank", "ntile", "lag", "lead", "count over"]);
                match name {
                    "ntile" => "ntile(2)".to_owned(),
                    "lag" | "lead" => format!("{name}({}, 1, -1)", self.value(kind, 0)),
                    "count over" => "count(*)".to_owned(),
                    _ => format!("{name}()"),
                }
            }
            (Kind::Int, false) => format!("count({})", self.value(Kind::Text, 0)),
            (Kind::Real, true) => match self.one_of(&["percent_rank", "cume_dist", "sum over", "avg over"]) {
                "sum over" => format!("sum({})", self.value(kind, 0)),
                "avg over" => format!("avg({})", self.value(kind, 0)),
                name => format!("{name}()"),
            },
            (Kind::Real, false) => format!("sum({})", self.value(kind, 0)),
            (_, true) => {
                let name = self.one_of(&["first_value", "last_value", "nth_value", "max over"]);
                match name {
                    "nth_value" => format!("nth_value({}, 2)", self.value(Kind::Text, 0)),
                    "max over" => format!("max({})", self.value(Kind::Text, 0)),
                    _ => format!("{name}({})", self.value(Kind::Text, 0)),
                }
            }
            (_, false) => format!("min({})", self.value(Kind::Text, 0)),
        };
        let spec = self.window_spec(order);
        self.inner_only = around;
        if self.rng.chance(25) {
            self.form("named window");
            let name = self.fresh("w");
            self.windows = Some(names.into_iter().chain([format!("{name} AS ({spec})")]).collect());
            return format!("{text} OVER {name}");
        }
        self.windows = Some(names);
        self.form("window");
        format!("{text} OVER ({spec})")
    }

    fn window_spec(&mut self, order: Option<String>) -> String {
        let mut parts = Vec::new();
        if self.rng.chance(40) {
            self.form("PARTITION BY");
            let kind = self.rng.pick(&[Kind::Int, Kind::Text]);
            parts.push(format!("PARTITION BY {}", self.value(kind, 0)));
        }
        let Some(order) = order else { return parts.join(" ") };
        let first = if self.rng.chance(40) { format!("{} DESC, ", self.value(Kind::Int, 0)) } else { String::new() };
        parts.push(format!("ORDER BY {first}{order}"));
        if self.rng.chance(40) {
            let unit = self.one_of(&["frame of ROWS", "frame of RANGE", "frame of GROUPS"]).trim_start_matches("frame of ");
            let bounds = match unit {
                "RANGE" => {
                    self.rng.pick(&["BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW", "BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING"])
                }
                _ => self.rng.pick(&[
                    "BETWEEN 1 PRECEDING AND 1 FOLLOWING",
                    "2 PRECEDING",
                    "BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
                ]),
            };
            parts.push(format!("{unit} {bounds}"));
        }
        parts.join(" ")
    }
}
