-- From here on as a role below row security.
SET SESSION AUTHORIZATION bench_memory;
