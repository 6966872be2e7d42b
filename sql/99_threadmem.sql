-- threadmem: the end of the script. Nothing with something in it is for PUBLIC; grant_access() gives what a role needs, and the rows are for
-- threadmem_runner alone.
SELECT threadmem.install_tables();
REVOKE ALL ON ALL TABLES IN SCHEMA threadmem_data FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA threadmem FROM PUBLIC;
-- Generators read the shapes of results as whoever generates; there is nothing in them.
GRANT SELECT ON threadmem.role_access, threadmem.listed_user, threadmem.listed_assistant, threadmem.listed_graph, threadmem.listed_thread,
    threadmem.listed_message, threadmem.listed_chunk, threadmem.found_message, threadmem.listed_checkpoint, threadmem.checkpoint_key,
    threadmem.stored_checkpoint, threadmem.state_snapshot, threadmem.listed_state, threadmem.rewound_thread, threadmem.sibling_message, threadmem.listed_run, threadmem.listed_run_step,
    threadmem.context_message, threadmem.listed_episode, threadmem.memory_hit, threadmem.listed_context_template,
    threadmem.claimed_episode, threadmem.extraction_status, threadmem.listed_fact, threadmem.fact_version, threadmem.listed_entity, threadmem.entity_version,
    threadmem.memory_block_version, threadmem.episode_version, threadmem.memory_statistic, threadmem.listed_membership,
    threadmem.listed_store_item, threadmem.listed_namespace,
    threadmem.deletion_count, threadmem.found_thread, threadmem.statistic, threadmem.storage, threadmem.finding,
    threadmem.function_summary, threadmem.tenant_sweep TO PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA threadmem FROM PUBLIC;
GRANT USAGE ON SCHEMA threadmem, threadmem_data TO threadmem_runner;
GRANT USAGE ON SCHEMA threadmem_data TO threadmem_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA threadmem_data TO threadmem_runner;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA threadmem TO threadmem_runner;
