-- threadmem: the schemas, and the roles that the statements of the functions run as. Neither schema may exist yet: what somebody else put
-- there would run as ours.
CREATE SCHEMA threadmem;
COMMENT ON SCHEMA threadmem IS 'Threads of AI applications: users, assistants, threads, messages. Start with SELECT * FROM threadmem.help()';
CREATE SCHEMA threadmem_data;
COMMENT ON SCHEMA threadmem_data IS
$$The tables behind schema threadmem. Only its functions read and write them, as the role threadmem_runner; nobody
else has a right here.$$;

CREATE FUNCTION threadmem.install_roles() RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_install_roles' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.install_roles() IS
$$Makes the roles threadmem_runner and threadmem_reader where the cluster has none yet.
Run by the install script.
Errors:
  42710: a role of that name can log in or has rights of its own$$;
SELECT threadmem.install_roles();

CREATE FUNCTION threadmem.install_tables() RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_install_tables' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.install_tables() IS
$$Sets for every table what all have alike.
Run by the install script: lz4 on every wide column when the server was built with it, and no statistics on
columns of documents and free text.
Errors: none of its own.$$;
