-- Tables in which threadmem and the peer, after a turn of each, do not have the same columns and bytes: see turn. A time
-- as text may be a digit shorter.
SELECT format($$SELECT %1$L WHERE abs((SELECT sum(pg_column_size(x)) FROM threadmem_data.%1$I x) - (SELECT sum(pg_column_size(x)) FROM public.%1$I x)) > 8
                OR (SELECT array_agg(DISTINCT key) FROM threadmem_data.%1$I x, jsonb_each(to_jsonb(x)) WHERE value <> 'null')
                IS DISTINCT FROM (SELECT array_agg(DISTINCT key) FROM public.%1$I x, jsonb_each(to_jsonb(x)) WHERE value <> 'null')$$, name)
  FROM unnest('{threads,messages,message_chunks,runs,checkpoints}'::text[]) AS name \gexec
