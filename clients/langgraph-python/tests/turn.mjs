// One step of a graph in JavaScript, the same graph as in test_javascript.py.
// node turn.mjs CLIENT URL TENANT say|answer|go TEXT NUMBER

const [client, url, tenant, kind, text, number] = process.argv.slice(2);
const at = (name) => import(`${client}/node_modules/${name}`);
const { ThreadmemSaver } = await import(`${client}/dist/index.js`);
const { default: pg } = await at("pg/lib/index.js");
const { AIMessage, HumanMessage } = await at("@langchain/core/dist/messages/index.js");
const { Annotation, Command, interrupt, MessagesAnnotation, Send, START, StateGraph } = await at(
	"@langchain/langgraph/dist/index.js",
);

const pool = new pg.Pool({ connectionString: url || undefined, options: `-c threadmem.tenant=${tenant}` });
const State = Annotation.Root({
	...MessagesAnnotation.spec,
	log: Annotation({ reducer: (left, right) => left.concat(right), default: () => [] }),
});
const graph = new StateGraph(State)
	.addNode("model", ({ messages: { length } }) => ({
		messages: [new AIMessage({ content: `answer ${length}`, id: `a${length}` })],
	}))
	.addNode("ask", ({ log }) => ({ log: [interrupt({ ask: log.length })] }))
	.addNode("work", ({ item }) => ({ log: [item] }))
	.addEdge(START, "model")
	.addEdge("model", "ask")
	.addConditionalEdges("ask", () => [0, 1].map((i) => new Send("work", { item: `w${i}` })), ["work"])
	.compile({ checkpointer: new ThreadmemSaver(pool), interruptBefore: ["work"] });
const given =
	kind === "say"
		? { messages: [new HumanMessage({ content: text, id: `h${number}` })] }
		: kind === "answer"
			? new Command({ resume: text })
			: null;
await graph.invoke(given, { configurable: { thread_id: "t" } });
await pool.end();
