//! SQLite. Left out: `load_extension`, `readfile`, `writefile`, `edit`, `fts3_tokenizer`, `randomblob`, `zeroblob`, `sqlite_*`,
//! `changes`, `last_insert_rowid`, `eval`; and what is not in every build of the engine, unless the connector adds it (`sqrt` and
//! its kin): `median`, `percentile`, `generate_series`. A host whose engine has these allows them in its settings.

/// Names in lower case, sorted.
#[rustfmt::skip]
pub(super) const SCALAR: &[&str] = &[
    "->", "->>", "acosh", "asinh", "atanh", "char", "concat", "concat_ws", "cosh", "date", "datetime", "format", "glob",
    "group_concat", "hex", "if", "ifnull", "iif", "instr", "json", "json_array", "json_array_length", "json_error_position",
    "json_extract", "json_group_array", "json_group_object", "json_insert", "json_object", "json_patch", "json_pretty",
    "json_quote", "json_remove", "json_replace", "json_set", "json_type", "json_valid", "jsonb", "jsonb_array", "jsonb_extract",
    "jsonb_group_array", "jsonb_group_object", "jsonb_insert", "jsonb_object", "jsonb_patch", "jsonb_remove", "jsonb_replace",
    "jsonb_set", "julianday", "like", "likelihood", "likely", "log2", "nullif", "octet_length", "printf", "quote", "random",
    "sinh", "soundex", "sqlite_version", "strftime", "string_agg", "tanh", "time", "timediff", "total", "trunc", "typeof",
    "unhex", "unicode", "unistr", "unistr_quote", "unixepoch", "unlikely",
];

/// Functions that may stand in `FROM`.
#[rustfmt::skip]
pub(super) const TABLE: &[&str] = &[
    "json_each", "json_tree", "jsonb_each", "jsonb_tree",
];
