"""The functions and table functions that SQL on attached tables may use.

A list of what is allowed, not of what is forbidden: a later DuckDB may bring functions that read files.
Left out although harmless by themselves: whatever makes long texts or lists out of short ones (repeat, lpad,
format, generate_series as a value), sleeps, reads settings or the session, or gives another value each time.
"""

AGGREGATES = """
any_value approx_count_distinct approx_quantile arg_max arg_min argmax argmin avg bool_and bool_or corr
count count_if count_star countif covar_pop covar_samp entropy favg first fsum geomean geometric_mean
kahan_sum kurtosis last listagg mad max max_by mean median min min_by mode product quantile quantile_cont
quantile_disc regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope sem skewness stddev
stddev_pop stddev_samp string_agg group_concat sum sumkahan var_pop var_samp variance weighted_avg wavg
"""
WINDOWS = """
cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank rank_dense row_number
"""
NUMBERS = """
+ - * / // % ** ^ & | ~ << >> @ abs acos add asin atan atan2 cbrt ceil ceiling cos cot degrees divide even exp
fdiv floor fmod gcd greatest isfinite isinf isnan lcm least ln log log10 log2 mod multiply nextafter pi pow
power radians round round_even sign sin sqrt subtract tan trunc
"""
TEXTS = """
|| ~~ !~~ ~~* !~~* ~~~ ^@ ascii bit_length char_length chr concat concat_ws contains ends_with ilike_escape
instr lcase left len length levenshtein jaro_winkler_similarity like_escape lower ltrim nfc_normalize
not_ilike_escape not_like_escape ord position prefix regexp_extract regexp_full_match regexp_matches
regexp_replace replace reverse right rtrim split_part starts_with strip_accents strlen strpos substr substring
suffix translate trim ucase unicode upper md5
"""
DATES = """
age century date_add date_diff date_part date_sub date_trunc datediff datepart datesub datetrunc day dayname
dayofmonth dayofweek dayofyear days_in_month decade epoch era hour isodow isoyear last_day make_date make_time
make_timestamp microsecond millennium millisecond minute month monthname quarter second strftime strptime
time_bucket to_days to_hours to_minutes to_months to_quarters to_seconds to_weeks to_years try_strptime week
weekday weekofyear year yearweek
"""
OTHERS = """
alias coalesce constant_or_null hash if ifnull nullif row struct_extract list_value
struct_pack typeof unnest
"""
FUNCTIONS = frozenset(" ".join((AGGREGATES, WINDOWS, NUMBERS, TEXTS, DATES, OTHERS)).split())
TABLE_FUNCTIONS = frozenset({"unnest", "range", "generate_series"})
