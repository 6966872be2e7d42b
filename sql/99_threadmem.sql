-- threadmem: the end of the script. Nothing is for PUBLIC; grant_access() gives what a role needs.
SELECT threadmem.install_compression();
REVOKE ALL ON ALL TABLES IN SCHEMA threadmem FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA threadmem FROM PUBLIC;
