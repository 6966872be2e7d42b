// What an application built on LangGraph sends to its saver: each step of a shape is a list of calls.
import { uuid5, uuid6 } from "@langchain/langgraph-checkpoint";

// Text of made-up words, used unevenly; the same on every run. It compresses as English chats do, to 43 %
// by pglz within a list of messages: what PostgresSaver needs depends on that.
class Words {
	#state;
	#words;

	constructor(seed = 42) {
		this.#state = seed;
		this.#words = Array.from({ length: 500 }, (_, i) => this.#word(4 + (i % 6)));
	}

	// mulberry32
	#random() {
		this.#state = (this.#state + 0x6d2b79f5) | 0;
		let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	}

	#word(length) {
		return Array.from({ length }, () => "etaoinshrdlucmfw"[this.below(16)]).join("");
	}

	below(n) {
		return Math.floor(this.#random() * n);
	}

	text(bytes) {
		let text = "";
		while (text.length < bytes) text += this.#words[Math.floor(500 * this.#random() ** 3)] + " ";
		return text.slice(0, bytes - 1) + ".";
	}

	id() {
		return uuid5(String(this.#random()), "6ba7b810-9dad-11d1-80b4-00c04fd430c8");
	}
}

// The bookkeeping of LangGraph's loop: ids, integer versions, what each node has seen.
class Loop {
	#step = -1;
	#versions = {};
	#seen = { __input__: {} };
	#parent;

	put(source, values, changed) {
		const newVersions = Object.fromEntries(changed.map((channel) => [channel, this.#step + 2]));
		Object.assign(this.#versions, newVersions);
		const checkpoint = {
			v: 4,
			id: uuid6(this.#step),
			ts: new Date().toISOString(),
			channel_values: { ...values, __pregel_tasks: [] },
			channel_versions: { ...this.#versions },
			versions_seen: structuredClone(this.#seen),
		};
		const metadata = { source, step: this.#step++, parents: {} };
		const put = { parent: this.#parent, checkpoint, metadata, newVersions };
		this.#parent = checkpoint.id;
		return { put };
	}

	writes(node, trigger, writes) {
		this.#seen[node] = { [trigger]: this.#versions[trigger] };
		const taskId = uuid5(node, this.#parent);
		return { writes: { checkpointId: this.#parent, taskId, taskPath: `~__pregel_pull, ${node}`, writes } };
	}
}

function message(type, kwargs) {
	return { lc: 1, type: "constructor", id: ["langchain_core", "messages", type], kwargs };
}

// A graph of one node, model: a question of 500 bytes and an answer of 500 bytes a turn.
export function* chat(turns) {
	const words = new Words();
	const loop = new Loop();
	let messages = [];
	const body = () => ({ id: words.id(), content: words.text(500) });
	const rest = { additional_kwargs: {}, response_metadata: {} };
	for (let turn = 0; turn < turns; turn++) {
		const asked = [message("HumanMessage", { ...body(), ...rest })];
		const answered = [message("AIMessage", { ...body(), tool_calls: [], invalid_tool_calls: [], ...rest })];
		const node = "branch:to:model";
		yield [
			loop.put("input", { messages, __start__: { messages: asked } }, ["__start__"]),
			loop.writes("__start__", "__start__", [["messages", asked], [node, null]]),
			loop.put("loop", { messages: (messages = [...messages, ...asked]), [node]: null }, ["__start__", "messages", node]),
			loop.writes("model", node, [["messages", answered]]),
			loop.put("loop", { messages: (messages = [...messages, ...answered]) }, ["messages", node]),
		];
	}
}

// 50 files of 20 lines of 200 bytes in one channel; each step edits one line.
export function* files(steps) {
	const words = new Words();
	const loop = new Loop();
	const lines = () => Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`line ${i + 1}`, words.text(200)]));
	let files = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`src/file${i + 1}.txt`, lines()]));
	for (let step = 0; step < steps; step++) {
		const name = `src/file${words.below(50) + 1}.txt`;
		files = { ...files, [name]: { ...files[name], [`line ${words.below(20) + 1}`]: words.text(200) } };
		yield [loop.put("loop", { files }, ["files"])];
	}
}
