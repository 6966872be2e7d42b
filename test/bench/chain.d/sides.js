// The two savers: how each stores what a shape sends, and the SQL by which each reads it.
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import pg from "pg";

export const THREAD = "1f0e5cd4-c138-64c0-8001-4203f6faa297";
export const COPY = "1f0e5cd4-c138-64c0-8002-4203f6faa297";

// Arguments of threadmem.checkpoint_put: of the values, those that changed.
export function putArguments({ parent, checkpoint, metadata, newVersions }) {
	const changed = Object.entries(checkpoint.channel_values).filter(([channel]) => channel in newVersions);
	return [
		THREAD,
		JSON.stringify({ ...checkpoint, channel_values: Object.fromEntries(changed) }),
		JSON.stringify(metadata),
		JSON.stringify(newVersions),
		parent ?? null,
	];
}

export class Threadmem {
	constructor(database) {
		this.client = new pg.Client({ database });
	}

	async setup() {
		await this.client.connect();
		await this.client.query("CREATE EXTENSION threadmem");
	}

	put(put) {
		return this.client.query({
			name: "put",
			text: "SELECT threadmem.checkpoint_put($1, $2, $3, $4, $5)",
			values: putArguments(put),
		});
	}

	writes({ checkpointId, taskId, taskPath, writes }) {
		return this.client.query({
			name: "writes",
			text: "SELECT threadmem.checkpoint_put_writes($1, $2, $3, $4, $5)",
			values: [THREAD, checkpointId, taskId, JSON.stringify(writes), taskPath],
		});
	}

	get = `SELECT * FROM threadmem.checkpoint_get('${THREAD}')`;
	list = `SELECT * FROM threadmem.checkpoint_list('${THREAD}', '', max_rows => 10)`;
	copy = `SELECT threadmem.checkpoint_copy_thread('${THREAD}', '${COPY}')`;
	prune = `SELECT threadmem.checkpoint_prune('{${THREAD}}')`;

	// The search vectors lie in the rows of messages.
	disk = `
		WITH part (tablename, bytes) AS (
			SELECT relname, pg_total_relation_size(oid) FROM pg_class
			WHERE relnamespace = 'threadmem_data'::regnamespace AND relkind = 'r'
		), search (vectors, gin) AS (
			SELECT coalesce(sum(pg_column_size(search)), 0), pg_relation_size('threadmem_data.messages_search')
			FROM threadmem_data.messages
		)
		SELECT sum(bytes) FILTER (WHERE tablename = 'messages') - vectors - gin AS messages,
			sum(bytes) FILTER (WHERE tablename = 'checkpoints') AS checkpoints,
			sum(bytes) FILTER (WHERE tablename = 'checkpoint_writes') AS writes,
			sum(bytes) FILTER (WHERE tablename IN ('threads', 'thread_values')) AS threads,
			vectors, gin
		FROM part, search GROUP BY vectors, gin`;

	deleteThread(thread) {
		return this.client.query("SELECT threadmem.checkpoint_delete_thread($1)", [thread]);
	}

	end() {
		return this.client.end();
	}
}

export class Peer {
	constructor(database) {
		this.client = new pg.Client({ database });
		this.saver = new PostgresSaver(new pg.Pool({ database }));
	}

	async setup() {
		await this.client.connect();
		await this.saver.setup();
	}

	put({ parent, checkpoint, metadata, newVersions }) {
		return this.saver.put(this.#config(parent), checkpoint, metadata, newVersions);
	}

	writes({ checkpointId, taskId, writes }) {
		return this.saver.putWrites(this.#config(checkpointId), writes, taskId);
	}

	#config(checkpoint_id) {
		return { configurable: { thread_id: THREAD, checkpoint_ns: "", checkpoint_id } };
	}

	// As getTuple and list send them.
	#newest(limit) {
		return `${this.saver.SQL_STATEMENTS.SELECT_SQL} WHERE thread_id = '${THREAD}' AND checkpoint_ns = ''
			ORDER BY checkpoint_id DESC LIMIT ${limit}`;
	}

	get get() {
		return this.#newest(1);
	}

	get list() {
		return this.#newest(10);
	}

	disk = `
		SELECT pg_total_relation_size('checkpoint_blobs') AS messages,
			pg_total_relation_size('checkpoints') AS checkpoints,
			pg_total_relation_size('checkpoint_writes') AS writes`;

	deleteThread(thread) {
		return this.saver.deleteThread(thread);
	}

	async end() {
		await this.client.end();
		await this.saver.end();
	}
}
