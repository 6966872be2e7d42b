-- threadmem: the schema. It must not exist yet: what somebody else put there would run as ours.
CREATE SCHEMA threadmem;
COMMENT ON SCHEMA threadmem IS 'Threads of AI applications: users, assistants, threads, messages. Start with \df+ threadmem.*';
