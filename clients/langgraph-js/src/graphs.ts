/** What a compiled graph is made of, as graph_define() takes it: so that SQL reduces and goes on as the code does. */

import { encode } from "./values.js";

/** The reducers that SQL has. */
export type Reducer = "last_value" | "add_messages" | "append" | "add" | "merge" | "union" | "opaque";

interface Declared {
  reducer: Reducer;
  default?: unknown;
}

interface Definition {
  channels: Record<string, Declared>;
  nodes: string[];
  edges?: unknown[];
  subgraphs?: Record<string, Definition>;
}

/*
 * A compiled graph, or an entrypoint. Its types are of the package of graphs, which need not be there, and have
 * parameters for everything.
 */
type Graph = any;

/** Channels of the engine's own. */
const INTERNAL = /^(__|branch:|join:)/;

/**
 * Channels, nodes, edges and subgraphs. Conditional edges are code: who updates in SQL says what is next. So are most
 * reducers: what they do is known of LangGraph's own, and of the channels whose reducer is given.
 */
export async function definition(graph: object, reducers: Record<string, Reducer> = {}): Promise<Definition> {
  const { messagesStateReducer, messagesDeltaReducer } = await import("@langchain/langgraph");
  const reader = new Reader(reducers, new Set<unknown>([messagesStateReducer, messagesDeltaReducer]));
  const found = reader.graph(graph);
  const unknown = Object.keys(reducers).filter((name) => !reader.channels.has(name));
  if (unknown.length > 0) throw new TypeError(`the graph has no channel ${unknown.join(", ")}`);
  return found;
}

class Reader {
  readonly channels = new Set<string>();

  constructor(
    readonly given: Record<string, Reducer>,
    readonly messages: ReadonlySet<unknown>,
  ) {}

  graph(graph: Graph): Definition {
    const channels = Object.entries<Graph>(graph.channels).filter(([name]) => !INTERNAL.test(name));
    const found: Definition = {
      channels: Object.fromEntries(channels.map(([name, channel]) => [name, this.#channel(name, channel)])),
      nodes: Object.keys(graph.nodes)
        .filter((name) => !name.startsWith("__"))
        .sort(),
    };
    const { edges, waitingEdges } = graph.builder ?? {};
    if (edges !== undefined) found.edges = [...sorted(edges), ...sorted(waitingEdges ?? [])];
    const subgraphs = [...graph.getSubgraphs()] as [string, Graph][];
    if (subgraphs.length > 0)
      found.subgraphs = Object.fromEntries(subgraphs.map(([node, inner]) => [node, this.graph(inner)]));
    return found;
  }

  #channel(name: string, channel: Graph): Declared {
    this.channels.add(name);
    const initial = channel.initialValueFactory?.();
    const start = initial === undefined ? {} : { default: encode(initial) };
    if (Object.hasOwn(this.given, name)) return { reducer: this.given[name]!, ...start };
    switch (channel.lc_graph_name) {
      case "LastValue":
      case "AnyValue":
        return { reducer: "last_value", ...start };
      case "BinaryOperatorAggregate":
        return this.messages.has(channel.operator) ? { reducer: "add_messages" } : { reducer: "opaque", ...start };
      case "DeltaChannel":
        return { reducer: this.messages.has(channel.reducer) ? "add_messages" : "opaque" };
    }
    return { reducer: "opaque" };
  }
}

/** A set of edges has the order in which they were made; a definition that is the same is to be equal. */
function sorted(edges: Iterable<unknown>): unknown[] {
  const byText = [...edges].map((edge) => [JSON.stringify(edge), edge] as const);
  return byText.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, edge]) => edge);
}
