//! DataFusion. Left out: table functions that read files, `version`, anything a host registered without saying so.

/// Names in lower case, sorted.
#[rustfmt::skip]
pub(super) const SCALAR: &[&str] = &[
    "acosh", "approx_distinct", "approx_median", "approx_percentile_cont", "approx_percentile_cont_with_weight", "array_agg",
    "array_any_value", "array_append", "array_concat", "array_contains", "array_dims", "array_distinct", "array_element",
    "array_empty", "array_except", "array_has", "array_has_all", "array_has_any", "array_intersect", "array_length",
    "array_max", "array_min", "array_ndims", "array_pop_back", "array_pop_front", "array_position", "array_positions",
    "array_prepend", "array_push_back", "array_push_front", "array_remove", "array_remove_all", "array_replace",
    "array_reverse", "array_slice", "array_sort", "array_sum", "array_to_string", "array_union", "arrow_cast", "arrow_typeof",
    "ascii", "asinh", "atanh", "bit_and", "bit_length", "bit_or", "bit_xor", "bool_and", "bool_or", "btrim", "cardinality",
    "cbrt", "char_length", "character_length", "chr", "contains", "corr", "cosh", "covar", "covar_pop", "covar_samp",
    "date_bin", "date_format", "date_part", "date_trunc", "datepart", "datetrunc", "decode", "digest", "element_at", "empty",
    "encode", "ends_with", "extract", "factorial", "find_in_set", "first_value", "flatten", "from_unixtime", "gcd", "get_field",
    "greatest", "initcap", "instr", "isnan", "iszero", "last_value", "lcm", "least", "levenshtein", "list_contains", "log2",
    "lpad", "make_array", "make_date", "make_time", "map", "map_entries", "map_extract", "map_keys", "map_values", "md5",
    "mean", "median", "named_struct", "nanvl", "now", "nvl", "nvl2", "octet_length", "overlay", "percentile_cont", "position",
    "random", "range_agg", "regexp_count", "regexp_instr", "regexp_like", "regexp_match", "regexp_replace", "regr_avgx",
    "regr_avgy", "regr_count", "regr_intercept", "regr_r2", "regr_slope", "regr_sxx", "regr_sxy", "regr_syy", "repeat", "row",
    "rpad", "sha224", "sha256", "sha384", "sha512", "signum", "sinh", "split_part", "starts_with", "stddev_pop", "stddev_samp",
    "string_agg", "string_to_array", "strpos", "struct", "substr_index", "substring_index", "tanh", "to_char", "to_date",
    "to_hex", "to_local_time", "to_timestamp", "to_timestamp_micros", "to_timestamp_millis", "to_timestamp_nanos",
    "to_timestamp_seconds", "to_unixtime", "today", "translate", "trunc", "unnest", "uuid", "var", "var_pop", "var_samp",
    "var_sample",
];

/// Functions that may stand in `FROM`.
#[rustfmt::skip]
pub(super) const TABLE: &[&str] = &[
    "generate_series", "range", "unnest",
];
