//! SQLite. Left out: `load_extension`, `readfile`, `writefile`, `edit`, `fts3_tokenizer`, `randomblob`, `zeroblob`, `sqlite_*`,
//! `changes`, `last_insert_rowid`, `eval`.

/// Names in lower case, sorted.
#[rustfmt::skip]
pub(super) const SCALAR: &[&str] = &[
    "->", "->>", "acosh", "asinh", "atanh", "bm25", "char", "concat", "concat_ws", "cosh", "date", "datetime", "decimal",
    "format", "glob", "group_concat", "hex", "highlight", "hypot", "if", "ifnull", "iif", "instr", "json", "json_array",
    "json_array_length", "json_error_position", "json_extract", "json_group_array", "json_group_object", "json_insert",
    "json_object", "json_patch", "json_pretty", "json_quote", "json_remove", "json_replace", "json_set", "json_type",
    "json_valid", "jsonb", "jsonb_array", "jsonb_extract", "jsonb_group_array", "jsonb_group_object", "jsonb_insert",
    "jsonb_object", "jsonb_patch", "jsonb_remove", "jsonb_replace", "jsonb_set", "julianday", "like", "likelihood", "likely",
    "log2", "median", "nullif", "octet_length", "percentile", "percentile_cont", "percentile_disc", "printf", "quote", "random",
    "sinh", "snippet", "soundex", "sqlite_version", "strftime", "string_agg", "tanh", "time", "timediff", "total", "trunc",
    "typeof", "unhex", "unicode", "unistr", "unistr_quote", "unixepoch", "unlikely",
];

/// Functions that may stand in `FROM`.
#[rustfmt::skip]
pub(super) const TABLE: &[&str] = &[
    "generate_series", "json_each", "json_tree", "jsonb_each", "jsonb_tree",
];
