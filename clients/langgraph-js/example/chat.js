// A chat that survives the end of the program. Run it more than once:
//
//   DATABASE_URL=postgres://localhost/app npm run example

import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { END, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { ThreadmemSaver, ThreadmemStore } from "threadmem-langgraph";

/** Stands for a model: it needs no key and always has the same to say. */
function fakeModel(messages) {
  const questions = messages.filter((message) => message.type === "human");
  return new AIMessage(`That was question ${questions.length}. The first was "${questions[0].text}".`);
}

const url = process.env.DATABASE_URL ?? "";
const saver = ThreadmemSaver.fromConnString(url, { userId: "ada", title: "Trip to Lyon" });
const store = ThreadmemStore.fromConnString(url);
const graph = new StateGraph(MessagesAnnotation)
  .addNode("model", ({ messages }) => ({ messages: [fakeModel(messages)] }))
  .addNode("remember", async ({ messages }, { store }) => {
    const question = messages.at(-2);
    await store.put(["memories", "ada"], question.id, { text: question.text });
    return {};
  })
  .addEdge(START, "model")
  .addEdge("model", "remember")
  .addEdge("remember", END)
  .compile({ checkpointer: saver, store });

const config = { configurable: { thread_id: "trip-to-lyon" } };
for (const question of ["Where is the Roman theatre?", "And the museum?"]) {
  const { messages } = await graph.invoke({ messages: [new HumanMessage(question)] }, config);
  console.log(`human: ${question}\nai:    ${messages.at(-1).text}`);
}

// Every step is still there, and any of them can be gone back to.
let steps = 0;
let afterFirstAnswer;
for await (const state of graph.getStateHistory(config)) {
  steps++;
  if (state.values.messages?.length === 2 && state.next.length === 0) afterFirstAnswer = state.config;
}
console.log(`${steps} checkpoints; from the first answer once more:`);
const branch = await graph.updateState(afterFirstAnswer, { messages: [new HumanMessage("Or the opera?")] }, START);
const { messages } = await graph.invoke(null, branch);
console.log(messages.map((message) => `  ${message.type}: ${message.text}`).join("\n"));

// What is remembered is found from any thread.
const memories = await store.search(["memories", "ada"], { query: "Which museums did she ask for?" });
console.log(`remembered: ${memories.map(({ value }) => value.text).join(" ")}`);

await Promise.all([saver.end(), store.end()]);
