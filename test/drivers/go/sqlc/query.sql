-- An array as the argument of a function needs its cast, else sqlc takes it for one number or text.

-- name: CreateUser :one
SELECT user_id, metadata FROM threadmem.user_create(@user_id, metadata => @metadata);

-- name: CreateThread :one
SELECT thread_id FROM threadmem.thread_create(@thread_id, user_id => sqlc.narg(user_id), graph_id => 'guide');

-- name: GetThread :one
SELECT thread_id, title, message_count FROM threadmem.thread_get(@thread_id);

-- name: RenameThread :one
SELECT version FROM threadmem.thread_update(@thread_id, title => @title, expected_version => @expected_version);

-- name: ListThreads :many
SELECT thread_id FROM threadmem.thread_list();

-- name: AddParts :one
SELECT * FROM threadmem.message_add(@thread_id, @role, parts => @parts, message_id => @message_id);

-- name: AddCalls :one
SELECT seq FROM threadmem.message_add(@thread_id, 'assistant', tool_calls => @tool_calls);

-- name: AddOutput :one
SELECT seq FROM threadmem.message_add(@thread_id, 'tool', @content, tool_call_id => @tool_call_id);

-- name: Page :many
SELECT * FROM threadmem.message_list(@thread_id, max_rows => @max_rows, after_position => sqlc.narg(after_position));

-- name: Window :many
SELECT role, content, used_tokens FROM threadmem.message_context(@thread_id, max_tokens => @max_tokens);

-- name: SearchMessages :many
SELECT * FROM threadmem.message_search(@query, user_id => @user_id);

-- name: CreateRun :one
SELECT status FROM threadmem.run_create(@thread_id, run_id => @run_id, graph_id => 'guide');

-- name: ClaimRun :one
SELECT * FROM threadmem.run_claim(@worker, lease => @lease, graph_id => 'guide');

-- name: Heartbeat :one
SELECT lease_until FROM threadmem.run_heartbeat(@thread_id, @run_id, @worker, @lease);

-- name: CompleteRun :one
SELECT status FROM threadmem.run_complete(@thread_id, @run_id, usage => @usage, worker => @worker);

-- name: InterruptRun :one
SELECT status FROM threadmem.run_interrupt(@thread_id, @run_id, worker => @worker);

-- name: UpdateState :one
SELECT checkpoint_id FROM threadmem.thread_update_state(@thread_id, @input, as_node => @as_node, next => @next_nodes::text[], run_id => @run_id);

-- name: PutWrites :one
SELECT threadmem.checkpoint_put_writes(@thread_id, @checkpoint_id, @task_id, @writes);

-- name: State :one
SELECT t.status, s."values" AS state, s.next, s.tasks, s.interrupts, s.checkpoint
  FROM threadmem.thread_get(@thread_id) t, threadmem.thread_state(@thread_id) s;

-- name: SetEmbedding :one
SELECT threadmem.memory_set_embedding(@user_id, @embedding::double precision[], thread_id => @thread_id, message_id => @message_id);

-- name: SearchMemory :many
SELECT * FROM threadmem.memory_search(@user_id, @query, embedding => sqlc.narg(embedding)::double precision[]);

-- name: InsertChat :exec
INSERT INTO chats (id, label) VALUES (@id, @label);

-- name: ChatsWithThreads :many
SELECT c.id, c.label, coalesce(t.message_count, -1)::integer AS message_count
  FROM chats c LEFT JOIN LATERAL threadmem.thread_get(c.id, missing_ok => true) t ON true ORDER BY c.label;

-- name: SetTenant :exec
SELECT set_config('threadmem.tenant', @tenant, true);
