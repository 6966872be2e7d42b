-- threadmem: the end of the script. Nothing is for PUBLIC; grant_access() gives what a role needs, and the rows are for threadmem_runner alone.
SELECT threadmem.install_tables();
REVOKE ALL ON ALL TABLES IN SCHEMA threadmem_data FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA threadmem FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA threadmem FROM PUBLIC;
GRANT USAGE ON SCHEMA threadmem, threadmem_data TO threadmem_runner;
GRANT USAGE ON SCHEMA threadmem_data TO threadmem_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA threadmem_data TO threadmem_runner;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA threadmem TO threadmem_runner;
