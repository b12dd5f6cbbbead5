//! SQL Server. Left out: `openrowset` and its kin, server, session, security and object metadata, `xp_*`, anything with `@@`.

/// Names in lower case, sorted.
#[rustfmt::skip]
pub(super) const SCALAR: &[&str] = &[
    "approx_count_distinct", "approx_percentile_cont", "approx_percentile_disc", "ascii", "atn2", "avg", "binary_checksum",
    "bit_count", "cast", "char", "charindex", "checksum", "checksum_agg", "choose", "compress", "convert", "count_big",
    "current_timestamp", "current_timezone", "current_timezone_id", "cursor_status", "datalength", "date_bucket", "dateadd",
    "datediff", "datediff_big", "datefromparts", "datename", "datepart", "datetime2fromparts", "datetimefromparts",
    "datetimeoffsetfromparts", "datetrunc", "day", "decompress", "difference", "edit_distance", "eomonth", "format",
    "formatmessage", "get_bit", "getdate", "getutcdate", "greatest", "grouping_id", "hashbytes", "iif", "isdate", "isjson",
    "isnull", "isnumeric", "json_array", "json_arrayagg", "json_modify", "json_object", "json_objectagg", "json_path_exists",
    "json_query", "json_value", "least", "left_shift", "len", "log", "month", "nchar", "newid", "parse", "parsename",
    "patindex", "percentile_cont", "percentile_disc", "quotename", "rand", "regexp_count", "regexp_instr", "regexp_like",
    "regexp_replace", "regexp_substr", "replicate", "right_shift", "set_bit", "smalldatetimefromparts", "soundex", "space",
    "square", "stdev", "stdevp", "str", "string_agg", "string_escape", "stuff", "switchoffset", "sysdatetime",
    "sysdatetimeoffset", "sysutcdatetime", "timefromparts", "todatetimeoffset", "translate", "try_cast", "try_convert",
    "try_parse", "unicode", "var", "varp", "year",
];

/// Functions that may stand in `FROM`.
#[rustfmt::skip]
pub(super) const TABLE: &[&str] = &[
    "generate_series", "openjson", "string_split",
];
