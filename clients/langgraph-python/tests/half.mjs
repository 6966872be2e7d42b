// Half a superstep of a graph in JavaScript, the same graph as in test_javascript.py.
// node half.mjs CLIENT URL TENANT begin|answer|go TEXT

const [client, url, tenant, kind, text] = process.argv.slice(2);
const at = (name) => import(`${client}/node_modules/${name}`);
const { ThreadmemSaver } = await import(`${client}/dist/index.js`);
const { default: pg } = await at("pg/lib/index.js");
const { Annotation, Command, interrupt, START, StateGraph } = await at("@langchain/langgraph/dist/index.js");

const pool = new pg.Pool({ connectionString: url || undefined, options: `-c threadmem.tenant=${tenant}` });
const list = () => Annotation({ reducer: (left, right) => left.concat(right), default: () => [] });
const ran = [];
const inner = new StateGraph(Annotation.Root({ log: list() }))
	.addNode("first", () => (ran.push("first"), { log: ["first"] }))
	.addNode("second", () => ({ log: [interrupt("inside")] }))
	.addEdge(START, "first")
	.addEdge("first", "second")
	.compile();
const graph = new StateGraph(Annotation.Root({ log: list() }))
	.addNode("done", () => (ran.push("done"), { log: ["done"] }))
	.addNode("ask", () => ({ log: [interrupt("one"), interrupt("two")] }))
	.addNode("sub", inner)
	.addEdge(START, "done")
	.addEdge(START, "ask")
	.addEdge(START, "sub")
	.compile({ checkpointer: new ThreadmemSaver(pool) });
const config = { configurable: { thread_id: "t" } };
const given = { begin: () => ({ log: ["in"] }), answer: () => new Command({ resume: JSON.parse(text) }), go: () => null };
const warned = [];
process.on("warning", ({ name, message }) => name === "ThreadmemWarning" && warned.push(message));
await graph.invoke(given[kind](), config);
const { tasks } = await graph.getState(config);
const asked = tasks.flatMap((task) => task.interrupts.map(({ id, value }) => [value, id]));
console.log(JSON.stringify({ ran, asked: Object.fromEntries(asked), warned }));
await pool.end();
