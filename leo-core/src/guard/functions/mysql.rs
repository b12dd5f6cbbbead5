//! MySQL and MariaDB. Left out: `sleep`, `benchmark`, locks, `load_file`, account and server information, `values` of changes, XML
//! update, user variables.

/// Names in lower case, sorted.
#[rustfmt::skip]
pub(super) const SCALAR: &[&str] = &[
    "add_months", "adddate", "addtime", "any_value", "ascii", "avg", "bin", "bin_to_uuid", "bit_and", "bit_count", "bit_length",
    "bit_or", "bit_xor", "cast", "char", "char_length", "character_length", "charset", "chr", "coercibility", "collation",
    "concat_ws", "conv", "convert", "convert_tz", "crc32", "curdate", "current_date", "curtime", "date", "date_add",
    "date_format", "date_sub", "datediff", "day", "dayname", "dayofmonth", "dayofweek", "dayofyear", "div", "elt", "exp",
    "export_set", "extract", "field", "find_in_set", "format", "from_base64", "from_days", "from_unixtime", "get_format",
    "greatest", "group_concat", "hex", "hour", "if", "ifnull", "inet6_aton", "inet6_ntoa", "inet_aton", "inet_ntoa", "insert",
    "instr", "interval", "is_uuid", "isnull", "json_array", "json_arrayagg", "json_compact", "json_contains",
    "json_contains_path", "json_depth", "json_detailed", "json_exists", "json_extract", "json_keys", "json_length",
    "json_loose", "json_merge_patch", "json_merge_preserve", "json_normalize", "json_object", "json_objectagg", "json_overlaps",
    "json_pretty", "json_query", "json_quote", "json_remove", "json_replace", "json_schema_valid", "json_search", "json_set",
    "json_type", "json_unquote", "json_valid", "json_value", "last_day", "lcase", "least", "localtime", "localtimestamp",
    "locate", "log2", "lpad", "make_set", "makedate", "maketime", "md5", "median", "microsecond", "mid", "minute", "month",
    "monthname", "now", "nvl", "nvl2", "oct", "octet_length", "ord", "percentile_cont", "percentile_disc", "period_add",
    "period_diff", "point", "position", "quarter", "quote", "rand", "regexp_instr", "regexp_like", "regexp_replace",
    "regexp_substr", "repeat", "row", "rpad", "sec_to_time", "second", "sha", "sha1", "sha2", "soundex", "space", "st_area",
    "st_astext", "st_centroid", "st_contains", "st_distance", "st_distance_sphere", "st_geomfromtext", "st_intersects",
    "st_length", "st_within", "st_x", "st_y", "std", "stddev_pop", "stddev_samp", "str_to_date", "strcmp", "subdate",
    "substring_index", "subtime", "sysdate", "time", "time_format", "time_to_sec", "timediff", "timestamp", "timestampadd",
    "timestampdiff", "to_base64", "to_char", "to_days", "to_seconds", "truncate", "ucase", "unhex", "unix_timestamp",
    "utc_date", "utc_time", "utc_timestamp", "uuid", "uuid_to_bin", "var_pop", "var_samp", "variance", "week", "weekday",
    "weekofyear", "weight_string", "year", "yearweek",
];

/// Functions that may stand in `FROM`.
#[rustfmt::skip]
pub(super) const TABLE: &[&str] = &[
    "json_table",
];
