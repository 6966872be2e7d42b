-- threadmem: the schemas. Neither may exist yet: what somebody else put there would run as ours.
CREATE SCHEMA threadmem;
COMMENT ON SCHEMA threadmem IS 'Threads of AI applications: users, assistants, threads, messages. Start with SELECT * FROM threadmem.help()';
CREATE SCHEMA threadmem_data;
COMMENT ON SCHEMA threadmem_data IS
$$The tables behind schema threadmem. Only its functions read and write them, as the role threadmem_runner; nobody
else has a right here.$$;
