"""The functions that a query may call: they compute with values and touch neither the server nor its files."""

# Of PostgreSQL, MySQL and MariaDB together; what one of them has not, it refuses by itself.


def words(*lines: str) -> frozenset[str]:
    """Return the words of some lines."""
    return frozenset(" ".join(lines).split())


FUNCTIONS = words(
    # Of many rows
    "count sum avg min max stddev stddev_pop stddev_samp std variance var_pop var_samp corr covar_pop covar_samp",
    "regr_slope regr_intercept regr_r2 regr_count percentile_cont percentile_disc mode median bool_and bool_or every",
    "bit_and bit_or any_value array_agg string_agg group_concat json_agg jsonb_agg json_arrayagg json_objectagg",
    "grouping approx_count_distinct",
    # Of rows beside each other
    "row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value",
    # What is missing, and choices
    "coalesce nullif ifnull isnull nvl nvl2 if greatest least decode num_nulls num_nonnulls",
    # Numbers
    "abs ceil ceiling floor round trunc truncate mod div power pow sqrt cbrt exp ln log log2 log10 sign pi degrees",
    "radians sin cos tan asin acos atan atan2 random rand width_bucket conv bin oct hex unhex to_hex format crc32",
    # Texts
    "lower upper lcase ucase initcap length char_length character_length octet_length bit_length concat concat_ws",
    "substring substr substring_index mid left right trim btrim ltrim rtrim lpad rpad repeat reverse replace translate",
    "overlay position strpos instr locate field elt find_in_set split_part string_to_array starts_with ascii chr",
    "char quote_literal space strcmp soundex regexp_replace regexp_substr regexp_instr regexp_like regexp_match",
    "regexp_matches regexp_count md5 sha sha1 sha2 sha256 encode to_base64 from_base64 normalize unaccent",
    # Days and moments
    "now current_date current_time current_timestamp localtime localtimestamp curdate curtime sysdate utc_date",
    "utc_timestamp statement_timestamp clock_timestamp transaction_timestamp date time timestamp datetime date_part",
    "date_trunc date_bin extract age to_char to_date to_timestamp to_number make_date make_time make_timestamp",
    "make_interval justify_days justify_hours justify_interval date_format date_add date_sub adddate subdate addtime",
    "subtime datediff timediff timestampdiff timestampadd str_to_date time_format year quarter month week weekofyear",
    "weekday yearweek day dayname dayofmonth dayofweek dayofyear hour minute second microsecond monthname last_day",
    "makedate maketime from_days to_days to_seconds unix_timestamp from_unixtime period_add period_diff time_to_sec",
    "sec_to_time months_between add_months",
    # Types
    "cast convert to_json to_jsonb",
    # Arrays, records and JSON
    "array_length cardinality array_position array_to_string array_append array_cat unnest generate_series row",
    "json_extract json_unquote json_value json_query json_length json_keys json_contains json_type json_valid",
    "json_array json_object json_extract_path json_extract_path_text jsonb_extract_path jsonb_extract_path_text",
    "json_array_length jsonb_array_length json_array_elements jsonb_array_elements json_array_elements_text",
    "jsonb_array_elements_text json_each json_each_text jsonb_each jsonb_each_text json_object_keys jsonb_object_keys",
    "jsonb_typeof json_typeof",
)
