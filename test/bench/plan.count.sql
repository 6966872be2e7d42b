-- One pass of plan.sql: see plan.
TRUNCATE counts;
CALL count_calls(:first);
SELECT :'side', :'when', at, format('%s, %s %s', name, to_char(size, 'FM999,999'), sizes), min(pages) FROM calls JOIN counts ON of = at GROUP BY at ORDER BY at;
