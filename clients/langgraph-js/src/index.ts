/** LangGraph's checkpointer and its long-term store on the PostgreSQL extension threadmem. */

export type { Reducer } from "./graphs.js";
export {
  ThreadmemSaver,
  type ContextOptions,
  type DefineOptions,
  type PruneOptions,
  type SaverOptions,
} from "./saver.js";
export type { TtlOptions } from "./items.js";
export { ThreadmemStore, type StoreOptions, type TtlConfig } from "./store.js";
export { Foreign } from "./values.js";
