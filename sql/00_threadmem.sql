-- threadmem: the schemas, and the role that the statements of the functions run as. Neither schema may exist yet: what somebody else put
-- there would run as ours.
CREATE SCHEMA threadmem;
COMMENT ON SCHEMA threadmem IS 'Threads of AI applications: users, assistants, threads, messages. Start with \df+ threadmem.*';
CREATE SCHEMA threadmem_data;
COMMENT ON SCHEMA threadmem_data IS 'The tables behind schema threadmem. Only its functions read and write them, as the role threadmem_runner; nobody else has a right here.';

CREATE FUNCTION threadmem.install_runner() RETURNS void
    AS 'MODULE_PATHNAME', 'threadmem_install_runner' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.install_runner() IS 'Run by the install script: makes the role threadmem_runner where the cluster has none yet. Errors: 42710 a role of that name can log in or has rights of its own.';
SELECT threadmem.install_runner();

CREATE FUNCTION threadmem.install_columns() RETURNS void
    AS 'MODULE_PATHNAME', 'threadmem_install_columns' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.install_columns() IS 'Run by the install script: sets lz4 on every wide column when the server was built with it, and no statistics on columns of documents and free text. Errors: none of its own.';
