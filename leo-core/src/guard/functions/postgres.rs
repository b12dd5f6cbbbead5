//! PostgreSQL. Left out: everything that reads files, settings or other sessions, changes state, runs SQL from text, sleeps, or
//! turns names into objects.

/// Names in lower case, sorted.
#[rustfmt::skip]
pub(super) const SCALAR: &[&str] = &[
    "abbrev", "acosd", "acosh", "age", "any_value", "area", "array", "array_agg", "array_append", "array_cat", "array_dims",
    "array_fill", "array_length", "array_lower", "array_ndims", "array_position", "array_positions", "array_prepend",
    "array_remove", "array_replace", "array_reverse", "array_sample", "array_shuffle", "array_sort", "array_to_json",
    "array_to_string", "array_upper", "ascii", "asind", "asinh", "atan2d", "atand", "atanh", "bit_and", "bit_count",
    "bit_length", "bit_or", "bit_xor", "bool", "bool_and", "bool_or", "broadcast", "btrim", "cardinality", "cbrt", "center",
    "char_length", "character_length", "chr", "clock_timestamp", "convert_from", "convert_to", "corr", "cosd", "cosh", "cotd",
    "covar_pop", "covar_samp", "date", "date_add", "date_bin", "date_part", "date_subtract", "date_trunc", "daterange",
    "decode", "diameter", "difference", "div", "dmetaphone", "encode", "erf", "erfc", "every", "extract", "factorial", "family",
    "first_value", "float4", "float8", "format", "gcd", "gen_random_uuid", "generate_subscripts", "get_bit", "get_byte",
    "greatest", "height", "host", "hostmask", "initcap", "int2", "int4", "int4range", "int8", "int8range", "interval",
    "isempty", "isfinite", "json_agg", "json_array", "json_array_elements", "json_array_elements_text", "json_array_length",
    "json_arrayagg", "json_build_array", "json_build_object", "json_each", "json_each_text", "json_exists", "json_extract_path",
    "json_extract_path_text", "json_object", "json_object_agg", "json_object_keys", "json_objectagg", "json_query",
    "json_strip_nulls", "json_typeof", "json_value", "jsonb_agg", "jsonb_array_elements", "jsonb_array_elements_text",
    "jsonb_array_length", "jsonb_build_array", "jsonb_build_object", "jsonb_each", "jsonb_each_text", "jsonb_exists",
    "jsonb_extract_path", "jsonb_extract_path_text", "jsonb_insert", "jsonb_object", "jsonb_object_agg", "jsonb_object_keys",
    "jsonb_path_exists", "jsonb_path_match", "jsonb_path_query", "jsonb_path_query_array", "jsonb_path_query_first",
    "jsonb_pretty", "jsonb_set", "jsonb_strip_nulls", "jsonb_typeof", "justify_days", "justify_hours", "justify_interval",
    "lcm", "least", "levenshtein", "localtime", "localtimestamp", "lower", "lower_inc", "lower_inf", "lpad", "make_date",
    "make_interval", "make_time", "make_timestamp", "make_timestamptz", "masklen", "md5", "metaphone", "min_scale", "mode",
    "multirange", "netmask", "network", "normalize", "now", "nullif", "num_nonnulls", "num_nulls", "numeric", "numnode",
    "numrange", "octet_length", "overlay", "parse_ident", "percentile_cont", "percentile_disc", "pg_typeof", "phraseto_tsquery",
    "plainto_tsquery", "position", "querytree", "quote_ident", "quote_literal", "quote_nullable", "radius", "random",
    "range_agg", "range_intersect_agg", "range_merge", "regexp_count", "regexp_instr", "regexp_like", "regexp_match",
    "regexp_matches", "regexp_replace", "regexp_split_to_array", "regexp_split_to_table", "regexp_substr", "regr_avgx",
    "regr_avgy", "regr_count", "regr_intercept", "regr_r2", "regr_slope", "regr_sxx", "regr_sxy", "regr_syy", "repeat", "row",
    "row_to_json", "rpad", "scale", "set_bit", "set_byte", "setweight", "sha224", "sha256", "sha384", "sha512", "similarity",
    "sind", "sinh", "soundex", "split_part", "st_area", "st_asgeojson", "st_astext", "st_centroid", "st_contains",
    "st_distance", "st_dwithin", "st_geomfromtext", "st_intersects", "st_length", "st_makepoint", "st_point", "st_setsrid",
    "st_transform", "st_within", "st_x", "st_y", "starts_with", "statement_timestamp", "stddev_pop", "stddev_samp",
    "strict_word_similarity", "string_agg", "string_to_array", "string_to_table", "strip", "strpos", "tand", "tanh", "text",
    "timeofday", "timestamptz", "timezone", "to_ascii", "to_bin", "to_char", "to_date", "to_hex", "to_json", "to_jsonb",
    "to_number", "to_oct", "to_timestamp", "to_tsquery", "to_tsvector", "transaction_timestamp", "translate", "trim_array",
    "trim_scale", "trunc", "ts_headline", "ts_rank", "ts_rank_cd", "tsrange", "tstzrange", "tsvector_to_array", "unaccent",
    "unistr", "unnest", "upper", "upper_inc", "upper_inf", "uuid_generate_v4", "var_pop", "var_samp", "varchar", "variance",
    "websearch_to_tsquery", "width_bucket", "word_similarity", "xmlagg",
];

/// Functions that may stand in `FROM`.
#[rustfmt::skip]
pub(super) const TABLE: &[&str] = &[
    "generate_series", "generate_subscripts", "json_array_elements", "json_array_elements_text", "json_each", "json_each_text",
    "json_object_keys", "jsonb_array_elements", "jsonb_array_elements_text", "jsonb_each", "jsonb_each_text",
    "jsonb_object_keys", "jsonb_path_query", "regexp_matches", "regexp_split_to_table", "string_to_table", "unnest",
];
