//! Functions that mean the same, and do no harm, everywhere.

/// Names in lower case, sorted.
#[rustfmt::skip]
pub(super) const SCALAR: &[&str] = &[
    "abs", "acos", "asin", "atan", "atan2", "avg", "ceil", "ceiling", "coalesce", "concat", "concat_ws", "cos", "cot", "count",
    "count_if", "cume_dist", "current_date", "current_time", "current_timestamp", "degrees", "dense_rank", "exp", "first_value",
    "floor", "grouping", "lag", "last_value", "lead", "left", "length", "ln", "log", "log10", "lower", "ltrim", "max", "min",
    "mod", "nth_value", "ntile", "nullif", "percent_rank", "pi", "pow", "power", "radians", "rank", "replace", "reverse",
    "right", "round", "row_number", "rtrim", "sign", "sin", "sqrt", "stddev", "substr", "substring", "sum", "tan", "trim",
    "upper",
];
