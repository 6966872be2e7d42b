// A chat that survives the end of the program. Run it more than once:
//
//   DATABASE_URL=postgres://localhost/app npm run example

import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { END, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { ThreadmemSaver } from "threadmem-langgraph";

/** Stands for a model: it needs no key and always has the same to say. */
function fakeModel(messages) {
  const questions = messages.filter((message) => message.type === "human");
  return new AIMessage(`That was question ${questions.length}. The first was "${questions[0].text}".`);
}

const saver = ThreadmemSaver.fromConnString(process.env.DATABASE_URL ?? "");
const graph = new StateGraph(MessagesAnnotation)
  .addNode("model", ({ messages }) => ({ messages: [fakeModel(messages)] }))
  .addEdge(START, "model")
  .addEdge("model", END)
  .compile({ checkpointer: saver });

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

await saver.end();
