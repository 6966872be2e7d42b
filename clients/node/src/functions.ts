// The functions of the extension, one method each, and the rows that they give. Made from the catalog by
// clients/generate: not to be edited.

import { json, maybe, row, rows, value, values, type Arguments, type Json, type Read } from './call.js';

/**
 * The assistants of this tenant, as assistant_get gives them.
 */
export interface Assistant {
  assistant_id: string;
  graph_id: string | null;
  name: string | null;
  description: string | null;
  model: string | null;
  instructions: string | null;
  tools: Json;
  tool_resources: Json;
  config: Json;
  metadata: Json;
  version: number;
  created_at: Date;
  updated_at: Date;
}

/**
 * What names a checkpoint.
 */
export interface CheckpointKey {
  thread_id: string;
  checkpoint_ns: string;
  checkpoint_id: string;
}

/**
 * The checkpoints of this tenant, as checkpoint_get gives them: checkpoint and pending_writes are restored where
 * they are asked for. left_out is of checkpoint_list: what of a row cannot be read. lists and mark are of calls that
 * ask for them: lists of messages by their revisions, and what to give as held the next time.
 */
export interface Checkpoint {
  thread_id: string;
  checkpoint_ns: string;
  checkpoint_id: string;
  parent_checkpoint_id: string | null;
  checkpoint: Json;
  metadata: Json;
  pending_writes: Json;
  run_id: string | null;
  created_at: Date;
  left_out: string[] | null;
  lists: Json;
  mark: string | null;
}

/**
 * An episode that facts are to be drawn from. neighbours are the messages before it in its thread, also those that are
 * no memory; entities those that are known, the ones that it names first, fifty at most; ontology what is declared
 * (memory_get_ontology()); user_name and summary those of the user.
 */
export interface ClaimedEpisode {
  user_id: string;
  job_id: string;
  attempts: number;
  lease_until: Date;
  thread_id: string | null;
  message_id: string | null;
  episode_id: string | null;
  source: string;
  role: string | null;
  name: string | null;
  sender_id: string | null;
  content: string;
  event_at: Date;
  created_at: Date;
  metadata: Json;
  neighbours: Json;
  entities: Json;
  ontology: Json;
  user_name: string;
  summary: string | null;
}

/**
 * One message of a context. content is its words, body the whole of it in its writer's shape. The last three are
 * the same on every row: the tokens and messages of all rows, and the messages of the thread or its state that are
 * not among them.
 */
export interface ContextMessage {
  message_id: string;
  seq: number;
  role: string;
  name: string | null;
  content: string | null;
  body: Json;
  tool_call_id: string | null;
  tokens: number;
  used_tokens: number;
  used_messages: number;
  dropped_messages: number;
}

/**
 * The templates of this tenant, as context_template_get gives them.
 */
export interface ContextTemplate {
  template_id: string;
  template: string;
  created_at: Date;
  updated_at: Date;
}

/**
 * How many rows of a kind a deletion took away; kept: of how many of them, messages, the text stays in a user's
 * memory.
 */
export interface DeletionCount {
  kind: string;
  deleted: number;
  kept: number;
}

/**
 * What facts are about. Of every user and group one is itself (is_user): its id is the user's, its name and summary
 * are those that user_update() sets.
 */
export interface Entity {
  user_id: string;
  entity_id: string;
  name: string;
  label: string;
  summary: string | null;
  attributes: Json;
  metadata: Json;
  is_user: boolean;
  created_at: Date;
  updated_at: Date;
}

/**
 * What an entity said from updated_at until replaced_at, null for what it says now; rev counts from 1.
 */
export interface EntityVersion {
  user_id: string;
  entity_id: string;
  name: string;
  label: string;
  summary: string | null;
  attributes: Json;
  metadata: Json;
  is_user: boolean;
  created_at: Date;
  updated_at: Date;
  rev: number;
  replaced_at: Date | null;
}

/**
 * What added data said until replaced_at, null for what it says now; rev counts from 1.
 */
export interface EpisodeVersion {
  user_id: string;
  episode_id: string | null;
  rev: number;
  content: string;
  event_at: Date;
  source_description: string | null;
  metadata: Json;
  replaced_at: Date | null;
}

/**
 * Everything that is remembered: the live messages of users' threads and what users said in threads of others (but
 * what was kept out of memory), and what memory keeps beside. episode_id is null for messages, which thread_id and
 * message_id name.
 */
export interface Episode {
  user_id: string;
  episode_id: string | null;
  source: string;
  thread_id: string | null;
  message_id: string | null;
  seq: number | null;
  role: string | null;
  name: string | null;
  sender_id: string | null;
  event_at: Date;
  created_at: Date;
  source_description: string | null;
  metadata: Json;
  content: string;
  embedding: number[] | null;
}

/**
 * How far extraction is: status is claimed, pending, failed, done, or none where there is nothing for it, the first of
 * these that is true; beside it how many episodes are each, and attempts and error of the last.
 */
export interface ExtractionStatu {
  status: string;
  pending: number;
  claimed: number;
  failed: number;
  attempts: number | null;
  error: string | null;
}

/**
 * What a fact said from updated_at until replaced_at, null for what it says now; rev counts from 1.
 */
export interface FactVersion {
  user_id: string;
  fact_id: string;
  source_id: string;
  source: string | null;
  name: string;
  target_id: string;
  target: string | null;
  fact: string;
  valid_at: Date | null;
  invalid_at: Date | null;
  created_at: Date;
  expired_at: Date | null;
  updated_at: Date;
  attributes: Json;
  metadata: Json;
  extractor: string;
  confidence: number | null;
  rev: number;
  replaced_at: Date | null;
}

/**
 * Facts: that the entity source is in the relation name to the entity target, said in fact, in the world's time from
 * valid_at (null: unknown) until before invalid_at (null: open); memory knows of it since created_at, and since
 * expired_at that it is over.
 */
export interface Fact {
  user_id: string;
  fact_id: string;
  source_id: string;
  source: string | null;
  name: string;
  target_id: string;
  target: string | null;
  fact: string;
  valid_at: Date | null;
  invalid_at: Date | null;
  created_at: Date;
  expired_at: Date | null;
  updated_at: Date;
  attributes: Json;
  metadata: Json;
  extractor: string;
  confidence: number | null;
}

/**
 * One thing that is wrong, with a thread of a tenant or (null) with a role.
 */
export interface Finding {
  thread_id: string | null;
  problem: string;
  tenant_id: string | null;
}

/**
 * One message of a search; rank is ts_rank's, higher is better; position is where the next page goes on
 * (after_position), has_more whether there is one, on every row.
 */
export interface FoundMessage {
  thread_id: string;
  message_id: string;
  seq: number;
  rev: number;
  role: string;
  origin_role: string | null;
  name: string | null;
  content: Json;
  text: string | null;
  sender_id: string | null;
  user_id: string | null;
  assistant_id: string | null;
  run_id: string | null;
  tool_call_id: string | null;
  status: string;
  state: string;
  metadata: Json;
  body: Json;
  event_at: Date;
  created_at: Date;
  id_from: string;
  edited_at: Date | null;
  rank: number;
  position: string;
  has_more: boolean;
}

/**
 * One thread as thread_search finds it: the columns of threadmem.threads, what it was asked for of the state,
 * left_out (what of that is too large for jsonb, or damaged), position, where the next page goes on (after_position),
 * and has_more, whether there is one, on every row.
 */
export interface FoundThread {
  thread_id: string;
  user_id: string | null;
  assistant_id: string | null;
  assistant_pinned: boolean;
  graph_id: string | null;
  title: string | null;
  status: string;
  metadata: Json;
  config: Json;
  tool_resources: Json;
  version: number;
  message_count: number;
  last_message_at: Date | null;
  state_updated_at: Date | null;
  expires_at: Date | null;
  ttl_strategy: string | null;
  ttl_minutes: number | null;
  ttl_refresh: boolean;
  in_memory: boolean;
  archived: boolean;
  forked_from: string | null;
  created_at: Date;
  updated_at: Date;
  values: Json;
  interrupts: Json;
  extracted: Json;
  left_out: string[] | null;
  preview: string | null;
  snippet: string | null;
  position: string;
  has_more: boolean;
}

/**
 * One function as help() lists it: what it belongs to, its name, its arguments in brief (in brackets those with a
 * default), the first line of its comment.
 */
export interface FunctionSummary {
  concept: string;
  name: string;
  arguments: string;
  summary: string;
}

/**
 * The graphs of this tenant, as graph_get gives them.
 */
export interface Graph {
  graph_id: string;
  definition: Json;
  created_at: Date;
  updated_at: Date;
}

/**
 * One assistant of a list; position is where the next page goes on (after_position), has_more whether there is one,
 * on every row.
 */
export interface ListedAssistant {
  assistant_id: string;
  graph_id: string | null;
  name: string | null;
  description: string | null;
  model: string | null;
  instructions: string | null;
  tools: Json;
  tool_resources: Json;
  config: Json;
  metadata: Json;
  version: number;
  created_at: Date;
  updated_at: Date;
  position: string;
  has_more: boolean;
}

/**
 * One checkpoint of a list; position is where the next page goes on (after_position), has_more whether there is one,
 * on every row.
 */
export interface ListedCheckpoint {
  thread_id: string;
  checkpoint_ns: string;
  checkpoint_id: string;
  parent_checkpoint_id: string | null;
  checkpoint: Json;
  metadata: Json;
  pending_writes: Json;
  run_id: string | null;
  created_at: Date;
  left_out: string[] | null;
  lists: Json;
  mark: string | null;
  position: string;
  has_more: boolean;
}

/**
 * One piece of a streamed message; position is where the next page goes on (after_position), has_more whether there
 * is one, on every row.
 */
export interface ListedChunk {
  thread_id: string;
  message_id: string;
  chunk_no: number;
  delta: string;
  position: string;
  has_more: boolean;
}

/**
 * One template of a list; position is where the next page goes on (after_position), has_more whether there is one, on
 * every row.
 */
export interface ListedContextTemplate {
  template_id: string;
  template: string;
  created_at: Date;
  updated_at: Date;
  position: string;
  has_more: boolean;
}

/**
 * One entity of a list; position is where the next page goes on (after_position), has_more whether there is one, on
 * every row.
 */
export interface ListedEntity {
  user_id: string;
  entity_id: string;
  name: string;
  label: string;
  summary: string | null;
  attributes: Json;
  metadata: Json;
  is_user: boolean;
  created_at: Date;
  updated_at: Date;
  position: string;
  has_more: boolean;
}

/**
 * One episode of a list; position is where the next page goes on (after_position), has_more whether there is one, on
 * every row.
 */
export interface ListedEpisode {
  user_id: string;
  episode_id: string | null;
  source: string;
  thread_id: string | null;
  message_id: string | null;
  seq: number | null;
  role: string | null;
  name: string | null;
  sender_id: string | null;
  event_at: Date;
  created_at: Date;
  source_description: string | null;
  metadata: Json;
  content: string;
  embedding: number[] | null;
  position: string;
  has_more: boolean;
}

/**
 * One fact of a list; position is where the next page goes on (after_position), has_more whether there is one, on
 * every row.
 */
export interface ListedFact {
  user_id: string;
  fact_id: string;
  source_id: string;
  source: string | null;
  name: string;
  target_id: string;
  target: string | null;
  fact: string;
  valid_at: Date | null;
  invalid_at: Date | null;
  created_at: Date;
  expired_at: Date | null;
  updated_at: Date;
  attributes: Json;
  metadata: Json;
  extractor: string;
  confidence: number | null;
  position: string;
  has_more: boolean;
}

/**
 * One graph of a list; position is where the next page goes on (after_position), has_more whether there is one, on
 * every row.
 */
export interface ListedGraph {
  graph_id: string;
  definition: Json;
  created_at: Date;
  updated_at: Date;
  position: string;
  has_more: boolean;
}

/**
 * One membership of a list; position is where the next page goes on (after_position), has_more whether there is one,
 * on every row.
 */
export interface ListedMembership {
  group_id: string;
  user_id: string | null;
  assistant_id: string | null;
  joined_at: Date;
  position: string;
  has_more: boolean;
}

/**
 * One message of a page; position is where the next page goes on (after_position), has_more whether there is one, on
 * every row.
 */
export interface ListedMessage {
  thread_id: string;
  message_id: string;
  seq: number;
  rev: number;
  role: string;
  origin_role: string | null;
  name: string | null;
  content: Json;
  text: string | null;
  sender_id: string | null;
  user_id: string | null;
  assistant_id: string | null;
  run_id: string | null;
  tool_call_id: string | null;
  status: string;
  state: string;
  metadata: Json;
  body: Json;
  event_at: Date;
  created_at: Date;
  id_from: string;
  edited_at: Date | null;
  position: string;
  has_more: boolean;
}

/**
 * One namespace of the store; position is where the next page goes on (after_position), has_more, the same on every
 * row, tells whether another page follows.
 */
export interface ListedNamespace {
  namespace: string[];
  position: string;
  has_more: boolean;
}

/**
 * One run of a list; position is where the next page goes on (after_position), has_more whether there is one, on
 * every row.
 */
export interface ListedRun {
  thread_id: string;
  run_id: string;
  seq: number;
  status: string;
  strategy: string;
  assistant_id: string | null;
  graph_id: string | null;
  input: Json;
  kwargs: Json;
  metadata: Json;
  config: Json;
  required_action: Json;
  result: Json;
  error: Json;
  usage: Json;
  incomplete_reason: string | null;
  worker: string | null;
  lease_until: Date | null;
  expires_at: Date;
  created_at: Date;
  due_at: Date;
  started_at: Date | null;
  completed_at: Date | null;
  updated_at: Date;
  position: string;
  has_more: boolean;
}

/**
 * One step of a list; position is where the next page goes on (after_position), has_more whether there is one, on
 * every row.
 */
export interface ListedRunStep {
  thread_id: string;
  run_id: string;
  step_no: number;
  type: string;
  status: string;
  name: string | null;
  message_id: string | null;
  tool_call_id: string | null;
  details: Json;
  metadata: Json;
  error: Json;
  usage: Json;
  created_at: Date;
  completed_at: Date | null;
  position: string;
  has_more: boolean;
}

/**
 * One state of a history of a list; position is where the next page goes on (after_position), has_more whether there
 * is one, on every row.
 */
export interface ListedState {
  values: Json;
  next: string[];
  tasks: Json;
  metadata: Json;
  created_at: Date | null;
  checkpoint: Json;
  parent_checkpoint: Json;
  interrupts: Json;
  checkpoint_id: string | null;
  parent_checkpoint_id: string | null;
  position: string;
  has_more: boolean;
}

/**
 * One item of a page; score tells how well it answers, higher is better, and is null where nothing was asked for;
 * position is where the next page goes on (after_position), has_more, the same on every row, tells whether another
 * page follows.
 */
export interface ListedStoreItem {
  namespace: string[];
  key: string;
  value: Json;
  user_id: string | null;
  ttl_minutes: number | null;
  expires_at: Date | null;
  created_at: Date;
  updated_at: Date;
  score: number | null;
  position: string;
  has_more: boolean;
}

/**
 * One thread of a list; preview, where it was asked for, is how the last thing said in it begins; position is where the
 * next page goes on (after_position), has_more whether there is one, on every row.
 */
export interface ListedThread {
  thread_id: string;
  user_id: string | null;
  assistant_id: string | null;
  assistant_pinned: boolean;
  graph_id: string | null;
  title: string | null;
  status: string;
  metadata: Json;
  config: Json;
  tool_resources: Json;
  version: number;
  message_count: number;
  last_message_at: Date | null;
  state_updated_at: Date | null;
  expires_at: Date | null;
  ttl_strategy: string | null;
  ttl_minutes: number | null;
  ttl_refresh: boolean;
  in_memory: boolean;
  archived: boolean;
  forked_from: string | null;
  created_at: Date;
  updated_at: Date;
  preview: string | null;
  position: string;
  has_more: boolean;
}

/**
 * One user or group of a list; position is where the next page goes on (after_position), has_more whether there is
 * one, on every row.
 */
export interface ListedUser {
  user_id: string;
  kind: string;
  email: string | null;
  first_name: string | null;
  last_name: string | null;
  time_zone: string | null;
  summary: string | null;
  metadata: Json;
  created_at: Date;
  updated_at: Date;
  position: string;
  has_more: boolean;
}

/**
 * Which user or assistant belongs to which group.
 */
export interface Membership {
  group_id: string;
  user_id: string | null;
  assistant_id: string | null;
  joined_at: Date;
}

/**
 * What a block of working memory said from updated_at until replaced_at, null for what it says now.
 */
export interface MemoryBlockVersion {
  user_id: string;
  thread_id: string;
  label: string;
  value: string;
  description: string | null;
  max_characters: number;
  version: number;
  created_at: Date;
  updated_at: Date;
  replaced_at: Date | null;
}

/**
 * Blocks of working memory, of a user (user_id) or of a thread (thread_id), as memory_block_get gives them.
 */
export interface MemoryBlock {
  user_id: string;
  thread_id: string;
  label: string;
  value: string;
  description: string | null;
  max_characters: number;
  version: number;
  created_at: Date;
  updated_at: Date;
}

/**
 * Something found in memory; kind is episode, fact or entity, and what does not apply to it is null. content is what
 * was said, the fact's sentence or the entity's summary. Of an episode sender_id is who said it, where the message
 * tells, and name its name: the message's, else the user's, else sender_id. Of a fact name is the relation, source_id and
 * target_id the entities that it joins. score orders one result and means nothing beside another's;
 * user_id is whose memory it is in.
 */
export interface MemoryHit {
  kind: string;
  source: string | null;
  episode_id: string | null;
  thread_id: string | null;
  message_id: string | null;
  seq: number | null;
  role: string | null;
  name: string | null;
  sender_id: string | null;
  content: string | null;
  event_at: Date | null;
  created_at: Date;
  metadata: Json;
  score: number;
  fact_id: string | null;
  source_id: string | null;
  target_id: string | null;
  valid_at: Date | null;
  invalid_at: Date | null;
  expired_at: Date | null;
  entity_id: string | null;
  label: string | null;
  attributes: Json;
  user_id: string;
}

/**
 * How much is remembered of one kind, in rows and in bytes as they are stored, and of when the first and the last is.
 */
export interface MemoryStatistic {
  kind: string;
  rows: number;
  bytes: number;
  first_at: Date | null;
  last_at: Date | null;
}

/**
 * Every revision of the messages of this tenant that the session sees, as message_get gives them; state live is
 * what message_list shows.
 */
export interface Message {
  thread_id: string;
  message_id: string;
  seq: number;
  rev: number;
  role: string;
  origin_role: string | null;
  name: string | null;
  content: Json;
  text: string | null;
  sender_id: string | null;
  user_id: string | null;
  assistant_id: string | null;
  run_id: string | null;
  tool_call_id: string | null;
  status: string;
  state: string;
  metadata: Json;
  body: Json;
  event_at: Date;
  created_at: Date;
  id_from: string;
  edited_at: Date | null;
}

/**
 * Who takes part in the threads of this tenant beside their owners.
 */
export interface Participant {
  thread_id: string;
  kind: string;
  participant_id: string;
  role: string;
  joined_at: Date;
}

/**
 * What thread_rewind() did. message_id is the new wording's, else the message's; checkpoint_id the latest now;
 * left_checkpoint_id the end of the branch that was left, null where none was.
 */
export interface RewoundThread {
  thread_id: string;
  message_id: string;
  checkpoint_id: string | null;
  left_checkpoint_id: string | null;
}

/**
 * What a role may do and for whom: level read, write, admin, operator or null; a tenant it is bound to; whether it was set
 * free to choose.
 */
export interface RoleAccess {
  role_name: string;
  level: string | null;
  joins: boolean;
  tenant_id: string | null;
  any_tenant: boolean;
}

/**
 * The runs of this tenant that the session sees, as run_get gives them: status is what holds now.
 */
export interface Run {
  thread_id: string;
  run_id: string;
  seq: number;
  status: string;
  strategy: string;
  assistant_id: string | null;
  graph_id: string | null;
  input: Json;
  kwargs: Json;
  metadata: Json;
  config: Json;
  required_action: Json;
  result: Json;
  error: Json;
  usage: Json;
  incomplete_reason: string | null;
  worker: string | null;
  lease_until: Date | null;
  expires_at: Date;
  created_at: Date;
  due_at: Date;
  started_at: Date | null;
  completed_at: Date | null;
  updated_at: Date;
}

/**
 * One of the alternatives in a place of a thread. checkpoint_id is the newest end of a branch that has it, null
 * where there is no checkpoint yet; is_current tells the one that the log shows.
 */
export interface SiblingMessage {
  thread_id: string;
  message_id: string;
  seq: number;
  rev: number;
  role: string;
  origin_role: string | null;
  name: string | null;
  content: Json;
  text: string | null;
  sender_id: string | null;
  user_id: string | null;
  assistant_id: string | null;
  run_id: string | null;
  tool_call_id: string | null;
  status: string;
  state: string;
  metadata: Json;
  body: Json;
  event_at: Date;
  created_at: Date;
  id_from: string;
  edited_at: Date | null;
  checkpoint_id: string | null;
  is_current: boolean;
}

/**
 * The state of a thread at a checkpoint, in LangGraph's shape; to_jsonb() gives the JSON. checkpoint is null, and
 * values are empty, where there is none; checkpoint_id and parent_checkpoint_id are those of checkpoint and
 * parent_checkpoint.
 */
export interface StateSnapshot {
  values: Json;
  next: string[];
  tasks: Json;
  metadata: Json;
  created_at: Date | null;
  checkpoint: Json;
  parent_checkpoint: Json;
  interrupts: Json;
  checkpoint_id: string | null;
  parent_checkpoint_id: string | null;
}

/**
 * How many rows of a kind a tenant has, and their size in bytes without indexes and dead rows.
 */
export interface Statistic {
  kind: string;
  rows: number;
  bytes: number;
  tenant_id: string;
}

/**
 * The steps of the runs of this tenant that the session sees, as run_steps gives them.
 */
export interface Step {
  thread_id: string;
  run_id: string;
  step_no: number;
  type: string;
  status: string;
  name: string | null;
  message_id: string | null;
  tool_call_id: string | null;
  details: Json;
  metadata: Json;
  error: Json;
  usage: Json;
  created_at: Date;
  completed_at: Date | null;
}

/**
 * How much of a kind a thread has: rows, and bytes as they are stored, without indexes, row headers and dead rows.
 */
export interface Storage {
  kind: string;
  channel: string | null;
  rows: number;
  bytes: number;
}

/**
 * The items of the store of this tenant that have not expired, as store_get gives them.
 */
export interface StoreItem {
  namespace: string[];
  key: string;
  value: Json;
  user_id: string | null;
  ttl_minutes: number | null;
  expires_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

/**
 * What names a checkpoint that was put; and, for who gave lists, the revisions in its lists of messages and what to give
 * as held.
 */
export interface StoredCheckpoint {
  thread_id: string;
  checkpoint_ns: string;
  checkpoint_id: string;
  lists: Json;
  mark: string;
}

/**
 * What a call did in one tenant: how many; since when the first had waited; the SQLSTATE of the error that took the
 * tenant's part back, if one did (the server's log has its message). A count of 0 without an error: the call had no
 * rows left for this tenant.
 */
export interface TenantSweep {
  tenant_id: string;
  count: number;
  due_since: Date | null;
  sqlstate: string | null;
}

/**
 * The threads of this tenant that the session sees, as thread_get gives them: status is what holds now.
 */
export interface Thread {
  thread_id: string;
  user_id: string | null;
  assistant_id: string | null;
  assistant_pinned: boolean;
  graph_id: string | null;
  title: string | null;
  status: string;
  metadata: Json;
  config: Json;
  tool_resources: Json;
  version: number;
  message_count: number;
  last_message_at: Date | null;
  state_updated_at: Date | null;
  expires_at: Date | null;
  ttl_strategy: string | null;
  ttl_minutes: number | null;
  ttl_refresh: boolean;
  in_memory: boolean;
  archived: boolean;
  forked_from: string | null;
  created_at: Date;
  updated_at: Date;
}

/**
 * The users of this tenant, as user_get gives them.
 */
export interface User {
  user_id: string;
  kind: string;
  email: string | null;
  first_name: string | null;
  last_name: string | null;
  time_zone: string | null;
  summary: string | null;
  metadata: Json;
  created_at: Date;
  updated_at: Date;
}

export abstract class Functions {
  protected abstract call(name: string, read: Read, args: Arguments, types: Record<string, string>): Promise<any>;

  /**
   * Reads JSON text that may hold what jsonb cannot: \u0000 and halves of surrogate pairs.
   * Models and tools write them. The setting threadmem.bad_unicode decides: error (default), or replace, which puts
   * U+FFFD in their place (needs an encoding that has it, as UTF8).
   * Arguments:
   *   document: the JSON text
   * Errors:
   *   22023: such an escape; names the byte of the first, counted from 1
   *   22P02: the text is no JSON; jsonb's own error
   */
  json_accept(args: {
    document: string;
  }): Promise<Json> {
    return this.call('json_accept', value, args, {
      document: 'text',
    });
  }

  /**
   * The bytes of a document in jsonb's own form, uncompressed: what limits speak of.
   * One that is stored is not read for it. pg_column_size() tells what it takes in storage.
   * Arguments:
   *   document: any JSON
   * Errors: none.
   */
  json_bytes(args: {
    document: Json;
  }): Promise<number> {
    return this.call('json_bytes', value, { ...args, document: json(args.document) }, {
      document: 'jsonb',
    });
  }

  /**
   * The JSON Patch that makes the new document of the old one, to the digit: 1.10 is not 1.1.
   * It has the operations add, remove and replace only, is [] for equal documents, always the same for the same two,
   * and never larger than the one operation that replaces the whole document. Elements of arrays that stay are found
   * as long as no more than 1,000 others come and go; beyond, elements are compared place by place. Useful alone:
   * for audit trails, history and synchronisation.
   * Arguments:
   *   old, new: any JSON
   * Errors:
   *   54001: documents nested too deep
   */
  json_diff(args: {
    old: Json;
    new: Json;
  }): Promise<Json> {
    return this.call('json_diff', value, { ...args, old: json(args.old), new: json(args.new) }, {
      old: 'jsonb',
      new: 'jsonb',
    });
  }

  /**
   * The document changed by a JSON Patch (RFC 6902), all of it or an error.
   * What the patch does not name stays to the digit. A test compares as RFC 6902 section 4.6 says: numbers by value
   * (1.10 is 1.1), objects in any order. The whole document can be replaced, not removed. Useful alone.
   * Arguments:
   *   doc: any JSON
   *   patch: operations, applied in their order
   * Errors:
   *   22023: the operation, counted from 1, its pointer and what is wrong there
   *   54000: jsonb cannot hold the result
   */
  json_patch_apply(args: {
    doc: Json;
    patch: Json;
  }): Promise<Json> {
    return this.call('json_patch_apply', value, { ...args, doc: json(args.doc), patch: json(args.patch) }, {
      doc: 'jsonb',
      patch: 'jsonb',
    });
  }

  /**
   * Whether json_patch_apply() would succeed, its "test" operations among the rest.
   * Useful alone: as a guard in WHERE.
   * Arguments:
   *   doc: any JSON
   *   patch: a JSON Patch (RFC 6902); what is none is refused
   * Errors:
   *   22023: what is no JSON Patch
   *   54000: copies on the way outgrow jsonb
   */
  json_patch_test(args: {
    doc: Json;
    patch: Json;
  }): Promise<boolean> {
    return this.call('json_patch_test', value, { ...args, doc: json(args.doc), patch: json(args.patch) }, {
      doc: 'jsonb',
      patch: 'jsonb',
    });
  }

  /**
   * An object without these keys, as the operator -, for lists of any length.
   * Its time grows with the number of keys and not with its square. Useful alone.
   * Arguments:
   *   document: a JSON object
   *   remove_keys: keys, of which any may be missing; nulls are ignored
   * Errors:
   *   22023: what is no object
   */
  json_remove_keys(args: {
    document: Json;
    remove_keys: readonly string[];
  }): Promise<Json> {
    return this.call('json_remove_keys', value, { ...args, document: json(args.document) }, {
      document: 'jsonb',
      remove_keys: 'text[]',
    });
  }

  /**
   * What a channel holds before its first update, unless its graph says otherwise.
   * [] for add_messages, append and union, 0 for add, {} for merge. Null for last_value and opaque, whose channel is absent
   * until then.
   * Arguments:
   *   reducer: as in channel_reduce()
   * Errors:
   *   22023: an unknown reducer
   * Answers: the default factories of LangGraph's reducers.
   */
  channel_default(args: {
    reducer: string;
  }): Promise<Json> {
    return this.call('channel_default', value, args, {
      reducer: 'text',
    });
  }

  /**
   * The value of a channel after one update, as LangGraph's reducers make it; numbers keep every digit.
   * In the update a string is a human's message, [role, content] and {"role", "content", ...} become {"type",
   * "content", ...} with human for user, ai for assistant, system for developer; objects with a type of LangChain's
   * or its constructor form ({"lc", "id": [..., class], "kwargs"}), and all objects of current, stay as they are;
   * messages without id get one (thus VOLATILE). To every reducer but last_value an update {"__overwrite__": value}
   * or {"type": "__overwrite__", "value": value} gives that value.
   * Arguments:
   *   reducer: last_value (the update), append (an array grows by the elements of the update, or by an update that
   *     is no array), add (numbers are summed, strings and arrays joined; both of one type), merge (the keys of one
   *     object set in another, null stored as null, nested objects replaced), union (as append, without elements
   *     that are there already, byte for byte: 1.10 is not 1.1), add_messages (the same id is replaced in place, a
   *     new id appended, {"type": "remove", "id"} removed; with id __remove_all__ the result is what follows the
   *     last of these), opaque (what only the application's code knows: nothing but an Overwrite)
   *   current: the value before, NULL when the channel has none yet: channel_default(reducer) then
   *   update: required; the JSON null is a value. For add_messages one message or an array of them
   * Errors:
   *   22023: an unknown reducer, values that the reducer cannot take, what is no message, removal of an id that is
   *     not there
   *   22003: a sum out of range
   * Answers: LangGraph LastValue, BinaryOperatorAggregate, add_messages (messagesStateReducer), Overwrite.
   */
  channel_reduce(args: {
    reducer: string;
    current?: Json | null | undefined;
    update?: Json | null | undefined;
  }): Promise<Json> {
    return this.call('channel_reduce', value, args, {
      reducer: 'text',
      current: 'jsonb',
      update: 'jsonb',
    });
  }

  /**
   * The value of a channel after all updates that it gets in one superstep, in their order.
   * The one Overwrite that a step may have wins over the other updates. Null when last_value has no value yet and
   * gets none.
   * Arguments:
   *   channel: its name, for errors
   *   reducer, current: as in channel_reduce()
   *   updates: an array of updates; none, or null, gives current, or the default
   * Errors:
   *   22023: two updates of last_value, two Overwrites, and what channel_reduce() refuses; names the channel
   *   22003: a sum out of range
   * Answers: LangGraph apply_writes, for one channel.
   */
  channel_superstep(args: {
    channel: string;
    reducer: string;
    current?: Json | null | undefined;
    updates?: Json | null | undefined;
  }): Promise<Json> {
    return this.call('channel_superstep', value, args, {
      channel: 'text',
      reducer: 'text',
      current: 'jsonb',
      updates: 'jsonb',
    });
  }

  /**
   * Every role that has access by a grant of its own, or a binding, in the order of names.
   * Superusers are left out. For administrators: it names roles and tenants.
   * Errors: none of its own.
   */
  access_list(): Promise<RoleAccess[]> {
    return this.call('access_list', rows, {}, {});
  }

  /**
   * The tenant of this session; '' is the default tenant.
   * It is the one that the session's roles are bound to (tenant_bind), else the setting threadmem.tenant, which
   * counts for nothing in a session whose role is bound. Asked are session_user, the role of SET ROLE and the user
   * at entry, each with the roles whose privileges it inherits.
   * Errors:
   *   42501: two of the roles are bound to different tenants, or none is in a database that has bindings, or
   *     threadmem.require_tenant is on and no tenant is set
   *   22023: the setting is over 63 bytes or has control characters
   */
  current_tenant(): Promise<string> {
    return this.call('current_tenant', value, {}, {});
  }

  /**
   * The user this session is narrowed to by the setting threadmem.user_id; null when it is not.
   * Errors:
   *   22023: the setting is no id
   */
  current_user_id(): Promise<string | null> {
    return this.call('current_user_id', value, {}, {});
  }

  /**
   * Gives a role one level of access and takes what it had above.
   * Nobody gets a right on a table. Repeat it after an upgrade.
   * Arguments:
   *   role_name: the role, which exists: CREATE ROLE app LOGIN
   *   level: read (reading functions), write (all functions of an application), admin (write, the functions of
   *     administration, and the right to pass grants on) or operator (what is about all tenants, and shows nobody's
   *     words: tenant_list(), threadmem_stats(), threadmem_verify() and the functions tenants_...; for a role that is
   *     bound to no tenant)
   *   joins: also the views (threadmem.threads, messages ...) for joins in SQL of one's own, which a role that may
   *     see every tenant, or is trusted with its neighbours' ids and times, can have: the planner's estimates tell
   *     of them
   * Errors:
   *   22023: an unknown role or level, or joins for an operator
   *   42501: who may not pass it on (operators are a superuser's to make), or the role has more from another role, who
   *     alone takes it back
   */
  grant_access(args: {
    role_name: string;
    level?: string | null | undefined;
    joins?: boolean | null | undefined;
  }): Promise<boolean> {
    return this.call('grant_access', value, args, {
      role_name: 'text',
      level: 'text',
      joins: 'boolean',
    });
  }

  /**
   * Takes from a role all that grant_access() gave it, and from whom it passed that on to.
   * Its binding stays: see tenant_bind().
   * Arguments:
   *   role_name: the role
   * Errors:
   *   22023: an unknown role
   *   42501: who may not, or another role gave it
   */
  revoke_access(args: {
    role_name: string;
  }): Promise<boolean> {
    return this.call('revoke_access', value, args, {
      role_name: 'text',
    });
  }

  /**
   * Binds a role, and all that inherit its privileges, to a tenant, whatever they set later.
   * In a session of a bound role the setting threadmem.tenant is ignored. With neither tenant_id nor any_tenant the
   * role is unbound, also one that is gone. Takes effect in open sessions at their next statement. Superusers and
   * BYPASSRLS roles of level admin only.
   * Arguments:
   *   role_name: the role, by its name
   *   tenant_id: at most 63 bytes
   *   any_tenant: sets the role (it alone, by name) free to choose its tenant by threadmem.tenant; that has to be
   *     said for it once a database has any binding, since an unbound role is refused then
   * Errors:
   *   42501: who may not
   *   22023: an unknown role, a tenant over 63 bytes, or both a tenant and any_tenant
   */
  tenant_bind(args: {
    role_name: string;
    tenant_id?: string | null | undefined;
    any_tenant?: boolean | null | undefined;
  }): Promise<boolean> {
    return this.call('tenant_bind', value, args, {
      role_name: 'text',
      tenant_id: 'text',
      any_tenant: 'boolean',
    });
  }

  /**
   * Takes a tenant away, in parts: call it, a transaction each, until it gives no row.
   * Its threads go first, each with all inside, and when no more are left its other rows. Tells how much of each
   * kind went. In the end threadmem_verify() and tenant_list() find nothing of the tenant. Whoever writes for it
   * meanwhile should have lost its access before. Roles stay bound to it (tenant_bind takes that away), so that none
   * of them is free suddenly.
   * Arguments:
   *   tenant_id: of the tenant, '' for the default one
   *   max_rows: threads, then other rows, in one call; 0 to 1,000
   * Errors:
   *   42501: a role that is bound to another tenant, or a session narrowed to one user
   *   22023: bad input
   */
  tenant_delete(args: {
    tenant_id: string;
    max_rows?: number | bigint | null | undefined;
  }): Promise<DeletionCount[]> {
    return this.call('tenant_delete', rows, args, {
      tenant_id: 'text',
      max_rows: 'bigint',
    });
  }

  /**
   * All that is stored of a tenant, one JSON object a row with its kind as object, in one snapshot.
   * Assistants, graphs, context templates, and what user_export() gives of a user, of all users and of the threads
   * without one. The rows wait in a file of the server until they are fetched.
   * Arguments:
   *   tenant_id: of the tenant, '' for the default one
   * Errors:
   *   42501: a role that is bound to another tenant, or a session narrowed to one user
   *   22023: bad input
   */
  tenant_export(args: {
    tenant_id: string;
  }): Promise<Json[]> {
    return this.call('tenant_export', values, args, {
      tenant_id: 'text',
    });
  }

  /**
   * The tenants that have a row in any table, in the order of their names by bytes.
   * Costs a probe of every table for each.
   * Errors:
   *   42501: a role that is bound to a tenant, or a session narrowed to one user
   */
  tenant_list(): Promise<string[]> {
    return this.call('tenant_list', values, {}, {});
  }

  /**
   * Writes down in all tenants what time has ended, as run_expire() in one.
   * Shares max_rows out among tenants as tenants_purge_expired() does; count is threads. Nothing needs it: what is over
   * reads as expired. For superusers and roles of level operator.
   * Arguments:
   *   max_rows: threads at most, of all tenants together, 0 to 1,000
   * Errors:
   *   22023: bad max_rows
   *   42501: no operator, a role that is bound to a tenant, or a session narrowed to one user
   */
  tenants_expire_runs(args: {
    max_rows?: number | bigint | null | undefined;
  } = {}): Promise<TenantSweep[]> {
    return this.call('tenants_expire_runs', rows, args, {
      max_rows: 'bigint',
    });
  }

  /**
   * Thins out, or deletes, the threads of all tenants that nobody has touched for long.
   * Shares max_rows out among tenants as tenants_purge_expired() does; count is threads that something went of. Threads
   * that a run keeps busy, or another session writes to, are left. For superusers and roles of level operator.
   * Arguments:
   *   untouched_since: neither thread nor state was changed since then: now() - interval '90 days'
   *   strategy: keep_latest takes the checkpoints of each namespace that are not its newest, as checkpoint_prune() does;
   *     delete takes the thread, and what memory has of it, as thread_prune() does
   *   keep: with keep_latest, how many checkpoints of a namespace stay, from 1
   *   max_rows: threads at most, of all tenants together, 0 to 1,000
   * Errors:
   *   22023: bad input, a time in the future among it
   *   42501: no operator, a role that is bound to a tenant, or a session narrowed to one user
   */
  tenants_prune_threads(args: {
    untouched_since: Date | string;
    strategy?: string | null | undefined;
    keep?: number | bigint | null | undefined;
    max_rows?: number | bigint | null | undefined;
  }): Promise<TenantSweep[]> {
    return this.call('tenants_prune_threads', rows, args, {
      untouched_since: 'timestamp with time zone',
      strategy: 'text',
      keep: 'bigint',
      max_rows: 'bigint',
    });
  }

  /**
   * Carries expiry out in all tenants, as thread_purge_expired() in one; call it from cron.
   * Gives a row for each tenant that has something to do: count is threads, and items of the store. Tenants whose
   * threads or items are longest over come first, each with its share of max_rows, and what one does not need the
   * others have. An error takes back the part of its tenant alone. For superusers and roles of level operator.
   * Arguments:
   *   max_rows: threads and items at most, of all tenants together, 0 to 1,000; 0 changes nothing and tells where something waits
   * Errors:
   *   22023: bad max_rows
   *   42501: no operator, a role that is bound to a tenant, or a session narrowed to one user
   */
  tenants_purge_expired(args: {
    max_rows?: number | bigint | null | undefined;
  } = {}): Promise<TenantSweep[]> {
    return this.call('tenants_purge_expired', rows, args, {
      max_rows: 'bigint',
    });
  }

  /**
   * The tenants that have runs whose time ran out, which the view stuck_runs shows of one: workers that died.
   * count is the runs, due_since when the first of them was over. tenants_expire_runs() takes them off this list. For
   * superusers and roles of level operator.
   * Errors:
   *   42501: no operator, a role that is bound to a tenant, or a session narrowed to one user
   */
  tenants_stuck_runs(): Promise<TenantSweep[]> {
    return this.call('tenants_stuck_runs', rows, {}, {});
  }

  /**
   * Lets a user or an assistant into a group, a user of kind group; who belongs to it already stays.
   * What the group remembers stands then in thread_context() of the member's threads, or in that of all threads with
   * the assistant, beside what their user remembers; memory_search() has it with include_groups. A session narrowed to a
   * member may read the group's row and what was added to its memory, and of the group's threads those that it takes
   * part in; what an assistant's groups remember every session of the tenant may read.
   * Arguments:
   *   group_id: of the group
   *   user_id: of the user, which is no group
   *   assistant_id: or of the assistant
   * Errors:
   *   P0002: no such group
   *   23503: no such user or assistant
   *   22023: bad input, or a group_id of one that is no group, or a user_id of one that is
   *   42501: a session narrowed by threadmem.user_id
   *   54000: it belongs to 100 groups already
   */
  group_add_member(args: {
    group_id: string;
    user_id?: string | null | undefined;
    assistant_id?: string | null | undefined;
  }): Promise<Membership> {
    return this.call('group_add_member', row, args, {
      group_id: 'text',
      user_id: 'text',
      assistant_id: 'text',
    });
  }

  /**
   * Who belongs to a group, assistants first and by their ids, in pages; a narrowed session sees assistants and itself.
   * Arguments:
   *   group_id: of the group
   *   max_rows: rows of a page, 0 to 1,000
   *   after_position: the position of the last row of the page before; that row may be gone
   * Errors:
   *   P0002: no such group
   *   22023: bad input, or a position of another list
   */
  group_members(args: {
    group_id: string;
    max_rows?: number | bigint | null | undefined;
    after_position?: string | null | undefined;
  }): Promise<ListedMembership[]> {
    return this.call('group_members', rows, args, {
      group_id: 'text',
      max_rows: 'bigint',
      after_position: 'text',
    });
  }

  /**
   * Takes a user or an assistant out of a group; what it said in the group's threads stays the group's memory.
   * Arguments:
   *   group_id: of the group
   *   user_id: of the user
   *   assistant_id: or of the assistant
   * Errors:
   *   P0002: it does not belong to the group
   *   22023: bad input
   *   42501: a session narrowed by threadmem.user_id
   */
  group_remove_member(args: {
    group_id: string;
    user_id?: string | null | undefined;
    assistant_id?: string | null | undefined;
  }): Promise<boolean> {
    return this.call('group_remove_member', value, args, {
      group_id: 'text',
      user_id: 'text',
      assistant_id: 'text',
    });
  }

  /**
   * How many users user_list() would give without pages.
   * Arguments:
   *   kind, search: as in user_list()
   * Errors:
   *   22023: bad input
   * Answers: total_count of Zep user.list_ordered.
   */
  user_count(args: {
    kind?: string | null | undefined;
    search?: string | null | undefined;
  } = {}): Promise<number> {
    return this.call('user_count', value, args, {
      kind: 'text',
      search: 'text',
    });
  }

  /**
   * Creates a user or a group.
   * Arguments:
   *   user_id: 1 to 255 bytes, generated when null
   *   kind: user or group
   *   email, first_name, last_name: free text
   *   time_zone: a zone name of the server, as Europe/Paris
   *   metadata: a JSON object
   *   if_exists: raise, or do_nothing: the stored row unchanged
   *   created_at: of one that is imported, else now
   * Errors:
   *   23505: the id exists
   *   22023: bad input
   *   42501: another user than the one this session is narrowed to
   * Answers: Zep user.add, Entities users.create.
   */
  user_create(args: {
    user_id?: string | null | undefined;
    kind?: string | null | undefined;
    email?: string | null | undefined;
    first_name?: string | null | undefined;
    last_name?: string | null | undefined;
    time_zone?: string | null | undefined;
    metadata?: Json | null | undefined;
    if_exists?: string | null | undefined;
    created_at?: Date | string | null | undefined;
  } = {}): Promise<User> {
    return this.call('user_create', row, args, {
      user_id: 'text',
      kind: 'text',
      email: 'text',
      first_name: 'text',
      last_name: 'text',
      time_zone: 'text',
      metadata: 'jsonb',
      if_exists: 'text',
      created_at: 'timestamp with time zone',
    });
  }

  /**
   * Deletes a user, its threads and what it said elsewhere, in one transaction.
   * Its threads go with all inside, and so do all that memory keeps of it, its items of the store and its
   * participation in other threads;
   * what it said there as sender_id is erased, also where only memory still has it. Tells how much of each kind. Old
   * row versions stay on disk until VACUUM, and WAL and backups keep theirs.
   * Arguments:
   *   user_id: of the user
   * Errors:
   *   P0002: no such user
   *   42501: a session narrowed to one user (it does not see all that has to go)
   *   22023: bad input
   * Answers: Zep user.delete, Entities user erasure.
   */
  user_delete(args: {
    user_id: string;
  }): Promise<DeletionCount[]> {
    return this.call('user_delete', rows, args, {
      user_id: 'text',
    });
  }

  /**
   * All that is stored of a user, one JSON object a row with its kind as object.
   * The user, the threads it owns, every revision of the messages in them and of those it sent elsewhere, the pieces
   * of messages that are being streamed, the episodes that memory keeps of it, its items of the store, its part in
   * threads of others, and of the threads it owns the latest checkpoint of every namespace, as checkpoint_get() gives
   * it, all writes of tasks, and the runs with their steps. Earlier checkpoints are left out; checkpoint_list() has them. What is only
   * computed of the texts (search vectors, embeddings) is left out too. In place of an entry that jsonb cannot hold
   * stands one of the object left_out, with its kind, its keys and what reads it.
   * Arguments:
   *   user_id: of the user
   * Errors:
   *   P0002: no such user
   *   22023: bad input
   */
  user_export(args: {
    user_id: string;
  }): Promise<Json[]> {
    return this.call('user_export', values, args, {
      user_id: 'text',
    });
  }

  /**
   * One user.
   * Arguments:
   *   user_id: of the user
   *   missing_ok: no row, and no error, when there is none
   * Errors:
   *   P0002: no such user
   *   22023: bad input
   * Answers: Zep user.get, Entities users.retrieve.
   */
  user_get(args: {
    user_id: string;
    missing_ok?: false | undefined;
  }): Promise<User>;
  user_get(args: {
    user_id: string;
    missing_ok?: boolean | null | undefined;
  }): Promise<User | null>;
  user_get(args: {
    user_id: string;
    missing_ok?: boolean | null | undefined;
  }): Promise<User | null> {
    return this.call('user_get', maybe, args, {
      user_id: 'text',
      missing_ok: 'boolean',
    });
  }

  /**
   * The groups that a user or an assistant belongs to, by their ids, in pages.
   * Arguments:
   *   user_id: of the user
   *   assistant_id: or of the assistant
   *   max_rows: rows of a page, 0 to 1,000
   *   after_position: the position of the last row of the page before; that row may be gone
   * Errors:
   *   P0002: no such user or assistant
   *   22023: bad input, or a position of another list
   */
  user_groups(args: {
    user_id?: string | null | undefined;
    assistant_id?: string | null | undefined;
    max_rows?: number | bigint | null | undefined;
    after_position?: string | null | undefined;
  } = {}): Promise<ListedMembership[]> {
    return this.call('user_groups', rows, args, {
      user_id: 'text',
      assistant_id: 'text',
      max_rows: 'bigint',
      after_position: 'text',
    });
  }

  /**
   * Users, newest first, in pages.
   * The total is user_count().
   * Arguments:
   *   kind: user or group
   *   search: a part of id, names or email in any case
   *   sort_by: created_at, updated_at, user_id or email (its first 200 characters)
   *   sort_order: desc or asc
   *   max_rows: rows of a page, 0 to 1,000
   *   after_id: the id of the last row of the page before, which must exist
   *   page_number: from 1, with page_size, instead of these
   *   page_size: rows of a page, 1 to 1,000
   *   after_position: the position of the last row of the page before; that row may be gone
   * Errors:
   *   P0002: unknown after_id
   *   22023: bad input, or a position of another list or order
   * Answers: Zep user.list_ordered.
   */
  user_list(args: {
    kind?: string | null | undefined;
    search?: string | null | undefined;
    sort_by?: string | null | undefined;
    sort_order?: string | null | undefined;
    max_rows?: number | bigint | null | undefined;
    after_id?: string | null | undefined;
    page_number?: number | bigint | null | undefined;
    page_size?: number | bigint | null | undefined;
    after_position?: string | null | undefined;
  } = {}): Promise<ListedUser[]> {
    return this.call('user_list', rows, args, {
      kind: 'text',
      search: 'text',
      sort_by: 'text',
      sort_order: 'text',
      max_rows: 'bigint',
      after_id: 'text',
      page_number: 'bigint',
      page_size: 'bigint',
      after_position: 'text',
    });
  }

  /**
   * The threads a user owns or takes part in, newest first, in pages.
   * Arguments:
   *   user_id: of the user
   *   sort_order: desc or asc
   *   max_rows: rows of a page, 0 to 1,000
   *   after_id, after_position, archived, with_preview: as in thread_list()
   * Errors:
   *   P0002: no such user or after_id
   *   22023: bad input
   * Answers: Zep user.get_threads, Entities list_threads.
   */
  user_threads(args: {
    user_id: string;
    sort_order?: string | null | undefined;
    max_rows?: number | bigint | null | undefined;
    after_id?: string | null | undefined;
    after_position?: string | null | undefined;
    archived?: boolean | null | undefined;
    with_preview?: boolean | null | undefined;
  }): Promise<ListedThread[]> {
    return this.call('user_threads', rows, args, {
      user_id: 'text',
      sort_order: 'text',
      max_rows: 'bigint',
      after_id: 'text',
      after_position: 'text',
      archived: 'boolean',
      with_preview: 'boolean',
    });
  }

  /**
   * Changes the fields of a user that are given.
   * Arguments:
   *   user_id: of the user
   *   email, first_name, last_name, time_zone: the new value; null leaves the old
   *   metadata: merged at its top level (null stores null)
   *   clear: fields to be emptied: email, first_name, last_name, time_zone, summary
   *   remove_keys: keys taken out of metadata
   *   summary: what is known of the user, in prose; thread_context() begins with it
   * Errors:
   *   P0002: no such user
   *   22023: bad input
   * Answers: Zep user.update, and the summary that Zep keeps of the user's node.
   */
  user_update(args: {
    user_id: string;
    email?: string | null | undefined;
    first_name?: string | null | undefined;
    last_name?: string | null | undefined;
    time_zone?: string | null | undefined;
    metadata?: Json | null | undefined;
    clear?: readonly string[] | null | undefined;
    remove_keys?: readonly string[] | null | undefined;
    summary?: string | null | undefined;
  }): Promise<User> {
    return this.call('user_update', row, args, {
      user_id: 'text',
      email: 'text',
      first_name: 'text',
      last_name: 'text',
      time_zone: 'text',
      metadata: 'jsonb',
      clear: 'text[]',
      remove_keys: 'text[]',
      summary: 'text',
    });
  }

  /**
   * How many assistants assistant_search() would give without pages.
   * Arguments:
   *   metadata, graph_id, name: as in assistant_search()
   * Errors:
   *   22023: bad input
   * Answers: LangGraph assistants.count.
   */
  assistant_count(args: {
    metadata?: Json | null | undefined;
    graph_id?: string | null | undefined;
    name?: string | null | undefined;
  } = {}): Promise<number> {
    return this.call('assistant_count', value, args, {
      metadata: 'jsonb',
      graph_id: 'text',
      name: 'text',
    });
  }

  /**
   * Creates an assistant of version 1.
   * Arguments:
   *   assistant_id: 1 to 255 bytes, generated when null
   *   graph_id: need not be defined with graph_define()
   *   name, description, model, instructions: free text
   *   tools: a JSON array
   *   tool_resources, config, metadata: JSON objects
   *   if_exists: raise, or do_nothing: the stored row unchanged
   *   created_at: of one that is imported, else now
   * Errors:
   *   23505: the id exists
   *   22023: bad input
   *   42501: a session narrowed by threadmem.user_id
   * Answers: LangGraph assistants.create, Entities and OpenAI assistants.create, Backboard create assistant.
   */
  assistant_create(args: {
    assistant_id?: string | null | undefined;
    graph_id?: string | null | undefined;
    name?: string | null | undefined;
    description?: string | null | undefined;
    model?: string | null | undefined;
    instructions?: string | null | undefined;
    tools?: Json | null | undefined;
    tool_resources?: Json | null | undefined;
    config?: Json | null | undefined;
    metadata?: Json | null | undefined;
    if_exists?: string | null | undefined;
    created_at?: Date | string | null | undefined;
  } = {}): Promise<Assistant> {
    return this.call('assistant_create', row, args, {
      assistant_id: 'text',
      graph_id: 'text',
      name: 'text',
      description: 'text',
      model: 'text',
      instructions: 'text',
      tools: 'jsonb',
      tool_resources: 'jsonb',
      config: 'jsonb',
      metadata: 'jsonb',
      if_exists: 'text',
      created_at: 'timestamp with time zone',
    });
  }

  /**
   * Deletes an assistant; its threads stay without one, or go with it.
   * Tells how much of each kind.
   * Arguments:
   *   assistant_id: of the assistant
   *   cascade: true: its threads go, and what memory has of them, as Backboard does it
   * Errors:
   *   P0002: no such assistant
   *   42501: a session narrowed to one user
   *   22023: bad input
   * Answers: LangGraph assistants.delete, Backboard delete assistant.
   */
  assistant_delete(args: {
    assistant_id: string;
    cascade?: boolean | null | undefined;
  }): Promise<DeletionCount[]> {
    return this.call('assistant_delete', rows, args, {
      assistant_id: 'text',
      cascade: 'boolean',
    });
  }

  /**
   * One assistant.
   * Arguments:
   *   assistant_id: of the assistant
   *   missing_ok: no row, and no error, when there is none
   * Errors:
   *   P0002: no such assistant
   *   22023: bad input
   * Answers: LangGraph assistants.get, Entities and OpenAI assistants.retrieve, Backboard get assistant.
   */
  assistant_get(args: {
    assistant_id: string;
    missing_ok?: false | undefined;
  }): Promise<Assistant>;
  assistant_get(args: {
    assistant_id: string;
    missing_ok?: boolean | null | undefined;
  }): Promise<Assistant | null>;
  assistant_get(args: {
    assistant_id: string;
    missing_ok?: boolean | null | undefined;
  }): Promise<Assistant | null> {
    return this.call('assistant_get', maybe, args, {
      assistant_id: 'text',
      missing_ok: 'boolean',
    });
  }

  /**
   * Assistants, newest first, in pages.
   * The total is assistant_count().
   * Arguments:
   *   sort_by: created_at, updated_at, assistant_id, graph_id or name (its first 200 characters)
   *   sort_order: desc or asc
   *   max_rows: rows of a page, 0 to 1,000
   *   after_id: the id of the last row of the page before, which must exist
   *   page_number: from 1, with page_size, instead of these
   *   page_size: rows of a page, 1 to 1,000
   *   after_position: the position of the last row of the page before; that row may be gone
   * Errors:
   *   P0002: unknown after_id
   *   22023: bad input, or a position of another list or order
   * Answers: Entities and OpenAI assistants.list, Backboard list assistants.
   */
  assistant_list(args: {
    sort_by?: string | null | undefined;
    sort_order?: string | null | undefined;
    max_rows?: number | bigint | null | undefined;
    after_id?: string | null | undefined;
    page_number?: number | bigint | null | undefined;
    page_size?: number | bigint | null | undefined;
    after_position?: string | null | undefined;
  } = {}): Promise<ListedAssistant[]> {
    return this.call('assistant_list', rows, args, {
      sort_by: 'text',
      sort_order: 'text',
      max_rows: 'bigint',
      after_id: 'text',
      page_number: 'bigint',
      page_size: 'bigint',
      after_position: 'text',
    });
  }

  /**
   * Assistants that meet every condition given, in pages.
   * Arguments:
   *   metadata: contained in theirs: exactly, types matter
   *   graph_id: exactly
   *   name: a part of theirs in any case
   *   sort_by, sort_order, max_rows, after_id, after_position: as in assistant_list()
   *   skip: rows left out before the first
   * Errors:
   *   P0002: unknown after_id
   *   22023: bad input, or a position of another list or order
   * Answers: LangGraph assistants.search.
   */
  assistant_search(args: {
    metadata?: Json | null | undefined;
    graph_id?: string | null | undefined;
    name?: string | null | undefined;
    sort_by?: string | null | undefined;
    sort_order?: string | null | undefined;
    max_rows?: number | bigint | null | undefined;
    skip?: number | bigint | null | undefined;
    after_id?: string | null | undefined;
    after_position?: string | null | undefined;
  } = {}): Promise<ListedAssistant[]> {
    return this.call('assistant_search', rows, args, {
      metadata: 'jsonb',
      graph_id: 'text',
      name: 'text',
      sort_by: 'text',
      sort_order: 'text',
      max_rows: 'bigint',
      skip: 'bigint',
      after_id: 'text',
      after_position: 'text',
    });
  }

  /**
   * Changes the fields of an assistant that are given and adds one to its version.
   * Arguments:
   *   assistant_id: of the assistant
   *   graph_id, name, description, model, instructions: the new value; null leaves the old
   *   tools, tool_resources, config: replaced
   *   metadata: merged at its top level (null stores null)
   *   clear: fields to be emptied: graph_id, name, description, model, instructions
   *   remove_keys: keys taken out of metadata
   *   expected_version: change it only if it still has this version
   * Errors:
   *   P0002: no such assistant
   *   TM001: it has another version than expected
   *   22023: bad input
   *   42501: a session narrowed by threadmem.user_id
   * Answers: LangGraph assistants.update, Entities and OpenAI assistants.update, Backboard update assistant.
   */
  assistant_update(args: {
    assistant_id: string;
    graph_id?: string | null | undefined;
    name?: string | null | undefined;
    description?: string | null | undefined;
    model?: string | null | undefined;
    instructions?: string | null | undefined;
    tools?: Json | null | undefined;
    tool_resources?: Json | null | undefined;
    config?: Json | null | undefined;
    metadata?: Json | null | undefined;
    clear?: readonly string[] | null | undefined;
    remove_keys?: readonly string[] | null | undefined;
    expected_version?: number | bigint | null | undefined;
  }): Promise<Assistant> {
    return this.call('assistant_update', row, args, {
      assistant_id: 'text',
      graph_id: 'text',
      name: 'text',
      description: 'text',
      model: 'text',
      instructions: 'text',
      tools: 'jsonb',
      tool_resources: 'jsonb',
      config: 'jsonb',
      metadata: 'jsonb',
      clear: 'text[]',
      remove_keys: 'text[]',
      expected_version: 'bigint',
    });
  }

  /**
   * Defines a graph, or defines it anew: the definition replaces the one stored.
   * It is optional: without one every channel has the reducer last_value, and messages add_messages.
   * Arguments:
   *   graph_id: 1 to 255 bytes
   *   definition: {"channels": {name: {"reducer", "default"}}, "nodes": [name], "edges": [[from, to]],
   *     "subgraphs": {node: definition}}, each optional. A reducer is last_value (default), add_messages, append, add,
   *     merge, union, or opaque for what only the application's code knows: updates in SQL are refused then; a default is
   *     any JSON. An edge may come from __start__ and lead to __end__; [[from, ...], to] waits for all of them
   * Errors:
   *   22023: a bad definition (names the place) or id
   *   42501: a session narrowed by threadmem.user_id
   * Answers: what LangGraph keeps in code as StateGraph.
   */
  graph_define(args: {
    graph_id: string;
    definition?: Json | null | undefined;
  }): Promise<Graph> {
    return this.call('graph_define', row, args, {
      graph_id: 'text',
      definition: 'jsonb',
    });
  }

  /**
   * Deletes a graph definition that no assistant names.
   * Threads that name it go on with the empty definition.
   * Arguments:
   *   graph_id: of the graph
   * Errors:
   *   P0002: no such graph
   *   55000: an assistant names it
   *   42501: a session narrowed by threadmem.user_id
   *   22023: bad input
   */
  graph_delete(args: {
    graph_id: string;
  }): Promise<boolean> {
    return this.call('graph_delete', value, args, {
      graph_id: 'text',
    });
  }

  /**
   * One graph definition.
   * Arguments:
   *   graph_id: of the graph
   *   missing_ok: no row, and no error, when there is none
   * Errors:
   *   P0002: the graph was never defined
   *   22023: bad input
   * Answers: LangGraph assistants.get_graph.
   */
  graph_get(args: {
    graph_id: string;
    missing_ok?: false | undefined;
  }): Promise<Graph>;
  graph_get(args: {
    graph_id: string;
    missing_ok?: boolean | null | undefined;
  }): Promise<Graph | null>;
  graph_get(args: {
    graph_id: string;
    missing_ok?: boolean | null | undefined;
  }): Promise<Graph | null> {
    return this.call('graph_get', maybe, args, {
      graph_id: 'text',
      missing_ok: 'boolean',
    });
  }

  /**
   * Graph definitions by time of creation, newest first, in pages.
   * Arguments:
   *   sort_order: desc or asc
   *   max_rows: rows of a page, 0 to 1,000
   *   after_id: the id of the last row of the page before, which must exist
   *   page_number: from 1, with page_size, instead of these
   *   page_size: rows of a page, 1 to 1,000
   *   after_position: the position of the last row of the page before; that row may be gone
   * Errors:
   *   P0002: unknown after_id
   *   22023: bad input, or a position of another list or order
   */
  graph_list(args: {
    sort_order?: string | null | undefined;
    max_rows?: number | bigint | null | undefined;
    after_id?: string | null | undefined;
    page_number?: number | bigint | null | undefined;
    page_size?: number | bigint | null | undefined;
    after_position?: string | null | undefined;
  } = {}): Promise<ListedGraph[]> {
    return this.call('graph_list', rows, args, {
      sort_order: 'text',
      max_rows: 'bigint',
      after_id: 'text',
      page_number: 'bigint',
      page_size: 'bigint',
      after_position: 'text',
    });
  }

  /**
   * Appends a message to a thread: role and content, or a whole message in any system's form.
   * Call it in FROM: SELECT (message_add(...)).* appends once for every column. Many in one transaction: each goes
   * past all that the transaction made of the thread's row before, so for more than some hundreds
   * message_add_batch() is the call.
   * Arguments:
   *   thread_id: of the thread
   *   role: user, assistant, system, developer, tool, function, platform or other, or a system's own word for one of
   *     them, as human or ai
   *   content: the text
   *   body: a whole message in any system's form (docs/contracts.md) or a plain one, stored verbatim; what it does
   *     not say of role, content, tool_calls and attachments the arguments may
   *   message_id: 1 to 255 bytes, generated when neither it nor the body gives one; the body gets it, and id_from
   *     tells whose it is. The same id with the same bytes again changes nothing and returns the first
   *   name: the speaker's name
   *   sender_id: the speaker, free text; where it is a user, what it says is in its memory, too
   *   assistant_id, run_id: whose message it is; need not exist. A run of the thread must not be over
   *   tool_call_id: of a tool message: the call that it answers, an id in tool_calls of the assistant's message,
   *     however long. Without it a warning tells that models refuse such a message; Zep and Entities write them, so
   *     it is stored
   *   tool_calls, attachments: JSON arrays in the writer's form
   *   metadata: a JSON object
   *   event_at: when it was said, else now; order is always seq
   *   in_memory: false keeps it out of memory, the owner's and the sender's
   *   parts: the content where it is an array of parts
   * Errors:
   *   P0002: no such thread
   *   23505: the id belongs to another message
   *   55000: the run is over, or was deleted and another has the thread
   *   22023: bad input
   *   54000: a body over threadmem.max_body
   * Answers: Entities create_message, OpenAI messages.create, Backboard add message with send_to_llm false.
   */
  message_add(args: {
    thread_id: string;
    role?: string | null | undefined;
    content?: string | null | undefined;
    body?: Json | null | undefined;
    message_id?: string | null | undefined;
    name?: string | null | undefined;
    sender_id?: string | null | undefined;
    assistant_id?: string | null | undefined;
    run_id?: string | null | undefined;
    tool_call_id?: string | null | undefined;
    tool_calls?: Json | null | undefined;
    attachments?: Json | null | undefined;
    metadata?: Json | null | undefined;
    event_at?: Date | string | null | undefined;
    in_memory?: boolean | null | undefined;
    parts?: Json | null | undefined;
  }): Promise<Message> {
    return this.call('message_add', row, args, {
      thread_id: 'text',
      role: 'text',
      content: 'text',
      body: 'jsonb',
      message_id: 'text',
      name: 'text',
      sender_id: 'text',
      assistant_id: 'text',
      run_id: 'text',
      tool_call_id: 'text',
      tool_calls: 'jsonb',
      attachments: 'jsonb',
      metadata: 'jsonb',
      event_at: 'timestamp with time zone',
      in_memory: 'boolean',
      parts: 'jsonb',
    });
  }

  /**
   * Appends an array of messages in order, all or none; returns a row for each.
   * Arguments:
   *   thread_id: of the thread
   *   messages: a JSON array of messages in any of the forms message_add() takes as body
   *   ignore_roles: messages of these roles are stored and listed, but kept out of memory
   *   run_id: the run they belong to, where they do not say it themselves
   *   if_exists: raise, or update, for clients that save their whole list again and again: each message has an id; one
   *     that is there unchanged is left, one that has changed becomes a new revision at its place, the rest is
   *     appended; what is not in the list stays, and so does what was deleted or erased (state tells)
   * Errors:
   *   P0002: no such thread
   *   23505: an id belongs to another message
   *   55000: a run is over, or was deleted and another has the thread; a message that has changed is still streaming
   *   22023: bad input; DETAIL names the element
   *   54000: a body over threadmem.max_body
   * Answers: Zep thread.add_messages (without its limit of 30), OpenAI conversations.items.create.
   */
  message_add_batch(args: {
    thread_id: string;
    messages: Json;
    ignore_roles?: readonly string[] | null | undefined;
    run_id?: string | null | undefined;
    if_exists?: string | null | undefined;
  }): Promise<Message[]> {
    return this.call('message_add_batch', rows, { ...args, messages: json(args.messages) }, {
      thread_id: 'text',
      messages: 'jsonb',
      ignore_roles: 'text[]',
      run_id: 'text',
      if_exists: 'text',
    });
  }

  /**
   * Adds a piece of text to a streamed message; returns the number of the last piece stored.
   * Meanwhile message_get() and the lists show the text so far, and message_chunks() gives the pieces. A run that ends
   * ends the message, as message_fail() would.
   * Arguments:
   *   thread_id: of the thread
   *   message_id: of the message
   *   chunk_no: counts from 1 without gaps; the same number with the same text again changes nothing
   *   delta: the text
   * Errors:
   *   P0002: no such message
   *   23505: the number was stored with another text
   *   22023: a gap, or the piece before, of message_append_json(), ended with half of a character (with
   *     threadmem.bad_unicode replace that half becomes U+FFFD)
   *   55000: the message is not being streamed, its content is not text, or its run is over
   *   54000: all pieces together are over threadmem.max_body
   */
  message_append(args: {
    thread_id: string;
    message_id: string;
    chunk_no: number | bigint;
    delta: string;
  }): Promise<number> {
    return this.call('message_append', value, args, {
      thread_id: 'text',
      message_id: 'text',
      chunk_no: 'bigint',
      delta: 'text',
    });
  }

  /**
   * Adds a piece of text as a JSON string, which may end in the middle of a character, to a streamed message.
   * For writers in JavaScript and Java, whose strings can be cut between the two halves of a character such as an emoji:
   * JSON.stringify(piece) carries such a half, text does not. The half at the end of a piece waits for the next one,
   * and is part of no text until then; at the end of the message it becomes U+FFFD. Returns the number of the last piece
   * stored; else as message_append().
   * Arguments:
   *   thread_id: of the thread
   *   message_id: of the message
   *   chunk_no: counts from 1 without gaps; the same number with the same piece again changes nothing
   *   piece: a JSON string
   * Errors:
   *   P0002: no such message
   *   23505: the number was stored with another text
   *   22023: a gap, no JSON string, or U+0000 or half of a character elsewhere than at the end of a piece (with
   *     threadmem.bad_unicode replace they become U+FFFD)
   *   55000: the message is not being streamed, its content is not text, or its run is over
   *   54000: all pieces together are over threadmem.max_body
   */
  message_append_json(args: {
    thread_id: string;
    message_id: string;
    chunk_no: number | bigint;
    piece: Json;
  }): Promise<number> {
    return this.call('message_append_json', value, { ...args, piece: json(args.piece) }, {
      thread_id: 'text',
      message_id: 'text',
      chunk_no: 'bigint',
      piece: 'json',
    });
  }

  /**
   * The pieces of a message that is being streamed, from a number on: what a page that is loaded again goes on with.
   * No rows: nothing has come since or, when message_get() shows another status than in_progress, the message has ended;
   * then the pieces are gone, and its content has all of them. (Of a message whose stored body was damaged as its run
   * ended they stay, until it is repaired and message_fail() joins them.)
   * Arguments:
   *   thread_id: of the thread
   *   message_id: of the message
   *   after_no: pieces after this number; 0 or null: from the first
   *   max_rows: pieces of a page, 0 to 1,000
   *   after_position: the position of the last row of the page before, instead of after_no
   * Errors:
   *   P0002: no such message
   *   22023: bad input, or a position of another list
   */
  message_chunks(args: {
    thread_id: string;
    message_id: string;
    after_no?: number | bigint | null | undefined;
    max_rows?: number | bigint | null | undefined;
    after_position?: string | null | undefined;
  }): Promise<ListedChunk[]> {
    return this.call('message_chunks', rows, args, {
      thread_id: 'text',
      message_id: 'text',
      after_no: 'bigint',
      max_rows: 'bigint',
      after_position: 'text',
    });
  }

  /**
   * Ends a streamed message: its content becomes the pieces joined.
   * Called again it returns the message.
   * Arguments:
   *   thread_id: of the thread
   *   message_id: of the message
   *   body: the whole message, when the writer has it (tool calls, usage), instead of the pieces
   *   metadata: merged
   * Errors:
   *   P0002: no such message
   *   55000: it failed or was completed otherwise, or its run is over
   *   22023: bad input
   *   54000: over threadmem.max_body
   */
  message_complete(args: {
    thread_id: string;
    message_id: string;
    body?: Json | null | undefined;
    metadata?: Json | null | undefined;
  }): Promise<Message> {
    return this.call('message_complete', row, args, {
      thread_id: 'text',
      message_id: 'text',
      body: 'jsonb',
      metadata: 'jsonb',
    });
  }

  /**
   * What the writer of a message calls its content, to the digit.
   * That is the value of content, of parts (AI SDK) or of output (OpenAI tool outputs). Null when it has none.
   * Arguments:
   *   body: a message in any system's form
   * Errors: none.
   */
  message_content(args: {
    body: Json;
  }): Promise<Json> {
    return this.call('message_content', value, { ...args, body: json(args.body) }, {
      body: 'jsonb',
    });
  }

  /**
   * Takes a message out of every list, search and context.
   * Its body stays in message_revisions() until message_erase(). It is no memory any more, and facts and entities that
   * nothing else says go with it.
   * Arguments:
   *   thread_id: of the thread
   *   message_id: of the message
   * Errors:
   *   P0002: no such live message
   *   55000: it is being streamed
   *   22023: bad input
   * Answers: OpenAI messages.delete, Entities delete_message.
   */
  message_delete(args: {
    thread_id: string;
    message_id: string;
  }): Promise<Message> {
    return this.call('message_delete', row, args, {
      thread_id: 'text',
      message_id: 'text',
    });
  }

  /**
   * Removes the body of every revision of a message for good, wherever it is kept.
   * Also its metadata, name, sender, search terms and embedding, and what checkpoints, pending writes, runs and
   * their steps hold of it, and what memory kept of it from an earlier thread of this owner and id. Id, place and
   * role stay as a tombstone, and a later message_add() with this id stores nothing. May be repeated.
   * Arguments:
   *   thread_id: of the thread
   *   message_id: of the message
   * Errors:
   *   P0002: no such message
   *   22023: bad input
   */
  message_erase(args: {
    thread_id: string;
    message_id: string;
  }): Promise<Message> {
    return this.call('message_erase', row, args, {
      thread_id: 'text',
      message_id: 'text',
    });
  }

  /**
   * Ends a streamed message that did not come whole; what has arrived is kept as its content.
   * Its status becomes failed. Called again it returns the message, and joins pieces that a damaged body kept apart.
   * Arguments:
   *   thread_id: of the thread
   *   message_id: of the message
   *   reason: kept as incomplete_details
   *   metadata: merged
   * Errors:
   *   P0002: no such message
   *   55000: it was completed
   *   22023: bad input
   */
  message_fail(args: {
    thread_id: string;
    message_id: string;
    reason?: string | null | undefined;
    metadata?: Json | null | undefined;
  }): Promise<Message> {
    return this.call('message_fail', row, args, {
      thread_id: 'text',
      message_id: 'text',
      reason: 'text',
      metadata: 'jsonb',
    });
  }

  /**
   * Live messages of a thread as another system's API gives them, in JSON.
   * A message that came in that system's form is given as it came, with what its API adds and the metadata of now;
   * any other is translated: roles, tool calls, and its text where the system takes only text. Tool arguments that
   * are no JSON object become invalid_tool_calls of langchain.
   * Arguments:
   *   thread_id: of the thread
   *   dialect: langchain (or langgraph), entities and backboard give an array, zep {messages, row_count,
   *     total_count, thread_created_at, user_id}, openai the list {object, data, first_id, last_id, has_more} of the
   *     Assistants API
   *   max_rows: 0 to 1,000
   *   sort_order: asc or desc
   *   after_id, before_id, after_position, before_position: as in message_list(), whose positions they are
   *   message_id: that one message, without list around it
   * Errors:
   *   P0002: no such thread, message or cursor
   *   22023: unknown dialect or other bad input
   *   0A000: anthropic, responses and ai_sdk
   * Answers: LangGraph values.messages, Entities list_messages, Zep thread.get, OpenAI messages.list and
   *     messages.retrieve.
   */
  message_format(args: {
    thread_id: string;
    dialect: string;
    max_rows?: number | bigint | null | undefined;
    sort_order?: string | null | undefined;
    after_id?: string | null | undefined;
    before_id?: string | null | undefined;
    message_id?: string | null | undefined;
    after_position?: string | null | undefined;
    before_position?: string | null | undefined;
  }): Promise<Json> {
    return this.call('message_format', value, args, {
      thread_id: 'text',
      dialect: 'text',
      max_rows: 'bigint',
      sort_order: 'text',
      after_id: 'text',
      before_id: 'text',
      message_id: 'text',
      after_position: 'text',
      before_position: 'text',
    });
  }

  /**
   * One live message.
   * message_revisions() shows those that are deleted or off branch, too.
   * Arguments:
   *   thread_id: of the thread
   *   message_id: of the message
   *   missing_ok: no row, and no error, when there is none
   * Errors:
   *   P0002: none; tells when it was deleted, erased or is off branch
   *   22023: bad input
   * Answers: OpenAI messages.retrieve, Entities get_message, Zep thread.message.get.
   */
  message_get(args: {
    thread_id: string;
    message_id: string;
    missing_ok?: false | undefined;
  }): Promise<Message>;
  message_get(args: {
    thread_id: string;
    message_id: string;
    missing_ok?: boolean | null | undefined;
  }): Promise<Message | null>;
  message_get(args: {
    thread_id: string;
    message_id: string;
    missing_ok?: boolean | null | undefined;
  }): Promise<Message | null> {
    return this.call('message_get', maybe, args, {
      thread_id: 'text',
      message_id: 'text',
      missing_ok: 'boolean',
    });
  }

  /**
   * The newest messages of a thread, the oldest of them first: what a chat window shows.
   * Arguments:
   *   thread_id: of the thread
   *   max_rows: how many, 0 to 1,000
   * Errors:
   *   P0002: no such thread
   *   22023: bad input
   * Answers: Zep thread.get(lastn), OpenAI Agents session.get_items(limit).
   */
  message_last(args: {
    thread_id: string;
    max_rows?: number | bigint | null | undefined;
  }): Promise<Message[]> {
    return this.call('message_last', rows, args, {
      thread_id: 'text',
      max_rows: 'bigint',
    });
  }

  /**
   * A page of a thread's messages by seq, oldest first; view 'state' lists what the latest state holds.
   * Arguments:
   *   thread_id: of the thread
   *   max_rows: rows of the page, 0 to 1,000; has_more on every row tells whether another page follows
   *   sort_order: asc or desc
   *   after_id, after_seq, after_position: begin behind this message, in the order of the list
   *   before_id, before_seq, before_position: stop before this one
   *   role: this role only, in any system's spelling
   *   run_id: of this run only
   *   metadata: containment: exactly, types matter
   *   include_deleted: also deleted and erased messages, and those that only other branches have (state off_branch)
   *   view: log, or state: what the latest state holds, with what it has not seen yet, in the state's order. That
   *     pages by positions and ids; where the message of a position is gone from the state, the one said last before
   *     it stands for it. What only writes of a delta channel have brought yet comes without rev, state and created_at,
   *     a new message also without seq
   * Errors:
   *   P0002: no such thread, or no such message in it
   *   22023: bad input, or a position of another list or order
   *   0A000: with view state, a delta channel messages whose reducer the thread's graph does not declare
   * Answers: OpenAI messages.list, Entities list_messages, Zep thread.get(limit, cursor).
   */
  message_list(args: {
    thread_id: string;
    max_rows?: number | bigint | null | undefined;
    sort_order?: string | null | undefined;
    after_id?: string | null | undefined;
    after_seq?: number | bigint | null | undefined;
    before_id?: string | null | undefined;
    before_seq?: number | bigint | null | undefined;
    role?: string | null | undefined;
    run_id?: string | null | undefined;
    metadata?: Json | null | undefined;
    include_deleted?: boolean | null | undefined;
    view?: string | null | undefined;
    after_position?: string | null | undefined;
    before_position?: string | null | undefined;
  }): Promise<ListedMessage[]> {
    return this.call('message_list', rows, args, {
      thread_id: 'text',
      max_rows: 'bigint',
      sort_order: 'text',
      after_id: 'text',
      after_seq: 'bigint',
      before_id: 'text',
      before_seq: 'bigint',
      role: 'text',
      run_id: 'text',
      metadata: 'jsonb',
      include_deleted: 'boolean',
      view: 'text',
      after_position: 'text',
      before_position: 'text',
    });
  }

  /**
   * How what was said in a message begins: the first 200 characters of message_said(), for lists.
   * Of a body over 64 kB only that much is read, so that words behind a large file are missing; the whole when there are
   * none in that. Null when nothing was said.
   * Arguments:
   *   body: a message in any system's form
   * Errors: none.
   */
  message_preview(args: {
    body: Json;
  }): Promise<string | null> {
    return this.call('message_preview', value, { ...args, body: json(args.body) }, {
      body: 'jsonb',
    });
  }

  /**
   * Every revision of a message in whatever state, oldest first.
   * Arguments:
   *   thread_id: of the thread
   *   message_id: of the message
   * Errors:
   *   P0002: no such message
   *   22023: bad input
   */
  message_revisions(args: {
    thread_id: string;
    message_id: string;
  }): Promise<Message[]> {
    return this.call('message_revisions', rows, args, {
      thread_id: 'text',
      message_id: 'text',
    });
  }

  /**
   * The words of a message of a user or an assistant that its speaker said: what memory_search() finds of it.
   * As message_text(), without what tools answered (Anthropic, Bedrock and Pydantic AI have that in messages of the user,
   * the AI SDK in those of the assistant) and without a system prompt. Null when that leaves no words.
   * Arguments:
   *   body: a message in any system's form
   * Errors: none.
   */
  message_said(args: {
    body: Json;
  }): Promise<string | null> {
    return this.call('message_said', value, { ...args, body: json(args.body) }, {
      body: 'jsonb',
    });
  }

  /**
   * Messages that match words, best first, then newest.
   * The first 100,000 bytes of a message's text are searched, for words, and in scripts without spaces for any part. A
   * program that has no user (user_id null) searches everybody's messages, unless the session is narrowed by
   * threadmem.user_id.
   * Arguments:
   *   query: websearch syntax: all words, "a phrase", or, -without
   *   user_id: threads of this owner; null is no filter
   *   thread_id: this thread only
   *   role: this role only
   *   since, until: bound event_at, until exclusive
   *   max_rows: rows of a page, 0 to 1,000
   *   skip: rows left out before the first
   *   after_position: the position of the last row of the page before; that row may be gone
   * Errors:
   *   22023: bad input, or a position of another list
   */
  message_search(args: {
    query: string;
    user_id?: string | null | undefined;
    thread_id?: string | null | undefined;
    role?: string | null | undefined;
    since?: Date | string | null | undefined;
    until?: Date | string | null | undefined;
    max_rows?: number | bigint | null | undefined;
    skip?: number | bigint | null | undefined;
    after_position?: string | null | undefined;
  }): Promise<FoundMessage[]> {
    return this.call('message_search', rows, args, {
      query: 'text',
      user_id: 'text',
      thread_id: 'text',
      role: 'text',
      since: 'timestamp with time zone',
      until: 'timestamp with time zone',
      max_rows: 'bigint',
      skip: 'bigint',
      after_position: 'text',
    });
  }

  /**
   * The alternatives in the place of a message, itself among them, as they were said: what "2 of 3" counts.
   * They are what comes behind the same message on every branch: other wordings of a question, other answers to it.
   * thread_rewind() with the id of one makes its branch current. What was deleted is left out.
   * Arguments:
   *   thread_id: of the thread
   *   message_id: of the message, on whatever branch
   * Errors:
   *   P0002: no such message on any branch
   *   22023: bad input
   * Answers: the branches of a message in LangGraph's useStream, sibling messages of chat interfaces.
   */
  message_siblings(args: {
    thread_id: string;
    message_id: string;
  }): Promise<SiblingMessage[]> {
    return this.call('message_siblings', rows, args, {
      thread_id: 'text',
      message_id: 'text',
    });
  }

  /**
   * Starts a message that will arrive in pieces.
   * It takes its place in the thread with status in_progress and empty content; message_append() adds pieces. When its run
   * ends first, it ends as message_fail() would end it.
   * Arguments:
   *   thread_id: of the thread
   *   role: as in message_add()
   *   message_id: 1 to 255 bytes, generated when null
   *   name, sender_id, assistant_id, run_id, metadata: as in message_add()
   * Errors:
   *   P0002: no such thread
   *   23505: the id belongs to another message
   *   55000: the run is over, or was deleted and another has the thread
   *   22023: bad input
   * Answers: Entities save_assistant_message_chunk, OpenAI thread.message.created.
   */
  message_start(args: {
    thread_id: string;
    role?: string | null | undefined;
    message_id?: string | null | undefined;
    name?: string | null | undefined;
    sender_id?: string | null | undefined;
    assistant_id?: string | null | undefined;
    run_id?: string | null | undefined;
    metadata?: Json | null | undefined;
  }): Promise<Message> {
    return this.call('message_start', row, args, {
      thread_id: 'text',
      role: 'text',
      message_id: 'text',
      name: 'text',
      sender_id: 'text',
      assistant_id: 'text',
      run_id: 'text',
      metadata: 'jsonb',
    });
  }

  /**
   * The words of a message that a person reads, in full.
   * Parts are joined by line feeds; a refusal and the transcript of what was spoken are words; thoughts, tool calls,
   * keys and encoded files are left out. Null when it has no words, as
   * for what is no message.
   * Arguments:
   *   body: a message in any system's form (Zep, Entities, OpenAI, LangChain, Backboard, AI SDK, Anthropic,
   *     Bedrock, Gemini, Pydantic AI, AG-UI)
   * Errors: none.
   */
  message_text(args: {
    body: Json;
  }): Promise<string | null> {
    return this.call('message_text', value, { ...args, body: json(args.body) }, {
      body: 'jsonb',
    });
  }

  /**
   * Changes a message: its content, which makes a new revision at the same seq, or its metadata.
   * The old revision stays readable in message_revisions(). Of a message that is being streamed the new content takes the
   * place of all that came so far, as a guess of what somebody is saying does: no revision of it stays, message_append()
   * goes on behind it with the next number, and message_complete() gives the final words.
   * Arguments:
   *   thread_id: of the thread
   *   message_id: of the message
   *   content: the new text
   *   body: a whole message in its place; its metadata is merged as the argument's
   *   metadata: merged at its top level (null stores null)
   *   remove_keys: keys taken out of metadata
   *   expected_rev: refuse when the message has another revision by now
   *   parts: the new content where it is an array of parts
   *   edited_at: when its writer made the edit. One that is older than the newest that said so changes nothing, and the
   *     message comes back as it is: platforms deliver edits in any order
   *   expected_metadata: refuse when the metadata do not contain this object any more
   * Errors:
   *   P0002: no such message
   *   TM001: it has another revision than expected
   *   55000: it has other metadata than expected; or it is being streamed by a run that is over
   *   22023: bad input
   *   54000: a body over threadmem.max_body
   * Answers: OpenAI messages.update and Zep thread.message.update (metadata), Entities update_message.
   */
  message_update(args: {
    thread_id: string;
    message_id: string;
    content?: string | null | undefined;
    body?: Json | null | undefined;
    metadata?: Json | null | undefined;
    remove_keys?: readonly string[] | null | undefined;
    expected_rev?: number | bigint | null | undefined;
    parts?: Json | null | undefined;
    edited_at?: Date | string | null | undefined;
    expected_metadata?: Json | null | undefined;
  }): Promise<Message> {
    return this.call('message_update', row, args, {
      thread_id: 'text',
      message_id: 'text',
      content: 'text',
      body: 'jsonb',
      metadata: 'jsonb',
      remove_keys: 'text[]',
      expected_rev: 'bigint',
      parts: 'jsonb',
      edited_at: 'timestamp with time zone',
      expected_metadata: 'jsonb',
    });
  }

  /**
   * Copies all checkpoints of a thread, their writes and its messages under the same ids to a thread that has none yet.
   * Returns how many checkpoints; 0 when there is no such thread.
   * Arguments:
   *   thread_id: of the source
   *   new_thread_id: of the copy, which is created when it is not there
   * Errors:
   *   23505: the new thread has messages or checkpoints
   *   22023: bad input
   * Answers: LangGraph BaseCheckpointSaver.copy_thread.
   */
  checkpoint_copy_thread(args: {
    thread_id: string;
    new_thread_id: string;
  }): Promise<number> {
    return this.call('checkpoint_copy_thread', value, args, {
      thread_id: 'text',
      new_thread_id: 'text',
    });
  }

  /**
   * Deletes the checkpoints of some runs with their writes; returns how many.
   * What is left keeps its state, and what others than these runs added to the log stays live. A checkpoint stays
   * whose writes a delta channel of a later one needs.
   * Arguments:
   *   run_ids: run_id in the metadata of the checkpoints
   *   thread_id: in one thread; null: in all
   * Errors:
   *   22023: bad input
   * Answers: LangGraph BaseCheckpointSaver.delete_for_runs.
   */
  checkpoint_delete_for_runs(args: {
    run_ids: readonly string[];
    thread_id?: string | null | undefined;
  }): Promise<number> {
    return this.call('checkpoint_delete_for_runs', value, args, {
      run_ids: 'text[]',
      thread_id: 'text',
    });
  }

  /**
   * Deletes all checkpoints of a thread, their writes, and the messages that came with them alone.
   * A thread that nothing else was put into goes as well. A tombstone stops late writers (threadmem.tombstone_ttl)
   * until thread_create() or a checkpoint without parent. Returns how many checkpoints; 0 when there is no such
   * thread.
   * Arguments:
   *   thread_id: of the thread
   * Errors:
   *   22023: bad input
   *   42501: not the owner's session
   * Answers: LangGraph BaseCheckpointSaver.delete_thread.
   */
  checkpoint_delete_thread(args: {
    thread_id: string;
  }): Promise<number> {
    return this.call('checkpoint_delete_thread', value, args, {
      thread_id: 'text',
    });
  }

  /**
   * What restores delta channels at a checkpoint: {channel: {"writes": [[task_id, channel, value]], "seed": value}}.
   * The writes are those of its ancestors, oldest first, back to the nearest one whose state has the channel: that
   * value is the seed, and its own writes count. No such ancestor, no seed; the checkpoint's own writes do not
   * count.
   * Arguments:
   *   thread_id: of the thread
   *   channels: their names
   *   checkpoint_ns: the namespace, '' for the thread's own graph
   *   checkpoint_id: null: the latest
   * Errors:
   *   22023: bad input
   *   54000: it is too large for jsonb
   * Answers: LangGraph BaseCheckpointSaver.get_delta_channel_history.
   */
  checkpoint_delta_history(args: {
    thread_id: string;
    channels: readonly string[];
    checkpoint_ns?: string | null | undefined;
    checkpoint_id?: string | null | undefined;
  }): Promise<Json> {
    return this.call('checkpoint_delta_history', value, args, {
      thread_id: 'text',
      channels: 'text[]',
      checkpoint_ns: 'text',
      checkpoint_id: 'text',
    });
  }

  /**
   * A checkpoint with the values of all its channels, as its writer gave it.
   * The column checkpoint of the view checkpoints. Null when it is not stored and, with a warning, when it is
   * damaged or over 255 MB: checkpoint_get() tells the error.
   * Arguments:
   *   thread_id, checkpoint_ns, checkpoint_id: of the checkpoint
   * Errors:
   *   22023: bad input
   */
  checkpoint_document(args: {
    thread_id: string;
    checkpoint_ns: string;
    checkpoint_id: string;
  }): Promise<Json> {
    return this.call('checkpoint_document', value, args, {
      thread_id: 'text',
      checkpoint_ns: 'text',
      checkpoint_id: 'text',
    });
  }

  /**
   * One checkpoint of a namespace with its pending writes; the latest when no id is given.
   * The latest has the greatest id by bytes.
   * Arguments:
   *   thread_id: of the thread
   *   checkpoint_ns: the namespace, '' for the thread's own graph
   *   checkpoint_id: null: the latest
   *   missing_ok: no row when there is none (default), else an error
   *   held: '', or the mark of another checkpoint of the namespace whose messages the caller has. Then lists of messages
   *     are not among the values but in lists, {channel: {"runs", "new", "messages"}}: runs [[first, last]] of revisions are
   *     the list in its order, messages the bodies of the revisions in new, each once, by revision. What the other
   *     checkpoint has in the channel is not new; where that is not as it was, all is. What is in runs, not new, and not had
   *     either is an erased message's, and is left out
   * Errors:
   *   P0002: none, with missing_ok false
   *   22023: bad input
   *   54000: it is too large for jsonb
   * Answers: LangGraph BaseCheckpointSaver.get_tuple.
   */
  checkpoint_get(args: {
    thread_id: string;
    checkpoint_ns?: string | null | undefined;
    checkpoint_id?: string | null | undefined;
    missing_ok?: boolean | null | undefined;
    held?: string | null | undefined;
  }): Promise<Checkpoint | null> {
    return this.call('checkpoint_get', maybe, args, {
      thread_id: 'text',
      checkpoint_ns: 'text',
      checkpoint_id: 'text',
      missing_ok: 'boolean',
      held: 'text',
    });
  }

  /**
   * Checkpoints of a thread, a namespace, or all, newest id first, then by thread and namespace, in pages.
   * What is too large for jsonb, or damaged, is null in its row, and left_out names it.
   * Arguments:
   *   thread_id, checkpoint_ns, checkpoint_id: of these only; null is any
   *   metadata: containment: exactly, types matter
   *   before_id: ids less than this one by bytes, which need not exist
   *   max_rows: rows of a page, 0 to 1,000
   *   after_id, after_thread_id, after_ns: the keys of the last row of the page before; the latter two where several
   *     threads or namespaces are listed
   *   after_position: the position of the last row of the page before; that row may be gone
   *   before_position: as before_id, of a row
   *   apart: true: lists of messages are in lists, as checkpoint_get() has them with held; what a row before on the page
   *     has in the same form is not new
   * Errors:
   *   22023: bad input, or a position of another list
   * Answers: LangGraph BaseCheckpointSaver.list.
   */
  checkpoint_list(args: {
    thread_id?: string | null | undefined;
    checkpoint_ns?: string | null | undefined;
    checkpoint_id?: string | null | undefined;
    metadata?: Json | null | undefined;
    before_id?: string | null | undefined;
    max_rows?: number | bigint | null | undefined;
    after_id?: string | null | undefined;
    after_thread_id?: string | null | undefined;
    after_ns?: string | null | undefined;
    after_position?: string | null | undefined;
    before_position?: string | null | undefined;
    apart?: boolean | null | undefined;
  } = {}): Promise<ListedCheckpoint[]> {
    return this.call('checkpoint_list', rows, args, {
      thread_id: 'text',
      checkpoint_ns: 'text',
      checkpoint_id: 'text',
      metadata: 'jsonb',
      before_id: 'text',
      max_rows: 'bigint',
      after_id: 'text',
      after_thread_id: 'text',
      after_ns: 'text',
      after_position: 'text',
      before_position: 'text',
      apart: 'boolean',
    });
  }

  /**
   * What tasks wrote at a checkpoint, [[task_id, channel, value]] in the order in which they apply.
   * The column pending_writes of the view checkpoints. Null, with a warning, when they are damaged or over 255 MB.
   * Arguments:
   *   thread_id, checkpoint_ns, checkpoint_id: of the checkpoint
   * Errors:
   *   22023: bad input
   */
  checkpoint_pending_writes(args: {
    thread_id: string;
    checkpoint_ns: string;
    checkpoint_id: string;
  }): Promise<Json> {
    return this.call('checkpoint_pending_writes', value, args, {
      thread_id: 'text',
      checkpoint_ns: 'text',
      checkpoint_id: 'text',
    });
  }

  /**
   * Thins out checkpoints to the newest of each namespace; returns how many went.
   * Unknown threads are skipped.
   * Arguments:
   *   thread_ids: of the threads
   *   strategy: keep_latest keeps the newest ones of every namespace with their state and writes, and the ancestors
   *     that their delta channels need; revisions of messages go that are neither live nor part of a state kept.
   *     delete is checkpoint_delete_thread() for each
   *   keep: how many of a namespace stay, from 1
   * Errors:
   *   22023: bad input
   *   42501: not the owner's session
   * Answers: LangGraph BaseCheckpointSaver.prune.
   */
  checkpoint_prune(args: {
    thread_ids: readonly string[];
    strategy?: string | null | undefined;
    keep?: number | bigint | null | undefined;
  }): Promise<number> {
    return this.call('checkpoint_prune', value, args, {
      thread_ids: 'text[]',
      strategy: 'text',
      keep: 'bigint',
    });
  }

  /**
   * Stores a LangGraph checkpoint; the thread is made when it is not there.
   * A channel that is not in channel_versions is absent. An id put again gets the new checkpoint and metadata and
   * keeps its parent. Messages of the channel messages are stored once and referred to. Many in one transaction:
   * each goes past all that the transaction made of the thread's row and its values before, so more than some
   * hundreds are committed in between.
   * Arguments:
   *   thread_id: of the thread
   *   checkpoint: {"id", "ts", "channel_values", "channel_versions", "versions_seen", ...}. Versions may be numbers
   *     from -2^62 to 2^62 and text of any kind (of which the number of 32 digits with which LangGraph's begins is
   *     within that); an id of more than 218 bytes has to leave room for one above it. ts is the event_at of messages
   *     that are new and do not say theirs, unless it is no time or one to come: then that is now
   *   metadata: a JSON object; a number in its step is a whole one in the range of versions
   *   new_versions: {channel: version} names the channels that changed, null all; one of these without a value is
   *     stored as absent. Every other channel of channel_versions has the value of the parent if its version is the
   *     same there; else, if a checkpoint of the namespace brought this version in, the value given here, or without
   *     one that of the newest such checkpoint; else none
   *   parent_checkpoint_id: the checkpoint it follows; null: none
   *   checkpoint_ns: the namespace, '' for the thread's own graph
   *   lists: {channel: [[first, last], {message}, ...]} in place of values: lists of messages, in order, as runs of
   *     revisions that the parent's list of the channel has, and messages. With it, '{}' too, the result has the lists of
   *     the new checkpoint, {channel: {"runs": [[first, last]]}} (null where a message in them was erased), and its mark
   *   held: the mark of the parent, which runs in lists are of
   * Errors:
   *   P0002: the parent was deleted with its thread
   *   55000: the run that metadata names as run_id is over, or was deleted and another has the thread
   *   TM001: lists goes by what the parent has no more, or never had (another mark, other revisions, no such list, messages
   *     of another form): put the values
   *   22023: a malformed checkpoint, an id, version or step that cannot be counted on; lists that are none, or of a channel
   *     that is not new or has a value as well
   *   54000: a message over threadmem.max_body, or a state over 255 MB with its messages written out; then nothing
   *     is stored
   * Answers: LangGraph BaseCheckpointSaver.put.
   */
  checkpoint_put(args: {
    thread_id: string;
    checkpoint: Json;
    metadata?: Json | null | undefined;
    new_versions?: Json | null | undefined;
    parent_checkpoint_id?: string | null | undefined;
    checkpoint_ns?: string | null | undefined;
    lists?: Json | null | undefined;
    held?: string | null | undefined;
  }): Promise<StoredCheckpoint> {
    return this.call('checkpoint_put', row, { ...args, checkpoint: json(args.checkpoint) }, {
      thread_id: 'text',
      checkpoint: 'jsonb',
      metadata: 'jsonb',
      new_versions: 'jsonb',
      parent_checkpoint_id: 'text',
      checkpoint_ns: 'text',
      lists: 'jsonb',
      held: 'text',
    });
  }

  /**
   * Stores what a task wrote that started from a checkpoint; returns how many rows were stored or replaced.
   * A batch of __error__, __scheduled__, __interrupt__ and __resume__ only replaces what is there; any other keeps
   * what is there under the same task and place.
   * Arguments:
   *   thread_id: of the thread
   *   checkpoint_id: of the checkpoint, which may come later
   *   task_id: of the task
   *   writes: [[channel, value]]
   *   task_path: where the task stands in the graph
   *   checkpoint_ns: the namespace, '' for the thread's own graph
   *   run_id: of the run that writes; the checkpoint may be of another
   * Errors:
   *   P0002: the checkpoint was deleted with its thread
   *   55000: the run is over, or was deleted and another has the thread
   *   22023: bad input
   *   54000: the writes of the checkpoint are over 247 MB together
   * Answers: LangGraph BaseCheckpointSaver.put_writes.
   */
  checkpoint_put_writes(args: {
    thread_id: string;
    checkpoint_id: string;
    task_id: string;
    writes: Json;
    task_path?: string | null | undefined;
    checkpoint_ns?: string | null | undefined;
    run_id?: string | null | undefined;
  }): Promise<number> {
    return this.call('checkpoint_put_writes', value, { ...args, writes: json(args.writes) }, {
      thread_id: 'text',
      checkpoint_id: 'text',
      task_id: 'text',
      writes: 'jsonb',
      task_path: 'text',
      checkpoint_ns: 'text',
      run_id: 'text',
    });
  }

  /**
   * Whether the values that the latest checkpoint of a thread has contain these.
   * What thread_search(values_match) asks of states. What tasks have written since and what the log has more does
   * not count. A thread without checkpoint has no values, an unknown one matches nothing, and so do values too large
   * for jsonb.
   * Arguments:
   *   thread_id: of the thread
   *   values_match: containment: exactly, types matter
   * Errors:
   *   22023: bad input
   */
  state_matches(args: {
    thread_id: string;
    values_match: Json;
  }): Promise<boolean> {
    return this.call('state_matches', value, { ...args, values_match: json(args.values_match) }, {
      thread_id: 'text',
      values_match: 'jsonb',
    });
  }

  /**
   * What differs between the values at two checkpoints of a thread, of any branch, as a JSON Patch (RFC 6902).
   * It makes those at to_id of those at from_id, as json_diff() gives it.
   * Arguments:
   *   thread_id: of the thread
   *   from_id, to_id: of the checkpoints
   *   checkpoint_ns: the namespace, '' for the thread's own graph
   * Errors:
   *   P0002: no such thread or checkpoint
   *   22023: bad input
   *   54000: values too large for jsonb
   */
  thread_diff(args: {
    thread_id: string;
    from_id: string;
    to_id: string;
    checkpoint_ns?: string | null | undefined;
  }): Promise<Json> {
    return this.call('thread_diff', value, args, {
      thread_id: 'text',
      from_id: 'text',
      to_id: 'text',
      checkpoint_ns: 'text',
    });
  }

  /**
   * Takes what the log has and the latest state has not seen into an update checkpoint; returns its id.
   * That is new, changed and deleted messages. Null when there is nothing, which locks and writes nothing, or tasks of
   * the latest checkpoint have pending writes. A LangGraph client calls it before it resumes; thread_update_state() does
   * so itself.
   * Arguments:
   *   thread_id: of the thread
   *   at_rest: true, for who only reads: not while nodes are to run next or the thread is busy, since who is at work
   *     puts the next checkpoint beside this one, and what was folded stays with the branch that is left
   * Errors:
   *   P0002: no such thread
   *   54000: the state would be over 255 MB; then take messages out of it by thread_update_state() with
   *     RemoveMessage, or by message_delete()
   *   22023: bad input
   */
  thread_fold(args: {
    thread_id: string;
    at_rest?: boolean | null | undefined;
  }): Promise<string | null> {
    return this.call('thread_fold', value, args, {
      thread_id: 'text',
      at_rest: 'boolean',
    });
  }

  /**
   * The history of a thread with all its branches, drawn for psql as git log --graph does.
   * SELECT * FROM threadmem.thread_graph('my thread'). One line per checkpoint, newest id first, as thread_history()
   * lists them; a line leads down from each to its parent. * is a checkpoint: its id, in parentheses what is to be
   * known of it, step and source, how many messages its channel messages holds, the nodes to run next (long names
   * and lists are cut at ..., +n more: thread_state has all). latest: the greatest id; waits for log: so many
   * messages of the log are new, changed or deleted since (thread_fold takes them in); writes: so many tasks have
   * written already, and no checkpoint has followed (without task: an answer to an interrupt); interrupted, error:
   * what tasks of it wrote; parent X above: the parent has a greater id, so no line leads there; parent X not
   * stored, its own parent; not restorable: see threadmem_verify(). o is a parent that is not stored, pruned for
   * instance. subgraph X below a checkpoint: call again with checkpoint_ns X. The last line is ... when there are
   * older ones. A thread without checkpoint but with messages gives one line that says so, one without either, and a
   * namespace without checkpoint, none. Reads states in part only: 100 checkpoints take milliseconds.
   * Arguments:
   *   thread_id: of the thread
   *   checkpoint_ns: one of its subgraphs; '' for the thread's own graph
   *   max_rows: checkpoints at most, 0 to 1,000; 0: no line
   * Errors:
   *   P0002: no such thread
   *   22023: bad input
   */
  thread_graph(args: {
    thread_id: string;
    checkpoint_ns?: string | null | undefined;
    max_rows?: number | bigint | null | undefined;
  }): Promise<string[]> {
    return this.call('thread_graph', values, args, {
      thread_id: 'text',
      checkpoint_ns: 'text',
      max_rows: 'bigint',
    });
  }

  /**
   * The states of a thread, newest checkpoint id first, over all branches of one namespace.
   * What each checkpoint says, without pending writes. Values, tasks or interrupts that are too large for jsonb, or
   * damaged, are null, and left_out in metadata names them.
   * Arguments:
   *   thread_id: of the thread
   *   max_rows: rows of a page, 0 to 1,000
   *   before_id: ids less than this one, which need not exist
   *   metadata: containment: exactly, types matter
   *   checkpoint_ns: the namespace, '' for the thread's own graph
   *   checkpoint_id: this one only
   *   fields: as in thread_state()
   *   after_position, before_position: go on after the row of this position; a list from the newest on does not tell
   *     them apart
   * Errors:
   *   P0002: no such thread
   *   22023: bad input, or a position of another list
   * Answers: LangGraph threads.get_history.
   */
  thread_history(args: {
    thread_id: string;
    max_rows?: number | bigint | null | undefined;
    before_id?: string | null | undefined;
    metadata?: Json | null | undefined;
    checkpoint_ns?: string | null | undefined;
    checkpoint_id?: string | null | undefined;
    fields?: readonly string[] | null | undefined;
    after_position?: string | null | undefined;
    before_position?: string | null | undefined;
  }): Promise<ListedState[]> {
    return this.call('thread_history', rows, args, {
      thread_id: 'text',
      max_rows: 'bigint',
      before_id: 'text',
      metadata: 'jsonb',
      checkpoint_ns: 'text',
      checkpoint_id: 'text',
      fields: 'text[]',
      after_position: 'text',
      before_position: 'text',
    });
  }

  /**
   * Goes back to before a message in the same thread, with a new wording of it if one is given; or to another branch.
   * What is said from there on is kept, on the branch that is left: message_siblings() lists it. The state goes back
   * to what it was then; what no state had seen yet, and earlier messages that were reworded since, are as the log
   * has them. The first message of a thread will do, and so will a thread without any checkpoint.
   * A message of another branch makes that branch current, with all that followed there.
   * Arguments:
   *   thread_id: of the thread
   *   message_id: of the message
   *   content: the new wording, said by whom the message is, which is added in its place
   *   body: or a whole message
   *   parts: or its content where it is an array of parts
   *   new_message_id: of the new wording; null generates one. The call repeated with it changes nothing
   *   checkpoint_id: the branch, as message_siblings() gives it; null: the present one, or the newest that has the
   *     message
   *   before_message: true goes to before the message also on another branch, so that a repeated call does not bring
   *     it back; false makes its branch current, and does nothing on the present one. Null: before, unless the message
   *     is on another branch and no wording is given
   * Errors:
   *   P0002: no such thread or checkpoint, or no such message on any branch
   *   55006: a run of the thread is queued, in progress or cancelling
   *   23505: another message has new_message_id
   *   22023: a branch without the message, more than one wording, bad input
   *   54000: a state over 255 MB with its messages, or a body over threadmem.max_body
   * Answers: edit and regenerate of chat interfaces, the branch switcher of LangGraph's chat.
   */
  thread_rewind(args: {
    thread_id: string;
    message_id: string;
    content?: string | null | undefined;
    body?: Json | null | undefined;
    parts?: Json | null | undefined;
    new_message_id?: string | null | undefined;
    checkpoint_id?: string | null | undefined;
    before_message?: boolean | null | undefined;
  }): Promise<RewoundThread> {
    return this.call('thread_rewind', row, args, {
      thread_id: 'text',
      message_id: 'text',
      content: 'text',
      body: 'jsonb',
      parts: 'jsonb',
      new_message_id: 'text',
      checkpoint_id: 'text',
      before_message: 'boolean',
    });
  }

  /**
   * The state of a thread: values, nodes to run next, tasks with errors, interrupts and results, metadata.
   * The latest has what tasks have written already and what the log has that no checkpoint has seen; a thread
   * without checkpoint has its log as messages. Where there is no such checkpoint the state is empty.
   * Arguments:
   *   thread_id: of the thread
   *   checkpoint_id: at this checkpoint; null: the latest
   *   checkpoint_ns: of one of its subgraphs; '' for the thread's own graph
   *   subgraphs: nests the states of subgraphs into the tasks
   *   fields: columns wanted, values.<channel> for single ones; the others are null
   * Errors:
   *   P0002: no such thread
   *   22023: bad input
   *   54000: what was asked for is too large for jsonb
   * Answers: LangGraph threads.get_state.
   */
  thread_state(args: {
    thread_id: string;
    checkpoint_id?: string | null | undefined;
    checkpoint_ns?: string | null | undefined;
    subgraphs?: boolean | null | undefined;
    fields?: readonly string[] | null | undefined;
  }): Promise<StateSnapshot> {
    return this.call('thread_state', row, args, {
      thread_id: 'text',
      checkpoint_id: 'text',
      checkpoint_ns: 'text',
      subgraphs: 'boolean',
      fields: 'text[]',
    });
  }

  /**
   * Makes a new checkpoint as a node would have written it, or a branch at an older one; returns its key.
   * What was said in the log meanwhile is folded in first; where that alone would make the state too large, in one
   * checkpoint with the update, which may take messages out.
   * Arguments:
   *   thread_id: of the thread
   *   input: {channel: update}, which go through the reducers of the thread's graph; null without as_node makes an
   *     empty step
   *   as_node: the node that is to have written it, by default the one that ran last. Also __input__ (input waits in
   *     __start__), __start__ (as the graph's input), __end__ with null input (pending tasks end), __copy__ (a
   *     sibling of the checkpoint)
   *   updates: [{"values", "as_node"}], several updates in one superstep, instead of input; in place of values
   *     "command": {"update": values, "goto": nodes or sends {"node", "input"} to run next beside the edges' nodes}
   *   checkpoint_id: build on this one as it is, which makes a branch: what was said until now, folded or not, stays
   *     with the branch that is left. That holds of the latest one too, unless run_id goes on from it
   *   next: the nodes to run then, by default those that the graph's edges lead to
   *   run_id: the run in progress, whose checkpoint (source loop) it becomes
   *   checkpoint_ns: the namespace, '' for the thread's own graph; that of a subgraph needs its definition in the
   *     graph's, unless nothing is written
   *   metadata: kept in the checkpoint's metadata, for filters of thread_history() and checkpoint_list(). What tells of
   *     the checkpoint itself wins: source, step, parents, what delta channels count, and run_id where it is given
   * Errors:
   *   P0002: no such thread, checkpoint or run
   *   55006: a run of the thread is queued, in progress or cancelling and run_id is not given
   *   55000: run_id is not in progress, or the run that metadata names is over
   *   22023: no such node, ambiguous as_node, two values for a last_value channel, a message removed that is not
   *     there, a key of updates that is not known, a command that resumes, a subgraph that is not declared, bad input
   *   54000: a state over 255 MB with its messages, or a version or id in the chain, written by hand, that none can
   *     follow
   *   22003: a sum out of range
   * Answers: LangGraph threads.update_state.
   */
  thread_update_state(args: {
    thread_id: string;
    input?: Json | null | undefined;
    as_node?: string | null | undefined;
    updates?: Json | null | undefined;
    checkpoint_id?: string | null | undefined;
    next?: readonly string[] | null | undefined;
    run_id?: string | null | undefined;
    checkpoint_ns?: string | null | undefined;
    metadata?: Json | null | undefined;
  }): Promise<CheckpointKey> {
    return this.call('thread_update_state', row, args, {
      thread_id: 'text',
      input: 'jsonb',
      as_node: 'text',
      updates: 'jsonb',
      checkpoint_id: 'text',
      next: 'text[]',
      run_id: 'text',
      checkpoint_ns: 'text',
      metadata: 'jsonb',
    });
  }

  /**
   * Asks for the end of a run, or confirms it.
   * queued or requires_action to cancelled; in_progress to cancelling, which its worker sees in run_heartbeat() and
   * confirms. A worker that is gone does not have to: at the end of its lease the run is expired. Again it changes
   * nothing.
   * Arguments:
   *   thread_id: of the thread
   *   run_id: of the run
   *   confirm: said by the worker: cancelling to cancelled
   * Errors:
   *   P0002: no such run
   *   55000: illegal transition
   *   22023: bad input
   * Answers: LangGraph runs.cancel, OpenAI runs.cancel, Entities cancel_run, Backboard cancel run.
   */
  run_cancel(args: {
    thread_id: string;
    run_id: string;
    confirm?: boolean | null | undefined;
  }): Promise<Run> {
    return this.call('run_cancel', row, args, {
      thread_id: 'text',
      run_id: 'text',
      confirm: 'boolean',
    });
  }

  /**
   * Gives a worker the run of this tenant that has been due for longest and is the next of its thread, and starts it.
   * As run_start() does; no row when there is none. Threads that another session is writing to are passed over, so
   * that many workers may claim at once. A run whose state would be too large fails with the code state_too_large,
   * and the next one is taken.
   * Arguments:
   *   worker: a name of the worker, by which run_heartbeat() and what ends the run know it
   *   lease: for how long the worker has it unless it calls run_heartbeat(); at most 10 years
   *   assistant_id, graph_id: only runs of these
   * Errors:
   *   22023: bad input
   * Answers: the queue of a LangGraph server.
   */
  run_claim(args: {
    worker?: string | null | undefined;
    lease?: string | null | undefined;
    assistant_id?: string | null | undefined;
    graph_id?: string | null | undefined;
  } = {}): Promise<Run | null> {
    return this.call('run_claim', maybe, args, {
      worker: 'text',
      lease: 'interval',
      assistant_id: 'text',
      graph_id: 'text',
    });
  }

  /**
   * Ends a run well: in_progress (or cancelling) to completed, or to incomplete.
   * When the state has nodes to run next, the thread is interrupted after a completed run, else idle. Completing it
   * again changes nothing.
   * Arguments:
   *   thread_id: of the thread
   *   run_id: of the run, which run_start() or run_claim() has started
   *   incomplete_reason: max_completion_tokens, for one: in_progress to incomplete instead
   *   usage, result: JSON, kept
   *   worker: when given, it must be the one that started the run
   * Errors:
   *   P0002: no such run
   *   55000: illegal transition or another worker's run
   *   22023: bad input
   */
  run_complete(args: {
    thread_id: string;
    run_id: string;
    incomplete_reason?: string | null | undefined;
    usage?: Json | null | undefined;
    result?: Json | null | undefined;
    worker?: string | null | undefined;
  }): Promise<Run> {
    return this.call('run_complete', row, args, {
      thread_id: 'text',
      run_id: 'text',
      incomplete_reason: 'text',
      usage: 'jsonb',
      result: 'jsonb',
      worker: 'text',
    });
  }

  /**
   * Queues a run on a thread, with messages if wanted.
   * metadata and config are merged: the assistant's, the thread's, those given (config's configurable key by key); a
   * thread that is not busy gets the merged config, and graph_id and assistant_id in its metadata.
   * Arguments:
   *   thread_id: of the thread
   *   assistant_id: an assistant (not a model's name), or the id of a defined graph; without it and graph_id it is
   *     the thread's
   *   input: JSON for the worker
   *   strategy: what to do when another run of the thread is not over: enqueue waits for it, reject is 55006,
   *     interrupt ends it (interrupted, or cancelled when it was not in progress; what it wrote stays), rollback
   *     removes it with its checkpoints and messages
   *   run_id: 1 to 255 bytes, generated when null
   *   graph_id: alone, it stands for the graph's default assistant, which is made when it is not there (its id
   *     follows from the graph's, as LangGraph's does)
   *   messages: an array as message_add_batch() takes it, added to the log as the run's own
   *   kwargs: JSON for the worker
   *   metadata, config: JSON objects
   *   after_seconds: not to be started before, in seconds from now
   *   expires_in: when it ends as expired, counted from then; at most 10 years
   *   if_not_exists: reject, or create: makes the thread
   *   if_exists: raise, or do_nothing: returns a run that is there already
   * Errors:
   *   P0002: no such thread
   *   23503: no such assistant
   *   23505: the run exists
   *   55006: the thread is busy
   *   55000: the thread's assistant is pinned
   *   42501: a session narrowed to one user cannot make an assistant
   *   22023: bad input
   *   54000: a message over threadmem.max_body
   * Answers: LangGraph runs.create, OpenAI runs.create, Entities create_run.
   */
  run_create(args: {
    thread_id: string;
    assistant_id?: string | null | undefined;
    input?: Json | null | undefined;
    strategy?: string | null | undefined;
    run_id?: string | null | undefined;
    graph_id?: string | null | undefined;
    messages?: Json | null | undefined;
    kwargs?: Json | null | undefined;
    metadata?: Json | null | undefined;
    config?: Json | null | undefined;
    after_seconds?: number | bigint | null | undefined;
    expires_in?: string | null | undefined;
    if_not_exists?: string | null | undefined;
    if_exists?: string | null | undefined;
  }): Promise<Run> {
    return this.call('run_create', row, args, {
      thread_id: 'text',
      assistant_id: 'text',
      input: 'jsonb',
      strategy: 'text',
      run_id: 'text',
      graph_id: 'text',
      messages: 'jsonb',
      kwargs: 'jsonb',
      metadata: 'jsonb',
      config: 'jsonb',
      after_seconds: 'bigint',
      expires_in: 'interval',
      if_not_exists: 'text',
      if_exists: 'text',
    });
  }

  /**
   * Writes down what time has ended; gives the runs it expired.
   * With run_id: queued, in_progress, requires_action or cancelling to expired now, whatever its lease (LangGraph's
   * timeout). Without: what every function says already, that the runs of stuck_runs are expired; nothing needs it.
   * Threads that another session is writing to are passed over. Again, none.
   * Arguments:
   *   thread_id: this thread only; null: the tenant's
   *   run_id: this run, of thread_id
   *   max_rows: threads at most
   * Errors:
   *   P0002: no such thread or run
   *   55000: illegal transition
   *   22023: run_id without thread_id, bad max_rows
   */
  run_expire(args: {
    thread_id?: string | null | undefined;
    run_id?: string | null | undefined;
    max_rows?: number | bigint | null | undefined;
  } = {}): Promise<Run[]> {
    return this.call('run_expire', rows, args, {
      thread_id: 'text',
      run_id: 'text',
      max_rows: 'bigint',
    });
  }

  /**
   * Ends a run badly: queued, in_progress or cancelling to failed; the thread is in error.
   * Arguments:
   *   thread_id: of the thread
   *   run_id: of the run
   *   error: kept as given, {"code", "message"} in OpenAI's last_error
   *   usage: JSON, kept
   *   worker: when given, it must be the one that started the run
   * Errors:
   *   P0002: no such run
   *   55000: illegal transition or another worker's run
   *   22023: bad input
   */
  run_fail(args: {
    thread_id: string;
    run_id: string;
    error?: Json | null | undefined;
    usage?: Json | null | undefined;
    worker?: string | null | undefined;
  }): Promise<Run> {
    return this.call('run_fail', row, args, {
      thread_id: 'text',
      run_id: 'text',
      error: 'jsonb',
      usage: 'jsonb',
      worker: 'text',
    });
  }

  /**
   * One run; expired once its lease or its time is over, though nobody has written that down.
   * Arguments:
   *   thread_id: of the thread
   *   run_id: of the run
   *   missing_ok: no row, and no error, when there is none
   * Errors:
   *   P0002: no such run
   *   22023: bad input
   * Answers: LangGraph runs.get, OpenAI runs.retrieve, Entities retrieve_run.
   */
  run_get(args: {
    thread_id: string;
    run_id: string;
    missing_ok?: false | undefined;
  }): Promise<Run>;
  run_get(args: {
    thread_id: string;
    run_id: string;
    missing_ok?: boolean | null | undefined;
  }): Promise<Run | null>;
  run_get(args: {
    thread_id: string;
    run_id: string;
    missing_ok?: boolean | null | undefined;
  }): Promise<Run | null> {
    return this.call('run_get', maybe, args, {
      thread_id: 'text',
      run_id: 'text',
      missing_ok: 'boolean',
    });
  }

  /**
   * Renews the lease of a worker, and gives the run.
   * The worker keeps it for so long from now (never shorter than it has it). When its status is cancelling, the
   * worker stops and calls run_cancel(confirm => true).
   * Arguments:
   *   thread_id: of the thread
   *   run_id: of the run
   *   worker: when given, it must be the one that started the run
   *   lease: as in run_start()
   * Errors:
   *   P0002: no such run (rolled back, for one)
   *   55000: it is not in progress any more or another worker's
   *   22023: bad input
   */
  run_heartbeat(args: {
    thread_id: string;
    run_id: string;
    worker?: string | null | undefined;
    lease?: string | null | undefined;
  }): Promise<Run> {
    return this.call('run_heartbeat', row, args, {
      thread_id: 'text',
      run_id: 'text',
      worker: 'text',
      lease: 'interval',
    });
  }

  /**
   * Ends a run where somebody has to be asked: in_progress to interrupted.
   * The thread is interrupted, and another run resumes it (LangGraph).
   * Arguments:
   *   thread_id: of the thread
   *   run_id: of the run
   *   result: JSON, kept; may say what is asked
   *   usage: JSON, kept
   *   worker: when given, it must be the one that started the run
   * Errors:
   *   P0002: no such run
   *   55000: illegal transition or another worker's run
   *   22023: bad input
   */
  run_interrupt(args: {
    thread_id: string;
    run_id: string;
    result?: Json | null | undefined;
    usage?: Json | null | undefined;
    worker?: string | null | undefined;
  }): Promise<Run> {
    return this.call('run_interrupt', row, args, {
      thread_id: 'text',
      run_id: 'text',
      result: 'jsonb',
      usage: 'jsonb',
      worker: 'text',
    });
  }

  /**
   * The runs of a thread in the order of their creation, newest first by default, in pages.
   * Arguments:
   *   thread_id: of the thread
   *   status: this status only
   *   metadata: containment: exactly, types matter
   *   max_rows: rows of a page, 0 to 1,000
   *   sort_order: desc or asc
   *   after_id, after_position: go on after this run, in the order of the list
   *   before_id, before_position: end before this one
   *   skip: rows left out before the first
   * Errors:
   *   P0002: no such thread or run
   *   22023: bad input, or a position of another list or order
   * Answers: LangGraph runs.list, OpenAI runs.list.
   */
  run_list(args: {
    thread_id: string;
    status?: string | null | undefined;
    metadata?: Json | null | undefined;
    max_rows?: number | bigint | null | undefined;
    sort_order?: string | null | undefined;
    after_id?: string | null | undefined;
    before_id?: string | null | undefined;
    skip?: number | bigint | null | undefined;
    after_position?: string | null | undefined;
    before_position?: string | null | undefined;
  }): Promise<ListedRun[]> {
    return this.call('run_list', rows, args, {
      thread_id: 'text',
      status: 'text',
      metadata: 'jsonb',
      max_rows: 'bigint',
      sort_order: 'text',
      after_id: 'text',
      before_id: 'text',
      skip: 'bigint',
      after_position: 'text',
      before_position: 'text',
    });
  }

  /**
   * Lets a run wait for the outputs of tools, without a lease: in_progress to requires_action.
   * The column required_action has the calls in OpenAI's form. The same calls again change nothing.
   * Arguments:
   *   thread_id: of the thread
   *   run_id: of the run
   *   tool_calls: an array; each has an id, or tool_call_id, or toolCallId
   *   usage: JSON, kept
   *   worker: when given, it must be the one that started the run
   * Errors:
   *   P0002: no such run
   *   55000: illegal transition or another worker's run
   *   22023: no tool calls, one without id, an id twice
   * Answers: OpenAI required_action, Backboard REQUIRES_ACTION.
   */
  run_require_action(args: {
    thread_id: string;
    run_id: string;
    tool_calls: Json;
    usage?: Json | null | undefined;
    worker?: string | null | undefined;
  }): Promise<Run> {
    return this.call('run_require_action', row, { ...args, tool_calls: json(args.tool_calls) }, {
      thread_id: 'text',
      run_id: 'text',
      tool_calls: 'jsonb',
      usage: 'jsonb',
      worker: 'text',
    });
  }

  /**
   * Starts a run, or the next one of a thread: queued to in_progress.
   * A run in requires_action that is named goes on without the outputs that are missing. What was said in the log
   * meanwhile is folded into the state first. Starting it again changes nothing for the same worker.
   * Arguments:
   *   thread_id: of the thread
   *   run_id: has to be the next one; null: the next one
   *   worker: a name of the worker
   *   lease: for how long the worker has the run unless it calls run_heartbeat(); at most 10 years
   * Errors:
   *   P0002: no such thread or run, or none is due
   *   55006: another run is in progress or comes first
   *   55000: the run is over or not due
   *   22023: bad input
   *   54000: the state would be over 255 MB with what was said
   */
  run_start(args: {
    thread_id: string;
    run_id?: string | null | undefined;
    worker?: string | null | undefined;
    lease?: string | null | undefined;
  }): Promise<Run> {
    return this.call('run_start', row, args, {
      thread_id: 'text',
      run_id: 'text',
      worker: 'text',
      lease: 'interval',
    });
  }

  /**
   * Notes a step of a run that is not over, or changes one by its number.
   * Steps still in_progress end with the run.
   * Arguments:
   *   thread_id: of the thread
   *   run_id: of the run
   *   type: message_creation, tool_calls or node
   *   status: in_progress, completed, failed, cancelled or expired
   *   step_no: counts from 1 and is the next one when null; a number that is there already gets what is given now,
   *     so a step begun in_progress is ended by its number
   *   name: of the tool or node
   *   message_id, tool_call_id: what it made or called
   *   details, metadata, error, usage: JSON, kept
   * Errors:
   *   P0002: no such run
   *   55000: the run or the step is over
   *   22023: a gap in the numbers, bad input
   * Answers: OpenAI run steps, Entities actions.
   */
  run_step_add(args: {
    thread_id: string;
    run_id: string;
    type?: string | null | undefined;
    status?: string | null | undefined;
    step_no?: number | bigint | null | undefined;
    name?: string | null | undefined;
    message_id?: string | null | undefined;
    tool_call_id?: string | null | undefined;
    details?: Json | null | undefined;
    metadata?: Json | null | undefined;
    error?: Json | null | undefined;
    usage?: Json | null | undefined;
  }): Promise<Step> {
    return this.call('run_step_add', row, args, {
      thread_id: 'text',
      run_id: 'text',
      type: 'text',
      status: 'text',
      step_no: 'bigint',
      name: 'text',
      message_id: 'text',
      tool_call_id: 'text',
      details: 'jsonb',
      metadata: 'jsonb',
      error: 'jsonb',
      usage: 'jsonb',
    });
  }

  /**
   * The steps of a run in their order, in pages.
   * Arguments:
   *   thread_id: of the thread
   *   run_id: of the run
   *   max_rows: rows of a page, 0 to 1,000
   *   sort_order: asc or desc
   *   after_no: the last number of the page before
   *   after_position: the position of the last row of the page before
   * Errors:
   *   P0002: no such run
   *   22023: bad input, or a position of another list or order
   * Answers: OpenAI runs.steps.list.
   */
  run_steps(args: {
    thread_id: string;
    run_id: string;
    max_rows?: number | bigint | null | undefined;
    sort_order?: string | null | undefined;
    after_no?: number | bigint | null | undefined;
    after_position?: string | null | undefined;
  }): Promise<ListedRunStep[]> {
    return this.call('run_steps', rows, args, {
      thread_id: 'text',
      run_id: 'text',
      max_rows: 'bigint',
      sort_order: 'text',
      after_no: 'bigint',
      after_position: 'text',
    });
  }

  /**
   * Gives outputs of the tool calls a run waits for; with the last one the run is queued again.
   * Each becomes a tool message of the run, with what else its element says (is_error, name). An output that is
   * there already changes nothing, at any time.
   * Arguments:
   *   thread_id: of the thread
   *   run_id: of the run
   *   outputs: [{"tool_call_id", "output"}], all or some of them
   * Errors:
   *   P0002: no such run
   *   55000: the run does not wait for outputs
   *   23505: another output for the same call
   *   22023: a tool call it did not ask for, an output twice, bad input; then none is stored
   *   54000: an output over threadmem.max_body
   * Answers: OpenAI runs.submitToolOutputs, Entities submit_tool_output, Backboard submit tool outputs.
   */
  run_submit_tool_outputs(args: {
    thread_id: string;
    run_id: string;
    outputs: Json;
  }): Promise<Run> {
    return this.call('run_submit_tool_outputs', row, { ...args, outputs: json(args.outputs) }, {
      thread_id: 'text',
      run_id: 'text',
      outputs: 'jsonb',
    });
  }

  /**
   * The messages to put before a model, in their order, within a budget of tokens.
   * They are those of the latest state, of a thread without one those of its log. A call of tools and its answers
   * stay or go together, the answers directly behind it even where somebody spoke in between. An answer whose call
   * is not there is left out (one that names no call belongs to the assistant's message before it), and so are
   * second answers to a call, thoughts that nothing of the same answer follows, messages still streaming or broken
   * off, and roles that no model knows. A body is as its writer wrote it: an id that threadmem put into it is not
   * there. Tokens are counted in what message_prompt() gives, by the function that threadmem.token_counter names, or
   * by characters: four to a token, in scripts such as Han one.
   * Arguments:
   *   thread_id: of the thread
   *   max_tokens, max_messages: limit all rows together; null: no limit
   *   strategy: last takes the newest, back to the first that does not fit; middle gives at most half to the oldest
   *     and the rest to the newest; head_tail keeps the first head_messages and fills up with the newest
   *   keep_system: every system and developer message stays, wherever it stands
   *   start_on: but for those the first message has this role
   *   head_messages: of head_tail
   *   dangling: a call that nothing answers is left out with what answers it has (drop), or gets an answer that says
   *     so, without message_id (close)
   * Errors:
   *   P0002: no such thread
   *   54000: the limits hold not even the system messages, the newest message with what belongs to it, or
   *     head_messages
   *   22023: bad input, or the setting names no function
   *   0A000: a delta channel messages whose reducer the thread's graph does not declare
   * Answers: OpenAI truncation_strategy, LangChain trim_messages, AutoGen HeadAndTail.
   */
  message_context(args: {
    thread_id: string;
    max_tokens?: number | bigint | null | undefined;
    max_messages?: number | bigint | null | undefined;
    strategy?: string | null | undefined;
    keep_system?: boolean | null | undefined;
    start_on?: string | null | undefined;
    head_messages?: number | bigint | null | undefined;
    dangling?: string | null | undefined;
  }): Promise<ContextMessage[]> {
    return this.call('message_context', rows, args, {
      thread_id: 'text',
      max_tokens: 'bigint',
      max_messages: 'bigint',
      strategy: 'text',
      keep_system: 'boolean',
      start_on: 'text',
      head_messages: 'bigint',
      dangling: 'text',
    });
  }

  /**
   * What a model reads of a message: the text that message_context() counts in tokens.
   * Its words, each call of a tool with name and arguments, and what has no words (structured output, thoughts) as
   * JSON; images, audio, files, signatures and encrypted thoughts count nothing. Null for what is no message.
   * Arguments:
   *   body: a message in any system's form
   * Errors: none.
   */
  message_prompt(args: {
    body: Json;
  }): Promise<string | null> {
    return this.call('message_prompt', value, { ...args, body: json(args.body) }, {
      body: 'jsonb',
    });
  }

  /**
   * Stores a template that shapes the block of thread_context().
   * Arguments:
   *   template_id: 1 to 100 bytes, without %{
   *   template: 1 to 1,200 characters of text in which the variables %{user_summary}, %{memory_blocks}, %{edges},
   *     %{entities} and %{episodes} stand for what they name. Options: limit=N (0 to 1,000; for the last three), and
   *     types=[A,B] and include_attributes=true or false for edges and entities
   *   if_exists: raise, or do_nothing: the stored row unchanged
   * Errors:
   *   23505: the id exists
   *   22023: bad input, with the character where the template is wrong
   *   0A000: Zep's variables observations and thread_summaries
   *   42501: a session narrowed by threadmem.user_id
   * Answers: Zep context.create_context_template.
   */
  context_template_create(args: {
    template_id: string;
    template: string;
    if_exists?: string | null | undefined;
  }): Promise<ContextTemplate> {
    return this.call('context_template_create', row, args, {
      template_id: 'text',
      template: 'text',
      if_exists: 'text',
    });
  }

  /**
   * Deletes a template of the context block.
   * Arguments:
   *   template_id: of the template
   * Errors:
   *   P0002: no such template
   *   42501: a session narrowed by threadmem.user_id
   *   22023: bad input
   * Answers: Zep context.delete_context_template.
   */
  context_template_delete(args: {
    template_id: string;
  }): Promise<boolean> {
    return this.call('context_template_delete', value, args, {
      template_id: 'text',
    });
  }

  /**
   * One template of the context block.
   * Arguments:
   *   template_id: of the template
   *   missing_ok: no row, and no error, when there is none
   * Errors:
   *   P0002: no such template
   *   22023: bad input
   * Answers: Zep context.get_context_template.
   */
  context_template_get(args: {
    template_id: string;
    missing_ok?: false | undefined;
  }): Promise<ContextTemplate>;
  context_template_get(args: {
    template_id: string;
    missing_ok?: boolean | null | undefined;
  }): Promise<ContextTemplate | null>;
  context_template_get(args: {
    template_id: string;
    missing_ok?: boolean | null | undefined;
  }): Promise<ContextTemplate | null> {
    return this.call('context_template_get', maybe, args, {
      template_id: 'text',
      missing_ok: 'boolean',
    });
  }

  /**
   * Templates of the context block, newest first, in pages.
   * Arguments:
   *   sort_by: created_at, updated_at or template_id
   *   sort_order: desc or asc
   *   max_rows: rows of a page, 0 to 1,000
   *   after_id: the id of the last row of the page before, which must exist
   *   page_number: from 1, with page_size, instead of these
   *   page_size: rows of a page, 1 to 1,000
   *   after_position: the position of the last row of the page before; that row may be gone
   * Errors:
   *   P0002: unknown after_id
   *   22023: bad input, or a position of another list or order
   * Answers: Zep context.list_context_templates.
   */
  context_template_list(args: {
    sort_by?: string | null | undefined;
    sort_order?: string | null | undefined;
    max_rows?: number | bigint | null | undefined;
    after_id?: string | null | undefined;
    page_number?: number | bigint | null | undefined;
    page_size?: number | bigint | null | undefined;
    after_position?: string | null | undefined;
  } = {}): Promise<ListedContextTemplate[]> {
    return this.call('context_template_list', rows, args, {
      sort_by: 'text',
      sort_order: 'text',
      max_rows: 'bigint',
      after_id: 'text',
      page_number: 'bigint',
      page_size: 'bigint',
      after_position: 'text',
    });
  }

  /**
   * Replaces the text of a template.
   * Arguments:
   *   template_id: of the template
   *   template: as in context_template_create()
   * Errors:
   *   P0002: no such template
   *   22023: bad input
   *   0A000: as context_template_create()
   *   42501: a session narrowed by threadmem.user_id
   * Answers: Zep context.update_context_template.
   */
  context_template_update(args: {
    template_id: string;
    template: string;
  }): Promise<ContextTemplate> {
    return this.call('context_template_update', row, args, {
      template_id: 'text',
      template: 'text',
    });
  }

  /**
   * Adds an episode to the memory of a user or a group: text, JSON or a message from elsewhere.
   * Arguments:
   *   user_id: of the user or group
   *   data: what is remembered
   *   type: text, json (a JSON document; its strings and numbers are searched) or message ("Name (role): text" or
   *     "Name: text")
   *   event_at: when it happened, else now
   *   metadata: a JSON object
   *   source_description: where it comes from, free text
   *   episode_id: 1 to 255 bytes, generated when null
   * Errors:
   *   23503: no such user
   *   23505: the id exists
   *   22023: bad input
   *   54000: over threadmem.max_body
   *   22P02: data of type json that is none
   * Answers: Zep graph.add.
   */
  memory_add_data(args: {
    user_id: string;
    data: string;
    type?: string | null | undefined;
    event_at?: Date | string | null | undefined;
    metadata?: Json | null | undefined;
    source_description?: string | null | undefined;
    episode_id?: string | null | undefined;
  }): Promise<Episode> {
    return this.call('memory_add_data', row, args, {
      user_id: 'text',
      data: 'text',
      type: 'text',
      event_at: 'timestamp with time zone',
      metadata: 'jsonb',
      source_description: 'text',
      episode_id: 'text',
    });
  }

  /**
   * Adds an entity to the memory of a user or a group: somebody or something that facts can be about.
   * A name has one entity, whatever its capitals and spaces.
   * Arguments:
   *   user_id: of the user or group
   *   name: 1 to 1,000 bytes
   *   label: its type, 1 to 255 bytes
   *   summary: what is known of it, in prose
   *   attributes, metadata: JSON objects
   *   thread_id, message_id: the message that mentions it
   *   episode_id: or the episode that is no message
   *   if_exists: raise; do_nothing: the one of this name, only mentioned once more; or update: what is given replaces what
   *     it has, attributes and metadata are merged
   *   created_at: of one that is imported, else now
   *   entity_id: 1 to 255 bytes, generated when null
   * Errors:
   *   23503: no such user, episode or live message of this user's memory
   *   23505: the name or the id exists
   *   22023: bad input, or a type that a strict ontology does not have
   * Answers: Zep graph.add_nodes.
   */
  memory_add_entity(args: {
    user_id: string;
    name: string;
    label?: string | null | undefined;
    summary?: string | null | undefined;
    attributes?: Json | null | undefined;
    metadata?: Json | null | undefined;
    thread_id?: string | null | undefined;
    message_id?: string | null | undefined;
    episode_id?: string | null | undefined;
    if_exists?: string | null | undefined;
    created_at?: Date | string | null | undefined;
    entity_id?: string | null | undefined;
  }): Promise<Entity> {
    return this.call('memory_add_entity', row, args, {
      user_id: 'text',
      name: 'text',
      label: 'text',
      summary: 'text',
      attributes: 'jsonb',
      metadata: 'jsonb',
      thread_id: 'text',
      message_id: 'text',
      episode_id: 'text',
      if_exists: 'text',
      created_at: 'timestamp with time zone',
      entity_id: 'text',
    });
  }

  /**
   * Adds a fact to the memory of a user or a group: a sentence, and the two entities it joins; and retires what it contradicts.
   * Entities that are named and not there are made. The same sentence of the same two is the fact that is there, and only
   * another episode supports it then, unless that fact was over when this one began. A fact that is over (invalid_at)
   * ends those of the same two and the same relation at that date. Else those that it contradicts, began earlier and
   * overlap it end where it begins; and where one that it contradicts began later, the fact itself ends there. What has no
   * valid_at ends no other and is ended by none. Nothing is deleted: what ends has invalid_at, and expired_at, the time
   * at hand. Returns the fact.
   * Arguments:
   *   user_id: of the user or group
   *   name: the relation, as LIVES_IN: 1 to 255 bytes
   *   fact: the sentence, 1 to 10,000 bytes
   *   target: name of the entity that it leads to, 1 to 1,000 bytes
   *   source: name of the one that it is about; null: the user itself
   *   target_id, source_id: or the ids of entities that are there
   *   valid_at: since when it holds; null: unknown
   *   invalid_at: when it ceased to hold; null: it holds
   *   created_at: when memory learned of it, of one that is imported; else now. What it ends is over since then, too
   *   expired_at: when memory learned that it is over, of one that is imported
   *   attributes, metadata: JSON objects
   *   target_label, source_label: the type of an entity that is made
   *   thread_id, message_id: the message that says it
   *   episode_id: or the episode that is no message
   *   contradicts: relation (facts of the same source and relation, unless the ontology says that there may be many),
   *     source (of the same source, whatever the relation) or none
   *   contradicted_ids: further facts that it contradicts
   *   extractor: who drew it, 1 to 255 bytes; null is stated
   *   confidence: 0 to 1
   *   fact_id: 1 to 255 bytes, generated when null
   * Errors:
   *   23503: no such user, entity, fact, episode or live message of this user's memory
   *   23505: the id exists
   *   22023: bad input, an interval that ends before it starts, or a type that a strict ontology does not have
   * Answers: Zep graph.add_fact_triple.
   */
  memory_add_fact(args: {
    user_id: string;
    name: string;
    fact: string;
    target?: string | null | undefined;
    source?: string | null | undefined;
    target_id?: string | null | undefined;
    source_id?: string | null | undefined;
    valid_at?: Date | string | null | undefined;
    invalid_at?: Date | string | null | undefined;
    created_at?: Date | string | null | undefined;
    expired_at?: Date | string | null | undefined;
    attributes?: Json | null | undefined;
    metadata?: Json | null | undefined;
    target_label?: string | null | undefined;
    source_label?: string | null | undefined;
    thread_id?: string | null | undefined;
    message_id?: string | null | undefined;
    episode_id?: string | null | undefined;
    contradicts?: string | null | undefined;
    contradicted_ids?: readonly string[] | null | undefined;
    extractor?: string | null | undefined;
    confidence?: number | null | undefined;
    fact_id?: string | null | undefined;
  }): Promise<Fact> {
    return this.call('memory_add_fact', row, args, {
      user_id: 'text',
      name: 'text',
      fact: 'text',
      target: 'text',
      source: 'text',
      target_id: 'text',
      source_id: 'text',
      valid_at: 'timestamp with time zone',
      invalid_at: 'timestamp with time zone',
      created_at: 'timestamp with time zone',
      expired_at: 'timestamp with time zone',
      attributes: 'jsonb',
      metadata: 'jsonb',
      target_label: 'text',
      source_label: 'text',
      thread_id: 'text',
      message_id: 'text',
      episode_id: 'text',
      contradicts: 'text',
      contradicted_ids: 'text[]',
      extractor: 'text',
      confidence: 'double precision',
      fact_id: 'text',
    });
  }

  /**
   * thread_create() under the name of Zep's memory.add_session.
   * Arguments: as those of thread_create(), with session_id for thread_id.
   * Errors:
   *   P0002: as there
   *   23505: as there
   *   23503: as there
   *   22023: as there
   *   54000: as there
   *   22003: as there
   *   42501: as there
   *   55006: as there
   * Answers: Zep memory.add_session.
   */
  memory_add_session(args: {
    session_id?: string | null | undefined;
    user_id?: string | null | undefined;
    assistant_id?: string | null | undefined;
    assistant_pinned?: boolean | null | undefined;
    graph_id?: string | null | undefined;
    title?: string | null | undefined;
    participant_ids?: readonly string[] | null | undefined;
    metadata?: Json | null | undefined;
    config?: Json | null | undefined;
    tool_resources?: Json | null | undefined;
    messages?: Json | null | undefined;
    ttl?: Json | null | undefined;
    if_exists?: string | null | undefined;
    supersteps?: Json | null | undefined;
    created_at?: Date | string | null | undefined;
    in_memory?: boolean | null | undefined;
    archived?: boolean | null | undefined;
    if_deleted?: string | null | undefined;
  } = {}): Promise<Thread> {
    return this.call('memory_add_session', row, args, {
      session_id: 'text',
      user_id: 'text',
      assistant_id: 'text',
      assistant_pinned: 'boolean',
      graph_id: 'text',
      title: 'text',
      participant_ids: 'text[]',
      metadata: 'jsonb',
      config: 'jsonb',
      tool_resources: 'jsonb',
      messages: 'jsonb',
      ttl: 'jsonb',
      if_exists: 'text',
      supersteps: 'jsonb',
      created_at: 'timestamp with time zone',
      in_memory: 'boolean',
      archived: 'boolean',
      if_deleted: 'text',
    });
  }

  /**
   * Deletes a block of working memory and all that it ever said.
   * Arguments:
   *   label: of the block
   *   user_id: of the user or group
   *   thread_id: or of the thread
   *   expected_version: delete it only if it still has this version
   * Errors:
   *   P0002: no such user, thread or block
   *   TM001: it has another version than expected
   *   22023: bad input
   * Answers: Letta blocks.delete.
   */
  memory_block_delete(args: {
    label: string;
    user_id?: string | null | undefined;
    thread_id?: string | null | undefined;
    expected_version?: number | bigint | null | undefined;
  }): Promise<boolean> {
    return this.call('memory_block_delete', value, args, {
      label: 'text',
      user_id: 'text',
      thread_id: 'text',
      expected_version: 'bigint',
    });
  }

  /**
   * One block of working memory.
   * Arguments:
   *   label: of the block
   *   user_id: of the user or group
   *   thread_id: or of the thread
   *   missing_ok: no row, and no error, when there is none
   * Errors:
   *   P0002: no such block
   *   22023: bad input
   * Answers: Letta blocks.retrieve.
   */
  memory_block_get(args: {
    label: string;
    user_id?: string | null | undefined;
    thread_id?: string | null | undefined;
    missing_ok?: false | undefined;
  }): Promise<MemoryBlock>;
  memory_block_get(args: {
    label: string;
    user_id?: string | null | undefined;
    thread_id?: string | null | undefined;
    missing_ok?: boolean | null | undefined;
  }): Promise<MemoryBlock | null>;
  memory_block_get(args: {
    label: string;
    user_id?: string | null | undefined;
    thread_id?: string | null | undefined;
    missing_ok?: boolean | null | undefined;
  }): Promise<MemoryBlock | null> {
    return this.call('memory_block_get', maybe, args, {
      label: 'text',
      user_id: 'text',
      thread_id: 'text',
      missing_ok: 'boolean',
    });
  }

  /**
   * All that a block of working memory ever said, the first first.
   * Arguments:
   *   label: of the block
   *   user_id: of the user or group
   *   thread_id: or of the thread
   * Errors:
   *   P0002: no such block
   *   22023: bad input
   */
  memory_block_history(args: {
    label: string;
    user_id?: string | null | undefined;
    thread_id?: string | null | undefined;
  }): Promise<MemoryBlockVersion[]> {
    return this.call('memory_block_history', rows, args, {
      label: 'text',
      user_id: 'text',
      thread_id: 'text',
    });
  }

  /**
   * All blocks of working memory of a user or of a thread, by their labels; there are 100 at most.
   * Arguments:
   *   user_id: of the user or group
   *   thread_id: or of the thread
   * Errors:
   *   P0002: no such user or thread
   *   22023: bad input
   * Answers: Letta agents.blocks.list.
   */
  memory_block_list(args: {
    user_id?: string | null | undefined;
    thread_id?: string | null | undefined;
  } = {}): Promise<MemoryBlock[]> {
    return this.call('memory_block_list', rows, args, {
      user_id: 'text',
      thread_id: 'text',
    });
  }

  /**
   * Writes a block of working memory of a user or of a thread: it is made, or what is given of it is changed.
   * thread_context() shows the blocks of the thread and of its user on every turn, whole. What a block said before stays
   * in memory_block_history(); what changes nothing makes no version. Who edits what he has read gives its version, and
   * nobody's change is lost.
   * Arguments:
   *   label: what the model knows it by, as persona or human: 1 to 255 bytes
   *   value: the text; null leaves it, of a new block empty
   *   user_id: of the user or group
   *   thread_id: or of the thread
   *   max_characters: as long as the text may be, 1 to 50,000; null leaves it, of a new block 2,000
   *   description: what belongs into it, for the model; null leaves it, an empty text empties it
   *   expected_version: change it only if it still has this version; 0: only make it
   * Errors:
   *   23503: no such user
   *   P0002: no such thread, or no block where a version is expected
   *   TM001: it has another version than expected
   *   22023: bad input
   *   54000: the text is longer than the block may be, or a 101st block
   * Answers: Letta's core memory blocks.
   */
  memory_block_set(args: {
    label: string;
    value?: string | null | undefined;
    user_id?: string | null | undefined;
    thread_id?: string | null | undefined;
    max_characters?: number | bigint | null | undefined;
    description?: string | null | undefined;
    expected_version?: number | bigint | null | undefined;
  }): Promise<MemoryBlock> {
    return this.call('memory_block_set', row, args, {
      label: 'text',
      value: 'text',
      user_id: 'text',
      thread_id: 'text',
      max_characters: 'bigint',
      description: 'text',
      expected_version: 'bigint',
    });
  }

  /**
   * Gives a worker episodes to draw facts from: what was said or added and no extractor has had, each of another user.
   * Of a user comes what arrived first, and nothing while another episode of it is out, so what was said is worked off in
   * its order; users take turns. Messages that memory ignores are no episodes, and one that is edited is one again; what a
   * user said in threads of others is for the memory of who owns them. A message that is being streamed is waited for. An
   * episode whose worker does not answer within its lease comes again. Nobody is waited for: what somebody writes to is
   * passed over, and an empty answer says to ask again later.
   * Arguments:
   *   worker: who asks, 1 to 255 bytes
   *   max_rows: how many users' at once, 0 to 1,000
   *   lease: for how long, more than nothing and at most 10 years
   *   max_attempts: after so many an episode has failed, 1 to 1,000
   *   neighbours: messages before it that are given along, 0 to 100
   * Errors:
   *   22023: bad input
   *   40001: not READ COMMITTED, and another transaction changed the user or the thread
   */
  memory_claim(args: {
    worker: string;
    max_rows?: number | bigint | null | undefined;
    lease?: string | null | undefined;
    max_attempts?: number | bigint | null | undefined;
    neighbours?: number | bigint | null | undefined;
  }): Promise<ClaimedEpisode[]> {
    return this.call('memory_claim', rows, args, {
      worker: 'text',
      max_rows: 'bigint',
      lease: 'interval',
      max_attempts: 'bigint',
      neighbours: 'bigint',
    });
  }

  /**
   * Adds what a model drew from a claimed episode, and ends the job: all of it or nothing.
   * {"entities": [{"name", "label", "summary", "attributes"}], "facts": [{"source", "name", "target", "fact",
   * "source_label", "target_label", "valid_at", "invalid_at", "attributes", "confidence", "contradicts",
   * "contradicted_ids"}], "summary": text}: as in memory_add_entity() and memory_add_fact(), with the episode as what says
   * it; summary is that of the user, and goes with what it was made of. Of an entity, name is required, of a fact name,
   * target and fact; the rest may be missing or null. The JSON may stand in a Markdown fence or in prose; there is one
   * object, and nothing in it that is not named here. Times are ISO 8601, UTC unless they say otherwise. Returns done, or
   * gone (and adds nothing) where the episode was deleted, forgotten or edited meanwhile.
   * Arguments:
   *   user_id, job_id: as claimed
   *   worker: who claimed it
   *   document: the model's answer
   *   extractor: the name of the model, 1 to 255 bytes; null: the worker
   * Errors:
   *   P0002: no such job
   *   55000: it is not this worker's any more
   *   23503: a fact of contradicted_ids is not there, or the user was deleted meanwhile
   *   22023: bad input: the DETAIL names the line of what is no JSON, or the place in the document
   *   54000: the document is over threadmem.max_body
   */
  memory_complete(args: {
    user_id: string;
    job_id: string;
    worker: string;
    document: string;
    extractor?: string | null | undefined;
  }): Promise<string | null> {
    return this.call('memory_complete', value, args, {
      user_id: 'text',
      job_id: 'text',
      worker: 'text',
      document: 'text',
      extractor: 'text',
    });
  }

  /**
   * Deletes an entity, its facts, and all that they ever said.
   * Arguments:
   *   user_id: of the user or group
   *   entity_id: of the entity
   * Errors:
   *   P0002: no such entity
   *   55000: the user's own, which goes with user_delete()
   *   22023: bad input
   * Answers: Zep graph.node.delete.
   */
  memory_delete_entity(args: {
    user_id: string;
    entity_id: string;
  }): Promise<boolean> {
    return this.call('memory_delete_entity', value, args, {
      user_id: 'text',
      entity_id: 'text',
    });
  }

  /**
   * Deletes an episode that is not a live message.
   * Messages go by message_delete() or message_erase().
   * Arguments:
   *   user_id: of the user or group
   *   episode_id: of the episode
   * Errors:
   *   P0002: none
   *   22023: bad input
   * Answers: Zep graph.episode.delete.
   */
  memory_delete_episode(args: {
    user_id: string;
    episode_id: string;
  }): Promise<boolean> {
    return this.call('memory_delete_episode', value, args, {
      user_id: 'text',
      episode_id: 'text',
    });
  }

  /**
   * Deletes a fact and all that it ever said; the entities that it joined stay.
   * What it ended stays ended.
   * Arguments:
   *   user_id: of the user or group
   *   fact_id: of the fact
   * Errors:
   *   P0002: no such fact
   *   22023: bad input
   * Answers: Zep graph.edge.delete.
   */
  memory_delete_fact(args: {
    user_id: string;
    fact_id: string;
  }): Promise<boolean> {
    return this.call('memory_delete_fact', value, args, {
      user_id: 'text',
      fact_id: 'text',
    });
  }

  /**
   * Removes the declared types of a user, a group, or the tenant; false where there were none.
   * Arguments:
   *   user_id: of the user or group; null: those of the tenant
   * Errors:
   *   22023: bad input
   *   42501: a session narrowed by threadmem.user_id
   */
  memory_delete_ontology(args: {
    user_id?: string | null | undefined;
  } = {}): Promise<boolean> {
    return this.call('memory_delete_ontology', value, args, {
      user_id: 'text',
    });
  }

  /**
   * Entities of a user's memory, its own among them, in pages.
   * Arguments:
   *   user_id: of the user or group
   *   search: a part of the name in any case
   *   label: only of this type
   *   sort_by: created_at, updated_at, name (its first 200 characters) or entity_id
   *   sort_order: desc or asc
   *   max_rows: rows of a page, 0 to 1,000
   *   after_position: the position of the last row of the page before; that row may be gone
   * Errors:
   *   P0002: no such user
   *   22023: bad input, or a position of another list or order
   * Answers: Zep graph.node.get_by_user_id.
   */
  memory_entities(args: {
    user_id: string;
    search?: string | null | undefined;
    label?: string | null | undefined;
    sort_by?: string | null | undefined;
    sort_order?: string | null | undefined;
    max_rows?: number | bigint | null | undefined;
    after_position?: string | null | undefined;
  }): Promise<ListedEntity[]> {
    return this.call('memory_entities', rows, args, {
      user_id: 'text',
      search: 'text',
      label: 'text',
      sort_by: 'text',
      sort_order: 'text',
      max_rows: 'bigint',
      after_position: 'text',
    });
  }

  /**
   * All that an entity ever said, the first first. Of the user's own only what it says now is kept.
   * Arguments:
   *   user_id: of the user or group
   *   entity_id: of the entity
   * Errors:
   *   P0002: no such entity
   *   22023: bad input
   */
  memory_entity_history(args: {
    user_id: string;
    entity_id: string;
  }): Promise<EntityVersion[]> {
    return this.call('memory_entity_history', rows, args, {
      user_id: 'text',
      entity_id: 'text',
    });
  }

  /**
   * All that an episode ever said that is not a live message, the first first.
   * Arguments:
   *   user_id: of the user or group
   *   episode_id: of the episode
   * Errors:
   *   P0002: none
   *   22023: bad input
   * Answers: mem0 history.
   */
  memory_episode_history(args: {
    user_id: string;
    episode_id: string;
  }): Promise<EpisodeVersion[]> {
    return this.call('memory_episode_history', rows, args, {
      user_id: 'text',
      episode_id: 'text',
    });
  }

  /**
   * What is remembered of a user, newest event first, in pages: its rows of the view episodes.
   * Arguments:
   *   user_id: of the user or group
   *   max_rows: rows of a page, 0 to 1,000
   *   skip: rows left out before the first
   *   after_position: the position of the last row of the page before; that row may be gone
   * Errors:
   *   P0002: no such user
   *   22023: bad input, or a position of another list
   * Answers: Zep graph.episode.get_by_user_id.
   */
  memory_episodes(args: {
    user_id: string;
    max_rows?: number | bigint | null | undefined;
    skip?: number | bigint | null | undefined;
    after_position?: string | null | undefined;
  }): Promise<ListedEpisode[]> {
    return this.call('memory_episodes', rows, args, {
      user_id: 'text',
      max_rows: 'bigint',
      skip: 'bigint',
      after_position: 'text',
    });
  }

  /**
   * What English grammar alone can say of a text, in the form of a model's answer; for memory_complete(), extractor rules.
   * A closed list of what people say of themselves at the beginning of a clause, and understands nothing: my name is, I
   * live in, I moved to, I work at, my sister is called, I am allergic to, I love, like or hate, I no longer; what they did, I
   * went to, joined, bought, started, made, lost; and whom they call theirs, my wife. Names are told by their capitals.
   * Questions, what stands in quotation marks, and sentences with an if, a maybe or a never give nothing. Yesterday, last
   * Friday, last weekend, in June, two years ago are counted from event_at, in UTC; what was done at no time that is told has
   * none. Each fact has the confidence of its rule, below 1.
   * Arguments:
   *   content: what was said
   *   event_at: when; null: facts without times
   *   speaker: who said it, the source of the facts; null: the user
   *   role: facts come from a user's words only; null: it is a user
   * Errors:
   *   22023: bad input
   */
  memory_extract_rules(args: {
    content: string;
    event_at?: Date | string | null | undefined;
    speaker?: string | null | undefined;
    role?: string | null | undefined;
  }): Promise<Json> {
    return this.call('memory_extract_rules', value, args, {
      content: 'text',
      event_at: 'timestamp with time zone',
      speaker: 'text',
      role: 'text',
    });
  }

  /**
   * All that a fact ever said, the first first: as it was added, retired and edited.
   * Arguments:
   *   user_id: of the user or group
   *   fact_id: of the fact
   * Errors:
   *   P0002: no such fact
   *   22023: bad input
   */
  memory_fact_history(args: {
    user_id: string;
    fact_id: string;
  }): Promise<FactVersion[]> {
    return this.call('memory_fact_history', rows, args, {
      user_id: 'text',
      fact_id: 'text',
    });
  }

  /**
   * Facts of a user's memory, those that hold now, in pages; or that held at another time, as was believed at another.
   * "What did we believe on Monday about March" is as_of March and known_at Monday.
   * Arguments:
   *   user_id: of the user or group
   *   entity_id: only of this entity, as source or target; the user's own has its id
   *   name: only of this relation
   *   as_of: what held then, in the world's time; null: now
   *   known_at: what memory said then; null: now. What was deleted since is not known at any time
   *   include_expired: those that hold no more, not yet, or were taken back, too
   *   sort_by: created_at, valid_at (unknown first) or fact_id
   *   sort_order: desc or asc
   *   max_rows: rows of a page, 0 to 1,000
   *   after_position: the position of the last row of the page before; that row may be gone
   * Errors:
   *   P0002: no such user
   *   22023: bad input, or a position of another list or order
   * Answers: Zep graph.edge.get_by_user_id, graph.node.get_edges.
   */
  memory_facts(args: {
    user_id: string;
    entity_id?: string | null | undefined;
    name?: string | null | undefined;
    as_of?: Date | string | null | undefined;
    known_at?: Date | string | null | undefined;
    include_expired?: boolean | null | undefined;
    sort_by?: string | null | undefined;
    sort_order?: string | null | undefined;
    max_rows?: number | bigint | null | undefined;
    after_position?: string | null | undefined;
  }): Promise<ListedFact[]> {
    return this.call('memory_facts', rows, args, {
      user_id: 'text',
      entity_id: 'text',
      name: 'text',
      as_of: 'timestamp with time zone',
      known_at: 'timestamp with time zone',
      include_expired: 'boolean',
      sort_by: 'text',
      sort_order: 'text',
      max_rows: 'bigint',
      after_position: 'text',
    });
  }

  /**
   * Says that a worker could not draw anything from the episode that it claimed.
   * Returns retry: it comes again, and what the user said later waits for it; failed: it had as many attempts as it may, or
   * retry is false, and is left; or gone, where it was deleted, forgotten or edited meanwhile.
   * Arguments:
   *   user_id, job_id: as claimed
   *   worker: who claimed it
   *   error: what went wrong, up to 10,000 bytes: memory_status() tells it, until anything that is remembered of the user
   *     is forgotten, deleted or erased, which it might quote
   *   retry: whether it may be tried once more
   *   retry_after: when, likewise more than nothing
   * Errors:
   *   P0002: no such job
   *   55000: it is not this worker's any more
   *   22023: bad input
   */
  memory_fail(args: {
    user_id: string;
    job_id: string;
    worker: string;
    error: string;
    retry?: boolean | null | undefined;
    retry_after?: string | null | undefined;
  }): Promise<string | null> {
    return this.call('memory_fail', value, args, {
      user_id: 'text',
      job_id: 'text',
      worker: 'text',
      error: 'text',
      retry: 'boolean',
      retry_after: 'interval',
    });
  }

  /**
   * Forgets what memory has of a user and leaves the conversations: all of it, what was said since or before a time, or in a thread.
   * Messages stay in their threads, lists and states and are no memory of this user any more, nor when they are edited;
   * added data, facts, the user's working memory and the texts of deleted threads are deleted. What others have of it
   * stays: who takes part in a thread has what it said itself, the owner all. Returns how many episodes that were. What
   * is said later is remembered again; thread_update(in_memory => false) keeps a thread out for good. A summary of
   * the user that a model made goes with what it was made of, one that the application set stays: user_update(clear =>
   * '{summary}').
   * Arguments:
   *   user_id: of the user or group
   *   before: only what happened or was said earlier; null: all
   *   thread_id: only this thread, which may be another's or deleted; null: all, and added data
   *   since: only what happened or was said then or later; a fact or a block of working memory that was written then
   *     goes with what it said before
   * Errors:
   *   P0002: no such user
   *   22023: bad input
   * Answers: the "forget what you know about me" of chat products, mem0 delete_all.
   */
  memory_forget(args: {
    user_id: string;
    before?: Date | string | null | undefined;
    thread_id?: string | null | undefined;
    since?: Date | string | null | undefined;
  }): Promise<number> {
    return this.call('memory_forget', value, args, {
      user_id: 'text',
      before: 'timestamp with time zone',
      thread_id: 'text',
      since: 'timestamp with time zone',
    });
  }

  /**
   * What Zep's memory.get gives of a session: {context, messages}.
   * thread_context() of it, and its newest messages, oldest first, as message_format() gives them for zep.
   * Arguments:
   *   session_id: of the thread
   *   max_rows: messages, 0 to 1,000; Zep's lastn
   *   missing_ok: null, and no error, when there is no such session
   * Errors:
   *   P0002: no such session
   *   22023: bad input, or a session without user
   *   54000: the user's summary alone is longer than the block
   * Answers: Zep memory.get.
   */
  memory_get(args: {
    session_id: string;
    max_rows?: number | bigint | null | undefined;
    missing_ok?: boolean | null | undefined;
  }): Promise<Json> {
    return this.call('memory_get', value, args, {
      session_id: 'text',
      max_rows: 'bigint',
      missing_ok: 'boolean',
    });
  }

  /**
   * One entity; the user's own has the user's id.
   * Arguments:
   *   user_id: of the user or group
   *   entity_id: of the entity
   *   missing_ok: no row, and no error, when there is none
   * Errors:
   *   P0002: none
   *   22023: bad input
   * Answers: Zep graph.node.get, user.get_node.
   */
  memory_get_entity(args: {
    user_id: string;
    entity_id: string;
    missing_ok?: false | undefined;
  }): Promise<Entity>;
  memory_get_entity(args: {
    user_id: string;
    entity_id: string;
    missing_ok?: boolean | null | undefined;
  }): Promise<Entity | null>;
  memory_get_entity(args: {
    user_id: string;
    entity_id: string;
    missing_ok?: boolean | null | undefined;
  }): Promise<Entity | null> {
    return this.call('memory_get_entity', maybe, args, {
      user_id: 'text',
      entity_id: 'text',
      missing_ok: 'boolean',
    });
  }

  /**
   * One episode that is not a live message.
   * Arguments:
   *   user_id: of the user or group
   *   episode_id: of the episode
   *   missing_ok: no row, and no error, when there is none
   * Errors:
   *   P0002: none
   *   22023: bad input
   * Answers: Zep graph.episode.get.
   */
  memory_get_episode(args: {
    user_id: string;
    episode_id: string;
    missing_ok?: false | undefined;
  }): Promise<Episode>;
  memory_get_episode(args: {
    user_id: string;
    episode_id: string;
    missing_ok?: boolean | null | undefined;
  }): Promise<Episode | null>;
  memory_get_episode(args: {
    user_id: string;
    episode_id: string;
    missing_ok?: boolean | null | undefined;
  }): Promise<Episode | null> {
    return this.call('memory_get_episode', maybe, args, {
      user_id: 'text',
      episode_id: 'text',
      missing_ok: 'boolean',
    });
  }

  /**
   * One fact, whether it holds or not.
   * Arguments:
   *   user_id: of the user or group
   *   fact_id: of the fact
   *   missing_ok: no row, and no error, when there is none
   * Errors:
   *   P0002: none
   *   22023: bad input
   * Answers: Zep graph.edge.get.
   */
  memory_get_fact(args: {
    user_id: string;
    fact_id: string;
    missing_ok?: false | undefined;
  }): Promise<Fact>;
  memory_get_fact(args: {
    user_id: string;
    fact_id: string;
    missing_ok?: boolean | null | undefined;
  }): Promise<Fact | null>;
  memory_get_fact(args: {
    user_id: string;
    fact_id: string;
    missing_ok?: boolean | null | undefined;
  }): Promise<Fact | null> {
    return this.call('memory_get_fact', maybe, args, {
      user_id: 'text',
      fact_id: 'text',
      missing_ok: 'boolean',
    });
  }

  /**
   * The types that hold for a user's or a group's memory: its own, else the tenant's; null for none.
   * Arguments:
   *   user_id: of the user or group; null: that of the tenant
   * Errors:
   *   P0002: no such user
   *   22023: bad input
   * Answers: Zep graph.list_ontology.
   */
  memory_get_ontology(args: {
    user_id?: string | null | undefined;
  } = {}): Promise<Json> {
    return this.call('memory_get_ontology', value, args, {
      user_id: 'text',
    });
  }

  /**
   * What answers a query of what is remembered of a user (or a group): episodes, facts and entities; best first.
   * Episodes are what was said in the user's threads, or was added by memory_add_data(), and what the user said in threads
   * of others: the messages that name it as their sender_id; what others said there is not its memory.
   * A message is found by its words or by those of its neighbours; words are matched by stem, any of them may be
   * missing; a speaker's name and a date in the query count. Where its words are not common an index finds them,
   * however much the user said; else, of more than 5,000 messages, and of more than threadmem.memory_budget bytes of
   * search vectors, the newest are searched whole and of the older ones those that have a word of the query that few
   * of the newest have. A query without words and without embedding gives the newest episodes, score 0.
   * A fact is found by the words of its sentence, its relation and the names of its entities, an entity by those of its
   * name and summary and, where pg_trgm is installed, by a name that is nearly a part of the query. What facts join to the
   * entities found, and to the user's own, comes behind. Of facts that answer about as well those that hold come first. Of
   * more than 10,000 facts or entities the newest are searched.
   * Several memories are searched each by itself, from its own user on, and scores are made to compare. A message that is in
   * two of them, as what a member said in a thread of its group, is of the first; facts and entities are of one memory each.
   * Arguments:
   *   user_id: of the user or group
   *   query: a question or words, of several lines the last one, those before it as what was said before; null: the
   *     last messages of thread_id, but for those roles, are the query
   *     (threadmem.memory_query_messages) and are not found themselves
   *   scope: episodes, edges (facts), nodes (entities) or auto: all three, joined by their places in each list
   *   reranker: rrf, the order of the rank; mmr: each answers and says something else than those before; node_distance: the
   *     nearest to center_entity_id; episode_mentions: what most episodes say; the last two of edges and nodes alone. Or a
   *     function with its schema, (query text, documents jsonb) RETURNS jsonb, that is called as the caller with
   *     [{"id", "kind", "user_id", "content"}] of the first 50 or max_rows and gives {id: number}: each is added to the
   *     logarithm of how relevant the rank found it, 1 for the best
   *   max_rows: 0 to 1,000
   *   filters: {"thread_ids", "roles", "since", "until", "metadata"}, of which roles, since and until are about episodes;
   *     until is exclusive, metadata containment; without roles messages of system, developer, tool, function and platform
   *     are not found. And Zep's search_filters: {"node_labels", "exclude_node_labels", "edge_types", "exclude_edge_types",
   *     "edge_uuids", "episode_uuids", "source_node_uuids", "target_node_uuids", "connected_node_uuids", "created_at",
   *     "valid_at", "invalid_at", "expired_at", "property_filters", "episode_metadata_filters"}. Facts that were taken back
   *     are found only where expired_at is asked for
   *   thread_id: the thread whose last messages are the query
   *   as_of: nothing said later; facts and entities as memory knew them then
   *   embedding: that of the query, of the model that memory_set_embedding()'s come from; how near a message's is, of
   *     the newest that have room in threadmem.memory_budget, counts like one more word, as far as embeddings of what
   *     was said together are alike, and those that the words find near to the query's; where the query has no words,
   *     or nobody said one, it decides alone
   *   center_entity_id: of node_distance; in a memory that does not have it nothing is near
   *   mmr_lambda: of mmr, 0 to 1 (0.5): how much relevance counts against likeness
   *   origin_ids: entities from which facts lead on, in place of those found and the users' own; of any of the memories
   *   user_ids: or several users and groups, at most 100; the order decides nothing but whose a hit is that is in two
   *   include_groups: the groups that they belong to as well (group_add_member), and those of the assistant of thread_id
   * Errors:
   *   P0002: no such user or thread, or an entity that none of the memories has
   *   22023: bad input, embeddings of different dimensions, or a reranker that gives no scores of its documents
   *   42501: a function that the caller may not execute
   *   0A000: a scope or reranker that is not built
   *   54000: an embedding of more than 16,000 numbers
   * Answers: Zep graph.search.
   */
  memory_search(args: {
    user_id?: string | null | undefined;
    query?: string | null | undefined;
    scope?: string | null | undefined;
    reranker?: string | null | undefined;
    max_rows?: number | bigint | null | undefined;
    filters?: Json | null | undefined;
    thread_id?: string | null | undefined;
    as_of?: Date | string | null | undefined;
    embedding?: ArrayLike<number> | null | undefined;
    center_entity_id?: string | null | undefined;
    mmr_lambda?: number | null | undefined;
    origin_ids?: readonly string[] | null | undefined;
    user_ids?: readonly string[] | null | undefined;
    include_groups?: boolean | null | undefined;
  } = {}): Promise<MemoryHit[]> {
    return this.call('memory_search', rows, args, {
      user_id: 'text',
      query: 'text',
      scope: 'text',
      reranker: 'text',
      max_rows: 'bigint',
      filters: 'jsonb',
      thread_id: 'text',
      as_of: 'timestamp with time zone',
      embedding: 'double precision[]',
      center_entity_id: 'text',
      mmr_lambda: 'double precision',
      origin_ids: 'text[]',
      user_ids: 'text[]',
      include_groups: 'boolean',
    });
  }

  /**
   * Stores what a model made of something remembered, in place of what was there.
   * It belongs to the text: an edited message has none, one that is copied or kept when its thread is deleted has it
   * still. All of a user's should come from one model. What is embedded is the text alone, without who said it: names draw
   * what is compared to lines that have the name. pgvector is not needed; a value of its type is given as v::real[].
   * Arguments:
   *   user_id: of the user or group
   *   embedding: 1 to 16,000 finite numbers that are not all 0; null: it is removed
   *   thread_id, message_id: of a live message
   *   episode_id: or of another episode
   *   expected_content: the text it was made of; refuse when there is another by now
   * Errors:
   *   P0002: no such user, episode or thread, or no live message of it that the user's memory holds
   *   TM001: another text than expected
   *   22023: bad input
   *   54000: more than 16,000 numbers
   */
  memory_set_embedding(args: {
    user_id: string;
    embedding?: ArrayLike<number> | null | undefined;
    thread_id?: string | null | undefined;
    message_id?: string | null | undefined;
    episode_id?: string | null | undefined;
    expected_content?: string | null | undefined;
  }): Promise<boolean> {
    return this.call('memory_set_embedding', value, args, {
      user_id: 'text',
      embedding: 'double precision[]',
      thread_id: 'text',
      message_id: 'text',
      episode_id: 'text',
      expected_content: 'text',
    });
  }

  /**
   * Declares which types of entities and facts memory knows, in place of what was declared.
   * {"strict": false, "entities": {label: type}, "facts": {name: type}}; a type is {"description": text, "attributes":
   * {name: "text", "number", "boolean" or "any"}}, that of a fact has beside these "sources" and "targets" (lists of
   * labels; User is the user's own) and "many": true where a source may have several at once, as friends, which then do
   * not contradict each other. With strict true, memory_add_fact() and memory_add_entity() refuse other labels and names,
   * attributes that are not declared or of another kind, and facts between other labels; without it types only tell an
   * extractor what to look for. What is in memory already stays. A user's or a group's own takes the place of the
   * tenant's. Returns what is stored.
   * Arguments:
   *   ontology: as said
   *   user_id: of the user or group; null: all of the tenant that have none
   * Errors:
   *   23503: no such user
   *   22023: bad input
   *   42501: a session narrowed by threadmem.user_id
   * Answers: Zep graph.set_ontology.
   */
  memory_set_ontology(args: {
    ontology: Json;
    user_id?: string | null | undefined;
  }): Promise<Json> {
    return this.call('memory_set_ontology', value, { ...args, ontology: json(args.ontology) }, {
      ontology: 'jsonb',
      user_id: 'text',
    });
  }

  /**
   * The episodes that a fact or an entity comes from, the first said first, in pages; none of what was stated.
   * Arguments:
   *   user_id: of the user or group
   *   fact_id: of the fact
   *   entity_id: or of the entity; the user's own id: what the summary that a model made of the user comes from
   *   max_rows: rows of a page, 0 to 1,000
   *   after_position: the position of the last row of the page before; that row may be gone
   * Errors:
   *   P0002: no such fact or entity
   *   22023: bad input, or a position of another list
   * Answers: Zep graph.node.get_episodes.
   */
  memory_sources(args: {
    user_id: string;
    fact_id?: string | null | undefined;
    entity_id?: string | null | undefined;
    max_rows?: number | bigint | null | undefined;
    after_position?: string | null | undefined;
  }): Promise<ListedEpisode[]> {
    return this.call('memory_sources', rows, args, {
      user_id: 'text',
      fact_id: 'text',
      entity_id: 'text',
      max_rows: 'bigint',
      after_position: 'text',
    });
  }

  /**
   * What is remembered of a user or a group, counted: one row for each kind.
   * Kinds are messages (of its threads, and its own in others'), episodes (added data and what is left of deleted
   * threads), entities, facts, memory_blocks and groups (that it belongs to, which have memories of their own). Times are
   * those of events, of entities and facts when memory learned of them, of blocks when they were last changed, of groups
   * when it joined.
   * Arguments:
   *   user_id: of the user or group
   * Errors:
   *   P0002: no such user
   *   22023: bad input
   */
  memory_stats(args: {
    user_id: string;
  }): Promise<MemoryStatistic[]> {
    return this.call('memory_stats', rows, args, {
      user_id: 'text',
    });
  }

  /**
   * How far the extraction of facts is: of all that a user said, of a thread, a message, or an episode that is none.
   * Everything is searched from its commit on, whatever this says.
   * Arguments:
   *   user_id: of the user or group
   *   thread_id: only of this thread of the user's
   *   message_id: only of this message of it
   *   episode_id: or of this episode
   * Errors:
   *   P0002: no such user, thread, message or episode
   *   22023: bad input
   * Answers: Zep processed, task ids.
   */
  memory_status(args: {
    user_id: string;
    thread_id?: string | null | undefined;
    message_id?: string | null | undefined;
    episode_id?: string | null | undefined;
  }): Promise<ExtractionStatu> {
    return this.call('memory_status', row, args, {
      user_id: 'text',
      thread_id: 'text',
      message_id: 'text',
      episode_id: 'text',
    });
  }

  /**
   * What lies around entities: {"entities", "facts", "truncated"}, the nearest first.
   * Each of the two is an array of objects with the columns of the view of that name; entities have "depth" beside, 0 for
   * those that were asked for. truncated tells that a limit left something out. A fact is there when both its entities
   * are.
   * Arguments:
   *   user_id: of the user or group
   *   entity_ids: where to begin; null: the user's own
   *   depth: 1 to 3 facts away
   *   max_entities: 1 to 1,000
   *   max_facts: 0 to 1,000
   *   as_of, known_at, include_expired: as in memory_facts()
   * Errors:
   *   P0002: no such user or entity
   *   22023: bad input
   * Answers: Zep graph.get_subgraph, graph.node.neighbors.
   */
  memory_subgraph(args: {
    user_id: string;
    entity_ids?: readonly string[] | null | undefined;
    depth?: number | bigint | null | undefined;
    max_entities?: number | bigint | null | undefined;
    max_facts?: number | bigint | null | undefined;
    as_of?: Date | string | null | undefined;
    known_at?: Date | string | null | undefined;
    include_expired?: boolean | null | undefined;
  }): Promise<Json> {
    return this.call('memory_subgraph', value, args, {
      user_id: 'text',
      entity_ids: 'text[]',
      depth: 'bigint',
      max_entities: 'bigint',
      max_facts: 'bigint',
      as_of: 'timestamp with time zone',
      known_at: 'timestamp with time zone',
      include_expired: 'boolean',
    });
  }

  /**
   * Changes what is given of an entity; what it said before stays in memory_entity_history().
   * The user's own is the user: user_update() changes it.
   * Arguments:
   *   user_id: of the user or group
   *   entity_id: of the entity
   *   name, label, summary: the new value; null leaves the old
   *   attributes, metadata: merged at their top level; a null in attributes removes the key
   *   clear: what is emptied: label, summary
   *   remove_keys: keys taken out of metadata
   * Errors:
   *   P0002: no such entity
   *   23505: another has the name
   *   55000: the user's own
   *   22023: bad input, or a type that a strict ontology does not have
   * Answers: Zep graph.node.update.
   */
  memory_update_entity(args: {
    user_id: string;
    entity_id: string;
    name?: string | null | undefined;
    label?: string | null | undefined;
    summary?: string | null | undefined;
    attributes?: Json | null | undefined;
    metadata?: Json | null | undefined;
    clear?: readonly string[] | null | undefined;
    remove_keys?: readonly string[] | null | undefined;
  }): Promise<Entity> {
    return this.call('memory_update_entity', row, args, {
      user_id: 'text',
      entity_id: 'text',
      name: 'text',
      label: 'text',
      summary: 'text',
      attributes: 'jsonb',
      metadata: 'jsonb',
      clear: 'text[]',
      remove_keys: 'text[]',
    });
  }

  /**
   * Changes what is given of added data; what it said before stays in memory_episode_history().
   * New data is read as memory_add_data() reads that type, and has no embedding until it gets one. Facts that were drawn
   * from the old text stay, and memory_claim() gives the new one. A message is edited by message_update().
   * Arguments:
   *   user_id: of the user or group
   *   episode_id: of the episode
   *   data: what is remembered now; null leaves it
   *   event_at, source_description: likewise
   *   metadata: merged at its top level (null stores null)
   *   remove_keys: keys taken out of metadata
   *   expected_rev: change it only if this is its newest revision
   * Errors:
   *   P0002: none
   *   TM001: it has another revision than expected
   *   55000: the text of a deleted thread, which is what was said
   *   22023: bad input
   *   54000: over threadmem.max_body
   *   22P02: data of type json that is none
   * Answers: mem0 update.
   */
  memory_update_episode(args: {
    user_id: string;
    episode_id: string;
    data?: string | null | undefined;
    event_at?: Date | string | null | undefined;
    metadata?: Json | null | undefined;
    source_description?: string | null | undefined;
    remove_keys?: readonly string[] | null | undefined;
    expected_rev?: number | bigint | null | undefined;
  }): Promise<Episode> {
    return this.call('memory_update_episode', row, args, {
      user_id: 'text',
      episode_id: 'text',
      data: 'text',
      event_at: 'timestamp with time zone',
      metadata: 'jsonb',
      source_description: 'text',
      remove_keys: 'text[]',
      expected_rev: 'bigint',
    });
  }

  /**
   * Changes what is given of a fact; what it said before stays in memory_fact_history().
   * It ends no other fact. A fact that turned out never to have held is taken back by expired_at, without invalid_at.
   * Arguments:
   *   user_id: of the user or group
   *   fact_id: of the fact
   *   fact, name, confidence: the new value; null leaves the old
   *   valid_at, invalid_at, expired_at: likewise
   *   attributes, metadata: merged at their top level; a null in attributes removes the key
   *   clear: what is emptied: valid_at, invalid_at, expired_at, confidence
   *   remove_keys: keys taken out of metadata
   * Errors:
   *   P0002: no such fact
   *   22023: bad input, or an interval that ends before it starts
   * Answers: Zep graph.edge.update.
   */
  memory_update_fact(args: {
    user_id: string;
    fact_id: string;
    fact?: string | null | undefined;
    name?: string | null | undefined;
    valid_at?: Date | string | null | undefined;
    invalid_at?: Date | string | null | undefined;
    expired_at?: Date | string | null | undefined;
    attributes?: Json | null | undefined;
    metadata?: Json | null | undefined;
    confidence?: number | null | undefined;
    clear?: readonly string[] | null | undefined;
    remove_keys?: readonly string[] | null | undefined;
  }): Promise<Fact> {
    return this.call('memory_update_fact', row, args, {
      user_id: 'text',
      fact_id: 'text',
      fact: 'text',
      name: 'text',
      valid_at: 'timestamp with time zone',
      invalid_at: 'timestamp with time zone',
      expired_at: 'timestamp with time zone',
      attributes: 'jsonb',
      metadata: 'jsonb',
      confidence: 'double precision',
      clear: 'text[]',
      remove_keys: 'text[]',
    });
  }

  /**
   * What is remembered of a user and has no embedding, oldest event first.
   * For a worker that asks a model for them and calls memory_set_embedding(), until there is no row. What it embeds is
   * content, as it is given.
   * Arguments:
   *   user_id: of the user or group
   *   max_rows: 0 to 1,000
   * Errors:
   *   P0002: no such user
   *   22023: bad input
   */
  memory_without_embedding(args: {
    user_id: string;
    max_rows?: number | bigint | null | undefined;
  }): Promise<Episode[]> {
    return this.call('memory_without_embedding', rows, args, {
      user_id: 'text',
      max_rows: 'bigint',
    });
  }

  /**
   * The block to put before the model on every turn: the user's summary, working memory, and what is known that matters now.
   * The query is the thread's last messages (threadmem.memory_query_messages), which are not repeated. Messages of
   * system, developer, tool, function and platform are neither query nor found. Where the query has
   * no words to look for and no embedding, the newest stand instead. Empty sections are left out, and an empty block is an empty
   * text. The summary (user_update), working memory (memory_block_set(): the user's blocks, then the
   * thread's, by label) and a template's text are never cut; what was said to groups that the user or the thread's assistant
   * belongs to (group_add_member()) is searched with the user's own. Episodes, facts and entities as memory_search()
   * finds them fill the rest, the best for their length first, a fact for every two episodes, an entity for every
   * four and last the facts that no word found; one that does not fit is left out whole and the next is tried.
   * They are shown in time order, of facts those that hold first, times in the user's time zone, else UTC; what is
   * not known of the time of a fact is "date unknown" and "present". What people wrote is untrusted: in it "</"
   * becomes "<\/", and a line break is followed by four spaces, so that nothing in it ends a section or begins an
   * item. The same data gives the same bytes.
   * Arguments:
   *   thread_id: of the thread, which has a user
   *   max_characters: 1 to 50,000, for the whole block; characters and not bytes
   *   template: the id of a context template, or one itself (a text with a variable in it); each of its variables is
   *     filled by itself
   *   as_of: as if nothing said or known later were known; summary and working memory are the present ones
   *   mode: basic
   *   embedding: that of the thread's last messages; what is near to it counts as in memory_search()
   * Errors:
   *   P0002: no such thread or template
   *   22023: bad input, or a thread without user
   *   54000: the summary, working memory and the template alone are longer than max_characters
   *   0A000: mode summary
   * Answers: Zep thread.get_user_context.
   */
  thread_context(args: {
    thread_id: string;
    max_characters?: number | bigint | null | undefined;
    template?: string | null | undefined;
    as_of?: Date | string | null | undefined;
    mode?: string | null | undefined;
    embedding?: ArrayLike<number> | null | undefined;
  }): Promise<string> {
    return this.call('thread_context', value, args, {
      thread_id: 'text',
      max_characters: 'bigint',
      template: 'text',
      as_of: 'timestamp with time zone',
      mode: 'text',
      embedding: 'double precision[]',
    });
  }

  /**
   * thread_context() under the name of Zep's thread.get_user_context.
   * Arguments: as those of thread_context(), with template_id for template.
   * Errors:
   *   P0002: as there
   *   22023: as there
   *   54000: as there
   *   0A000: as there
   * Answers: Zep thread.get_user_context; its field context.
   */
  thread_get_user_context(args: {
    thread_id: string;
    max_characters?: number | bigint | null | undefined;
    template_id?: string | null | undefined;
    as_of?: Date | string | null | undefined;
    mode?: string | null | undefined;
    embedding?: ArrayLike<number> | null | undefined;
  }): Promise<string> {
    return this.call('thread_get_user_context', value, args, {
      thread_id: 'text',
      max_characters: 'bigint',
      template_id: 'text',
      as_of: 'timestamp with time zone',
      mode: 'text',
      embedding: 'double precision[]',
    });
  }

  /**
   * Several operations on the store in one call; one row each, in their order: what a call of its own would give.
   * Those that read see the store as it was before those that write, of which the last one for a key counts. get gives an
   * item or null, search and list_namespaces an array, put, delete and touch null. One bad operation, and nothing happens.
   * Arguments:
   *   operations: [{"op": "put", "namespace": [], "key", "value", "ttl", "index", "embeddings"}, {"op": "get",
   *     "namespace", "key", "refresh_ttl"}, {"op": "delete", "namespace", "key"}, {"op": "touch", "namespace", "key"},
   *     {"op": "search", "namespace_prefix", "filter", "query", "embedding", "limit", "offset", "refresh_ttl"}, {"op":
   *     "list_namespaces", "match_conditions": [{"match_type": "prefix" or "suffix", "path": []}], "max_depth", "limit",
   *     "offset"}]; up to 1,000. A put whose value is null deletes; index is an array of paths, false or null; limits are
   *     10, of list_namespaces 100; refresh_ttl true renews what was read
   * Errors:
   *   22023: bad input
   *   54000: a value over threadmem.max_body, vectors over their limits, or what was read is more than jsonb holds
   *   42501: another person's namespace, in a session narrowed to a user
   * Answers: LangGraph BaseStore.batch.
   */
  store_batch(args: {
    operations: Json;
  }): Promise<Json[]> {
    return this.call('store_batch', values, { ...args, operations: json(args.operations) }, {
      operations: 'jsonb',
    });
  }

  /**
   * Deletes an item of the store; false, and no error, when there is none.
   * Arguments:
   *   namespace, key: of the item
   * Errors:
   *   22023: bad input
   * Answers: LangGraph BaseStore.delete.
   */
  store_delete(args: {
    namespace: readonly string[];
    key: string;
  }): Promise<boolean> {
    return this.call('store_delete', value, args, {
      namespace: 'text[]',
      key: 'text',
    });
  }

  /**
   * One item of the store, unless it has expired; it is not renewed by being read.
   * Read and renew in one: SELECT i.*, store_touch(i.namespace, i.key) FROM store_get(...) i.
   * Arguments:
   *   namespace, key: of the item
   *   missing_ok: no row, and no error, when there is none
   * Errors:
   *   P0002: no such item, or it has expired
   *   22023: bad input
   * Answers: LangGraph BaseStore.get.
   */
  store_get(args: {
    namespace: readonly string[];
    key: string;
    missing_ok?: false | undefined;
  }): Promise<StoreItem>;
  store_get(args: {
    namespace: readonly string[];
    key: string;
    missing_ok?: boolean | null | undefined;
  }): Promise<StoreItem | null>;
  store_get(args: {
    namespace: readonly string[];
    key: string;
    missing_ok?: boolean | null | undefined;
  }): Promise<StoreItem | null> {
    return this.call('store_get', maybe, args, {
      namespace: 'text[]',
      key: 'text',
      missing_ok: 'boolean',
    });
  }

  /**
   * The namespaces of the store that have items, in the order of their labels, in pages.
   * Arguments:
   *   prefix: labels that a namespace begins with; * is any one label
   *   suffix: labels that it ends with; * is any one label
   *   max_depth: labels that are shown, 1 or more: what is the same up to there is one; null: all
   *   max_rows: rows of a page, 0 to 1,000
   *   skip: rows left out before the first
   *   after_position: the position of the last row of the page before; that namespace may be empty by now
   * Errors:
   *   22023: bad input, or a position of another list
   * Answers: LangGraph BaseStore.list_namespaces.
   */
  store_list_namespaces(args: {
    prefix?: readonly string[] | null | undefined;
    suffix?: readonly string[] | null | undefined;
    max_depth?: number | bigint | null | undefined;
    max_rows?: number | bigint | null | undefined;
    skip?: number | bigint | null | undefined;
    after_position?: string | null | undefined;
  } = {}): Promise<ListedNamespace[]> {
    return this.call('store_list_namespaces', rows, args, {
      prefix: 'text[]',
      suffix: 'text[]',
      max_depth: 'bigint',
      max_rows: 'bigint',
      skip: 'bigint',
      after_position: 'text',
    });
  }

  /**
   * Deletes items of the store whose time is over; how many. Call it until it returns 0.
   * They are not read any more as it is: this gives the space back. One that somebody is writing is left for the next
   * call. thread_purge_expired() does the same after its threads, tenants_purge_expired() for all tenants.
   * Arguments:
   *   max_rows: items at most, 0 to 1,000
   * Errors:
   *   22023: bad max_rows
   * Answers: LangGraph sweep_ttl.
   */
  store_purge_expired(args: {
    max_rows?: number | bigint | null | undefined;
  } = {}): Promise<number> {
    return this.call('store_purge_expired', value, args, {
      max_rows: 'bigint',
    });
  }

  /**
   * Stores a document under a namespace and a key, in place of what is there; created_at survives that.
   * Where threadmem.store_user_element names an element of the namespace, the item is that person's: it goes with
   * user_delete(), and a session narrowed to somebody else neither sees nor stores it.
   * Arguments:
   *   namespace: 1 or more labels of 1 to 255 bytes without ".", the first not langgraph; 1,000 bytes in all
   *   key: 1 to 1,000 bytes
   *   value: a JSON object
   *   ttl_minutes: minutes, and parts of them, until it expires, up to 5,256,000; store_touch() renews; null: it stays
   *   indexed: what of value is found by words: paths as a.b, a[0], a[-1], a[*], a.* or $ (all); null: all of it, {}: nothing
   *   embeddings: what a model made of it: one vector, or several as rows of a two-dimensional array, of at most 16,000
   *     finite numbers each that are not all 0
   * Errors:
   *   22023: bad input
   *   54000: over threadmem.max_body, or more than 16,000 numbers in a vector or 1,000 vectors
   *   42501: another person's namespace, in a session narrowed to a user
   * Answers: LangGraph BaseStore.put.
   */
  store_put(args: {
    namespace: readonly string[];
    key: string;
    value: Json;
    ttl_minutes?: number | null | undefined;
    indexed?: readonly string[] | null | undefined;
    embeddings?: ArrayLike<number> | null | undefined;
  }): Promise<StoreItem> {
    return this.call('store_put', row, { ...args, value: json(args.value) }, {
      namespace: 'text[]',
      key: 'text',
      value: 'jsonb',
      ttl_minutes: 'double precision',
      indexed: 'text[]',
      embeddings: 'double precision[]',
    });
  }

  /**
   * Items of the store below a namespace, in pages: what was put last first, or what answers a question best.
   * With a query those that have any of its words, by ts_rank; with an embedding those that have one, by the cosine of the
   * nearest of theirs; with both the two lists joined by reciprocal rank. A query of stop words alone is none. Nothing is
   * renewed: store_touch() does that.
   * Arguments:
   *   namespace_prefix: the labels that its namespace begins with; {} is every namespace
   *   filter: {"field": value, ...}, all of which hold of the members of value. A value is equal, an object is contained;
   *     {"$gt": value} and so on compare: $eq, $ne, $gt, $gte, $lt, $lte; of several in one object all hold. Numbers compare
   *     as numbers, text by its bytes, and nothing else is greater or less; a missing field is $ne to everything
   *   query: what to look for, in words
   *   embedding: what to look for, of the model that the embeddings of items come from
   *   max_rows: rows of a page, 0 to 1,000
   *   skip: rows left out before the first
   *   after_position: the position of the last row of the page before; that row may be gone
   * Errors:
   *   22023: bad input, a position of another search, or an embedding of another length than an item's
   *   54000: more than 16,000 numbers, or over 1 MB of words
   * Answers: LangGraph BaseStore.search.
   */
  store_search(args: {
    namespace_prefix?: readonly string[] | null | undefined;
    filter?: Json | null | undefined;
    query?: string | null | undefined;
    embedding?: ArrayLike<number> | null | undefined;
    max_rows?: number | bigint | null | undefined;
    skip?: number | bigint | null | undefined;
    after_position?: string | null | undefined;
  } = {}): Promise<ListedStoreItem[]> {
    return this.call('store_search', rows, args, {
      namespace_prefix: 'text[]',
      filter: 'jsonb',
      query: 'text',
      embedding: 'double precision[]',
      max_rows: 'bigint',
      skip: 'bigint',
      after_position: 'text',
    });
  }

  /**
   * Lets the time to live of an item begin anew; whether it did.
   * False for an item that has no time to live, has expired or is not there, and for one that somebody else is writing at
   * that moment: this call waits for nobody, so that the items of a search can be renewed in any order.
   * Arguments:
   *   namespace, key: of the item
   * Errors:
   *   22023: bad input
   * Answers: LangGraph refresh_ttl.
   */
  store_touch(args: {
    namespace: readonly string[];
    key: string;
  }): Promise<boolean> {
    return this.call('store_touch', value, args, {
      namespace: 'text[]',
      key: 'text',
    });
  }

  /**
   * The channel on which this tenant's news are notified while threadmem.notify is on: LISTEN to it.
   * Every role may listen to a channel whose name it knows, so the name has 32 random digits, is made with the first
   * call and stays. A transaction that notified cannot be prepared (PREPARE TRANSACTION).
   * Errors: none of its own.
   */
  notify_channel(): Promise<string> {
    return this.call('notify_channel', value, {}, {});
  }

  /**
   * Lets a user or an assistant take part in a thread, or changes its role.
   * Arguments:
   *   thread_id: of the thread
   *   participant_id: of the user or assistant
   *   kind: user or assistant
   *   role: free text
   * Errors:
   *   P0002: no such thread
   *   23503: no such user or assistant
   *   22023: bad input
   *   42501: not the owner's session
   * Answers: Entities participants.
   */
  thread_add_participant(args: {
    thread_id: string;
    participant_id: string;
    kind?: string | null | undefined;
    role?: string | null | undefined;
  }): Promise<Participant> {
    return this.call('thread_add_participant', row, args, {
      thread_id: 'text',
      participant_id: 'text',
      kind: 'text',
      role: 'text',
    });
  }

  /**
   * A copy of a thread with the same ids and numbers: whole, up to a checkpoint, or without history.
   * Its participants, every message, checkpoint and pending write, its working memory; metadata gains thread_id, as LangGraph does it.
   * Runs are not copied, and of one that is archived the copy is not. The two are independent afterwards.
   * Arguments:
   *   thread_id: of the source
   *   new_thread_id: of the copy; generated when null
   *   checkpoint_id: only up to this checkpoint of the thread's own graph: its ancestors with what ran under them in
   *     other namespaces, the messages they have seen, no pending writes of its own
   *   history: false: only the newest checkpoint of each namespace, and no earlier revisions that nothing shows
   * Errors:
   *   P0002: no such thread or checkpoint
   *   23505: the new id exists
   *   22023: bad input
   *   42501: a session narrowed to another user than its owner
   * Answers: LangGraph threads.copy.
   */
  thread_copy(args: {
    thread_id: string;
    new_thread_id?: string | null | undefined;
    checkpoint_id?: string | null | undefined;
    history?: boolean | null | undefined;
  }): Promise<Thread> {
    return this.call('thread_copy', row, args, {
      thread_id: 'text',
      new_thread_id: 'text',
      checkpoint_id: 'text',
      history: 'boolean',
    });
  }

  /**
   * How many threads thread_search() would find.
   * Arguments: as those of thread_search() of these names.
   * Errors:
   *   22023: bad input
   * Answers: LangGraph threads.count, total_count of Zep thread.list_all.
   */
  thread_count(args: {
    thread_ids?: readonly string[] | null | undefined;
    metadata?: Json | null | undefined;
    values_match?: Json | null | undefined;
    status?: string | null | undefined;
    user_id?: string | null | undefined;
    assistant_id?: string | null | undefined;
    participant_id?: string | null | undefined;
    graph_id?: string | null | undefined;
    created_since?: Date | string | null | undefined;
    created_until?: Date | string | null | undefined;
    updated_since?: Date | string | null | undefined;
    updated_until?: Date | string | null | undefined;
    archived?: boolean | null | undefined;
    query?: string | null | undefined;
  } = {}): Promise<number> {
    return this.call('thread_count', value, args, {
      thread_ids: 'text[]',
      metadata: 'jsonb',
      values_match: 'jsonb',
      status: 'text',
      user_id: 'text',
      assistant_id: 'text',
      participant_id: 'text',
      graph_id: 'text',
      created_since: 'timestamp with time zone',
      created_until: 'timestamp with time zone',
      updated_since: 'timestamp with time zone',
      updated_until: 'timestamp with time zone',
      archived: 'boolean',
      query: 'text',
    });
  }

  /**
   * Creates a thread, with participants, messages, a time to live, and supersteps of its state.
   * Arguments:
   *   thread_id: 1 to 255 bytes, generated when null
   *   user_id: owns it, by default the user the session is narrowed to
   *   assistant_id: of an assistant
   *   assistant_pinned: binds assistant_id for life
   *   graph_id: metadata's graph_id when null
   *   title: free text
   *   participant_ids: users
   *   metadata, config, tool_resources: JSON objects
   *   messages: an array as message_add_batch() takes it
   *   ttl: {"ttl": minutes, "strategy": "delete" or "keep_latest", "refresh": true}, or the minutes alone; 1 to
   *     5,256,000; the rest as in thread_set_ttl()
   *   if_exists: raise, or do_nothing: an existing thread unchanged, but for the supersteps
   *   supersteps: [{"updates": [{"values" or "command", "as_node"}]}] run through thread_update_state(), one checkpoint each
   *   created_at: of one that is imported, else now; last_message_at follows from when its messages were said
   *   in_memory: false: it reads its user's memory, and nothing said in it becomes memory, whoever stores it
   *   archived: true: put aside from the beginning, for an import
   *   if_deleted: create, or raise: P0002 while the tombstone of a deleted thread stands (threadmem.tombstone_ttl), for
   *     clients that save again what they still have
   * Errors:
   *   P0002: the thread was deleted, and if_deleted is raise
   *   23505: the id exists
   *   23503: no such user or assistant
   *   22023: bad input
   *   54000: a message over threadmem.max_body
   *   22003: a sum of supersteps out of range
   *   42501: the id is that of another user's thread
   *   55006: supersteps for a thread that is there and busy; then nothing is stored
   * Answers: LangGraph threads.create, Zep thread.create, Backboard create thread, Entities create_thread, OpenAI
   *     threads.create.
   */
  thread_create(args: {
    thread_id?: string | null | undefined;
    user_id?: string | null | undefined;
    assistant_id?: string | null | undefined;
    assistant_pinned?: boolean | null | undefined;
    graph_id?: string | null | undefined;
    title?: string | null | undefined;
    participant_ids?: readonly string[] | null | undefined;
    metadata?: Json | null | undefined;
    config?: Json | null | undefined;
    tool_resources?: Json | null | undefined;
    messages?: Json | null | undefined;
    ttl?: Json | null | undefined;
    if_exists?: string | null | undefined;
    supersteps?: Json | null | undefined;
    created_at?: Date | string | null | undefined;
    in_memory?: boolean | null | undefined;
    archived?: boolean | null | undefined;
    if_deleted?: string | null | undefined;
  } = {}): Promise<Thread> {
    return this.call('thread_create', row, args, {
      thread_id: 'text',
      user_id: 'text',
      assistant_id: 'text',
      assistant_pinned: 'boolean',
      graph_id: 'text',
      title: 'text',
      participant_ids: 'text[]',
      metadata: 'jsonb',
      config: 'jsonb',
      tool_resources: 'jsonb',
      messages: 'jsonb',
      ttl: 'jsonb',
      if_exists: 'text',
      supersteps: 'jsonb',
      created_at: 'timestamp with time zone',
      in_memory: 'boolean',
      archived: 'boolean',
      if_deleted: 'text',
    });
  }

  /**
   * Deletes a thread with all inside; its texts stay in its user's memory (kept counts them) unless keep_memory is false.
   * Tells how much of each kind went. What its owner's memory has stays, and of other users what they said in it; it is
   * found by memory_search() and thread_context(), as Zep has it, until memory_forget() or user_delete(). A tombstone
   * stops late writers for a day (threadmem.tombstone_ttl); thread_create() may use the id again at once.
   * Arguments:
   *   thread_id: of the thread
   *   keep_memory: true: what memory has of the thread stays, as episodes; false: memory forgets the thread; null goes by
   *     the setting threadmem.keep_memory (on)
   *   expected_seq: as in thread_update()
   * Errors:
   *   P0002: no such thread
   *   55000: something was said meanwhile
   *   42501: not the owner's session
   *   22023: bad input
   * Answers: LangGraph, Zep, Backboard, Entities and OpenAI thread delete.
   */
  thread_delete(args: {
    thread_id: string;
    keep_memory?: boolean | null | undefined;
    expected_seq?: number | bigint | null | undefined;
  }): Promise<DeletionCount[]> {
    return this.call('thread_delete', rows, args, {
      thread_id: 'text',
      keep_memory: 'boolean',
      expected_seq: 'bigint',
    });
  }

  /**
   * Another thread that begins as this one was at a checkpoint or a message.
   * forked_from names the source; the two are independent afterwards. To go on in the same thread from an older
   * checkpoint, use thread_update_state(checkpoint_id).
   * Arguments:
   *   thread_id: of the source
   *   checkpoint_id: as thread_copy() up to it
   *   message_id: or a live message: the log up to and with it, and the newest state of the present branch that
   *     knows nothing said later; what that state has not seen is pending
   *   new_thread_id: generated when null
   * Errors:
   *   P0002: no such thread, checkpoint or message
   *   23505: the new id exists
   *   22023: bad input, or not exactly one of checkpoint_id and message_id
   *   42501: a session narrowed to another user than its owner
   * Answers: the fork of Letta conversations and of chat interfaces.
   */
  thread_fork(args: {
    thread_id: string;
    checkpoint_id?: string | null | undefined;
    message_id?: string | null | undefined;
    new_thread_id?: string | null | undefined;
  }): Promise<Thread> {
    return this.call('thread_fork', row, args, {
      thread_id: 'text',
      checkpoint_id: 'text',
      message_id: 'text',
      new_thread_id: 'text',
    });
  }

  /**
   * A thread as another system's API gives it, in JSON.
   * Times are UTC: ISO 8601, or epoch seconds for entities and openai. What the system has and threadmem does not
   * store (Zep's second uuid) is left out.
   * Arguments:
   *   thread_id: of the thread
   *   dialect: langgraph or langchain (the row with the values of its latest state when there are any, its
   *     interrupts by task, graph_id within metadata), entities (with its users as participants, the owner first),
   *     zep (with all its messages and their number), backboard (with all its messages), openai
   * Errors:
   *   P0002: no such thread
   *   22023: unknown dialect
   *   54000: a state that is too large for jsonb
   *   0A000: anthropic, responses and ai_sdk, which have no threads of their own
   * Answers: LangGraph threads.get, Entities get_thread, Zep thread.get, Backboard get thread, OpenAI
   *     threads.retrieve.
   */
  thread_format(args: {
    thread_id: string;
    dialect?: string | null | undefined;
  }): Promise<Json> {
    return this.call('thread_format', value, args, {
      thread_id: 'text',
      dialect: 'text',
    });
  }

  /**
   * One thread; thread_format() gives it with its messages in another system's form.
   * Arguments:
   *   thread_id: of the thread
   *   missing_ok: no row, and no error, when there is none
   * Errors:
   *   P0002: no such thread
   *   22023: bad input
   * Answers: LangGraph threads.get, Entities get_thread, OpenAI threads.retrieve.
   */
  thread_get(args: {
    thread_id: string;
    missing_ok?: false | undefined;
  }): Promise<Thread>;
  thread_get(args: {
    thread_id: string;
    missing_ok?: boolean | null | undefined;
  }): Promise<Thread | null>;
  thread_get(args: {
    thread_id: string;
    missing_ok?: boolean | null | undefined;
  }): Promise<Thread | null> {
    return this.call('thread_get', maybe, args, {
      thread_id: 'text',
      missing_ok: 'boolean',
    });
  }

  /**
   * Which of these ids no thread has (any more), each once, in the order of their bytes.
   * For a sweep of the application's own rows, which cannot have a foreign key to a thread.
   * Arguments:
   *   thread_ids: the ids
   * Errors:
   *   22023: bad input
   *   42501: a session narrowed by threadmem.user_id, to which other users' threads would seem gone
   */
  thread_gone(args: {
    thread_ids: readonly string[];
  }): Promise<string[]> {
    return this.call('thread_gone', values, args, {
      thread_ids: 'text[]',
    });
  }

  /**
   * Threads, newest first, in pages: all, or those of a user, an assistant or a participant.
   * A filter that is null is none: for the threads of one user call user_threads(), which refuses null. The total is
   * thread_count().
   * Arguments:
   *   user_id: owned by this user
   *   assistant_id: of this assistant
   *   participant_id: in which this user takes part (owners do)
   *   sort_by: created_at, updated_at, thread_id, user_id, status, last_message_at or state_updated_at
   *   sort_order: desc or asc
   *   max_rows: rows of a page, 0 to 1,000
   *   after_id: the id of the last row of the page before, which must exist
   *   page_number: from 1, with page_size, instead of these
   *   page_size: rows of a page, 1 to 1,000
   *   after_position: the position of the last row of the page before; that row may be gone
   *   archived: false: without those put aside by thread_update(); true: only these; null: all
   *   with_preview: preview is how the last thing begins that a user or an assistant said, the first 200 characters of its
   *     text (message_preview()): of a message that is coming, the text so far; deleted ones and those without words are
   *     passed over. Null where there is none among the last 10 messages. One look into each thread of the page
   * Errors:
   *   P0002: unknown after_id
   *   22023: bad input, or a position of another list or order
   * Answers: Zep thread.list_all, Backboard list threads.
   */
  thread_list(args: {
    user_id?: string | null | undefined;
    assistant_id?: string | null | undefined;
    participant_id?: string | null | undefined;
    sort_by?: string | null | undefined;
    sort_order?: string | null | undefined;
    max_rows?: number | bigint | null | undefined;
    after_id?: string | null | undefined;
    page_number?: number | bigint | null | undefined;
    page_size?: number | bigint | null | undefined;
    after_position?: string | null | undefined;
    archived?: boolean | null | undefined;
    with_preview?: boolean | null | undefined;
  } = {}): Promise<ListedThread[]> {
    return this.call('thread_list', rows, args, {
      user_id: 'text',
      assistant_id: 'text',
      participant_id: 'text',
      sort_by: 'text',
      sort_order: 'text',
      max_rows: 'bigint',
      after_id: 'text',
      page_number: 'bigint',
      page_size: 'bigint',
      after_position: 'text',
      archived: 'boolean',
      with_preview: 'boolean',
    });
  }

  /**
   * Who takes part in a thread: its owner, then the others as they joined.
   * Arguments:
   *   thread_id: of the thread
   * Errors:
   *   P0002: no such thread
   *   22023: bad input
   */
  thread_participants(args: {
    thread_id: string;
  }): Promise<Participant[]> {
    return this.call('thread_participants', rows, args, {
      thread_id: 'text',
    });
  }

  /**
   * Deletes many threads, or thins them out to their latest state; returns how many it met.
   * Unknown ids are skipped.
   * Arguments:
   *   thread_ids: of the threads
   *   strategy: delete is thread_delete(keep_memory => false) for each; keep_latest keeps the thread, its messages in the
   *     log and the newest checkpoint of every namespace, as checkpoint_prune() does
   * Errors:
   *   22023: bad input
   *   42501: not the owner's session
   * Answers: LangGraph threads.prune.
   */
  thread_prune(args: {
    thread_ids: readonly string[];
    strategy?: string | null | undefined;
  }): Promise<number> {
    return this.call('thread_prune', value, args, {
      thread_ids: 'text[]',
      strategy: 'text',
    });
  }

  /**
   * Carries expiry out; call it from cron until it returns 0.
   * Of threads whose time is over, the longest over first: strategy delete deletes, keep_latest keeps the thread
   * with the newest checkpoint of every namespace, and its time begins anew with the next write. Threads in use are
   * left for the next call. Then items of the store, as store_purge_expired() does it. Returns how many of both.
   * tenants_purge_expired() does it for all tenants.
   * Arguments:
   *   max_rows: threads and items at most, 0 to 1,000
   * Errors:
   *   22023: bad max_rows
   * Answers: LangGraph's ttl sweep.
   */
  thread_purge_expired(args: {
    max_rows?: number | bigint | null | undefined;
  } = {}): Promise<number> {
    return this.call('thread_purge_expired', value, args, {
      max_rows: 'bigint',
    });
  }

  /**
   * Ends the participation of a user or an assistant.
   * The owner is changed by thread_update().
   * Arguments:
   *   thread_id: of the thread
   *   participant_id: of the user or assistant
   *   kind: user or assistant
   * Errors:
   *   P0002: no such thread or participant
   *   22023: bad input
   */
  thread_remove_participant(args: {
    thread_id: string;
    participant_id: string;
    kind?: string | null | undefined;
  }): Promise<boolean> {
    return this.call('thread_remove_participant', value, args, {
      thread_id: 'text',
      participant_id: 'text',
      kind: 'text',
    });
  }

  /**
   * Threads that meet every filter given, words too, in pages; with values, interrupts or single paths of each state.
   * A filter that is null is none, also user_id: a program that has no user sees everybody's, unless the session is
   * narrowed by threadmem.user_id. Values, interrupts or extracted that are too large for jsonb, or damaged, are
   * null, and left_out names them; the other threads come as ever.
   * Arguments:
   *   thread_ids: these; unknown ids are skipped
   *   metadata: containment: exactly, types matter; {} matches all
   *   values_match: the same in the values that the latest checkpoint has, without pending writes and what the log
   *     has more; a thread without checkpoint has none. A filter by scalars up to 256 bytes is answered from an
   *     index, any other reads the states of the threads that meet the rest
   *   status: idle, busy, interrupted or error
   *   user_id, assistant_id, participant_id, graph_id: as in thread_list()
   *   created_since, created_until, updated_since, updated_until: the until bounds are exclusive
   *   archived: false: without those put aside by thread_update(), also where thread_ids names them; true: only these;
   *     null: all
   *   query: words that are in the title, or in a live message, as message_search() takes them ("exact phrase", or,
   *     -without). snippet is then where: the title, else of the message that ranks highest no more than 300 columns
   *     (a Chinese character takes two), as it was written but for its spaces; what was found stands between the
   *     characters U+0002 and U+0003, which are nowhere else in it. The order is as ever sort_by
   *   sort_by, sort_order: as in thread_list()
   *   max_rows: rows of a page, 0 to 1,000
   *   skip: rows left out before the first
   *   after_id: of the last row of the page before
   *   fields: the columns wanted; the others come as null, thread_id always comes. values and interrupts come only
   *     when fields names them: the state of each row is read for them. values are as thread_state() shows them,
   *     interrupts an object from each task that waits to its own; preview, only when named too, is as in thread_list()
   *   paths: {alias: path} with at most 10 takes single values out of each row into extracted. A path begins with
   *     values, metadata, config or interrupts and goes on with .name or [number], negative from the end, as in
   *     values.messages[-1].content; one that leads nowhere gives null
   *   after_position: the position of the last row of the page before; that row may be gone
   * Errors:
   *   P0002: unknown after_id
   *   22023: bad input, or a position of another list or order
   * Answers: LangGraph threads.search.
   */
  thread_search(args: {
    thread_ids?: readonly string[] | null | undefined;
    metadata?: Json | null | undefined;
    values_match?: Json | null | undefined;
    status?: string | null | undefined;
    user_id?: string | null | undefined;
    assistant_id?: string | null | undefined;
    participant_id?: string | null | undefined;
    graph_id?: string | null | undefined;
    created_since?: Date | string | null | undefined;
    created_until?: Date | string | null | undefined;
    updated_since?: Date | string | null | undefined;
    updated_until?: Date | string | null | undefined;
    archived?: boolean | null | undefined;
    query?: string | null | undefined;
    sort_by?: string | null | undefined;
    sort_order?: string | null | undefined;
    max_rows?: number | bigint | null | undefined;
    skip?: number | bigint | null | undefined;
    after_id?: string | null | undefined;
    fields?: readonly string[] | null | undefined;
    paths?: Json | null | undefined;
    after_position?: string | null | undefined;
  } = {}): Promise<FoundThread[]> {
    return this.call('thread_search', rows, args, {
      thread_ids: 'text[]',
      metadata: 'jsonb',
      values_match: 'jsonb',
      status: 'text',
      user_id: 'text',
      assistant_id: 'text',
      participant_id: 'text',
      graph_id: 'text',
      created_since: 'timestamp with time zone',
      created_until: 'timestamp with time zone',
      updated_since: 'timestamp with time zone',
      updated_until: 'timestamp with time zone',
      archived: 'boolean',
      query: 'text',
      sort_by: 'text',
      sort_order: 'text',
      max_rows: 'bigint',
      skip: 'bigint',
      after_id: 'text',
      fields: 'text[]',
      paths: 'jsonb',
      after_position: 'text',
    });
  }

  /**
   * Replaces a thread's metadata.
   * Arguments:
   *   thread_id: of the thread
   *   metadata: a JSON object
   *   expected_version: refuse when the thread has another version by now
   * Errors:
   *   P0002: no such thread
   *   TM001: it has another version than expected
   *   22023: not an object
   * Answers: Entities PUT threads/{id}/metadata.
   */
  thread_set_metadata(args: {
    thread_id: string;
    metadata: Json;
    expected_version?: number | bigint | null | undefined;
  }): Promise<Thread> {
    return this.call('thread_set_metadata', row, { ...args, metadata: json(args.metadata) }, {
      thread_id: 'text',
      metadata: 'jsonb',
      expected_version: 'bigint',
    });
  }

  /**
   * Lets a thread expire in so many minutes from now.
   * thread_purge_expired() carries it out.
   * Arguments:
   *   thread_id: of the thread
   *   minutes: 1 to 5,256,000; null takes the limit away
   *   strategy: what expiry does: delete, or keep_latest: the thread stays with its newest checkpoints, and its time
   *     begins anew with the next write
   *   refresh: true: every write begins it anew (what moves updated_at or state_updated_at; not the pieces of a
   *     stream), and a thread that a run keeps busy does not expire; false: it counts from this call
   *   expected_seq: as in thread_update()
   * Errors:
   *   P0002: no such thread
   *   55000: something was said meanwhile
   *   22023: bad input
   *   42501: not the owner's session
   * Answers: LangGraph ttl.
   */
  thread_set_ttl(args: {
    thread_id: string;
    minutes?: number | bigint | null | undefined;
    strategy?: string | null | undefined;
    refresh?: boolean | null | undefined;
    expected_seq?: number | bigint | null | undefined;
  }): Promise<Thread> {
    return this.call('thread_set_ttl', row, args, {
      thread_id: 'text',
      minutes: 'bigint',
      strategy: 'text',
      refresh: 'boolean',
      expected_seq: 'bigint',
    });
  }

  /**
   * Changes the fields of a thread that are given.
   * Arguments:
   *   thread_id: of the thread
   *   metadata: merged at its top level (null stores null)
   *   remove_keys: keys taken out of metadata
   *   title, assistant_id, graph_id: the new value; null leaves the old
   *   user_id: hands the thread over (not from a session narrowed to a user)
   *   config, tool_resources: replaced
   *   ttl: as in thread_create(), from now
   *   clear: fields to be emptied: title, user_id, assistant_id, graph_id, ttl
   *   expected_version: refuse when the thread has another version by now
   *   in_memory: false takes all that was said in it, and was drawn from that, out of memory, and what will be; true: what
   *     is said from now on is remembered, and what was taken out stays out
   *   archived: true puts the thread aside: lists, searches and counts leave it out unless asked. Nothing else goes by it:
   *     it is read and written as ever, and stays put aside; false takes it out again
   *   expected_seq: refuse when something was said after this seq, the greatest when the caller looked; edits do not count
   *   expected_metadata: refuse when the metadata do not contain this object any more
   * Errors:
   *   P0002: no such thread
   *   23503: no such user or assistant
   *   TM001: it has another version than expected
   *   55000: its assistant is pinned; something was said meanwhile; its metadata are others than expected
   *   22023: bad input
   *   42501: a session narrowed to one user hands no thread over, and takes none of others out of memory
   * Answers: LangGraph threads.update, Entities and OpenAI thread update.
   */
  thread_update(args: {
    thread_id: string;
    metadata?: Json | null | undefined;
    remove_keys?: readonly string[] | null | undefined;
    title?: string | null | undefined;
    user_id?: string | null | undefined;
    assistant_id?: string | null | undefined;
    graph_id?: string | null | undefined;
    config?: Json | null | undefined;
    tool_resources?: Json | null | undefined;
    ttl?: Json | null | undefined;
    clear?: readonly string[] | null | undefined;
    expected_version?: number | bigint | null | undefined;
    in_memory?: boolean | null | undefined;
    archived?: boolean | null | undefined;
    expected_seq?: number | bigint | null | undefined;
    expected_metadata?: Json | null | undefined;
  }): Promise<Thread> {
    return this.call('thread_update', row, args, {
      thread_id: 'text',
      metadata: 'jsonb',
      remove_keys: 'text[]',
      title: 'text',
      user_id: 'text',
      assistant_id: 'text',
      graph_id: 'text',
      config: 'jsonb',
      tool_resources: 'jsonb',
      ttl: 'jsonb',
      clear: 'text[]',
      expected_version: 'bigint',
      in_memory: 'boolean',
      archived: 'boolean',
      expected_seq: 'bigint',
      expected_metadata: 'jsonb',
    });
  }

  /**
   * message_add_batch() under the name of Zep's sessions.
   * Arguments: as those of message_add_batch(), with session_id for thread_id.
   * Errors:
   *   P0002: as there
   *   23505: as there
   *   55000: as there
   *   22023: as there
   *   54000: as there
   * Answers: Zep memory.add.
   */
  session_add_messages(args: {
    session_id: string;
    messages: Json;
    ignore_roles?: readonly string[] | null | undefined;
    run_id?: string | null | undefined;
    if_exists?: string | null | undefined;
  }): Promise<Message[]> {
    return this.call('session_add_messages', rows, { ...args, messages: json(args.messages) }, {
      session_id: 'text',
      messages: 'jsonb',
      ignore_roles: 'text[]',
      run_id: 'text',
      if_exists: 'text',
    });
  }

  /**
   * thread_create() under the name of Zep's sessions.
   * Arguments: as those of thread_create(), with session_id for thread_id.
   * Errors:
   *   P0002: as there
   *   23505: as there
   *   23503: as there
   *   22023: as there
   *   54000: as there
   *   22003: as there
   *   42501: as there
   *   55006: as there
   * Answers: Zep memory.add_session.
   */
  session_create(args: {
    session_id?: string | null | undefined;
    user_id?: string | null | undefined;
    assistant_id?: string | null | undefined;
    assistant_pinned?: boolean | null | undefined;
    graph_id?: string | null | undefined;
    title?: string | null | undefined;
    participant_ids?: readonly string[] | null | undefined;
    metadata?: Json | null | undefined;
    config?: Json | null | undefined;
    tool_resources?: Json | null | undefined;
    messages?: Json | null | undefined;
    ttl?: Json | null | undefined;
    if_exists?: string | null | undefined;
    supersteps?: Json | null | undefined;
    created_at?: Date | string | null | undefined;
    in_memory?: boolean | null | undefined;
    archived?: boolean | null | undefined;
    if_deleted?: string | null | undefined;
  } = {}): Promise<Thread> {
    return this.call('session_create', row, args, {
      session_id: 'text',
      user_id: 'text',
      assistant_id: 'text',
      assistant_pinned: 'boolean',
      graph_id: 'text',
      title: 'text',
      participant_ids: 'text[]',
      metadata: 'jsonb',
      config: 'jsonb',
      tool_resources: 'jsonb',
      messages: 'jsonb',
      ttl: 'jsonb',
      if_exists: 'text',
      supersteps: 'jsonb',
      created_at: 'timestamp with time zone',
      in_memory: 'boolean',
      archived: 'boolean',
      if_deleted: 'text',
    });
  }

  /**
   * thread_delete() under the name of Zep's sessions.
   * Arguments: as those of thread_delete(), with session_id for thread_id.
   * Errors:
   *   P0002: as there
   *   55000: as there
   *   22023: as there
   *   42501: as there
   * Answers: Zep memory.delete.
   */
  session_delete(args: {
    session_id: string;
    keep_memory?: boolean | null | undefined;
    expected_seq?: number | bigint | null | undefined;
  }): Promise<DeletionCount[]> {
    return this.call('session_delete', rows, args, {
      session_id: 'text',
      keep_memory: 'boolean',
      expected_seq: 'bigint',
    });
  }

  /**
   * thread_get() under the name of Zep's sessions.
   * Arguments: as those of thread_get(), with session_id for thread_id.
   * Errors:
   *   P0002: as there
   *   22023: as there
   * Answers: Zep memory.get_session.
   */
  session_get(args: {
    session_id: string;
    missing_ok?: false | undefined;
  }): Promise<Thread>;
  session_get(args: {
    session_id: string;
    missing_ok?: boolean | null | undefined;
  }): Promise<Thread | null>;
  session_get(args: {
    session_id: string;
    missing_ok?: boolean | null | undefined;
  }): Promise<Thread | null> {
    return this.call('session_get', maybe, args, {
      session_id: 'text',
      missing_ok: 'boolean',
    });
  }

  /**
   * thread_list() under the name of Zep's sessions.
   * Arguments: as those of thread_list().
   * Errors:
   *   P0002: as there
   *   22023: as there
   * Answers: Zep memory.list_sessions.
   */
  session_list(args: {
    user_id?: string | null | undefined;
    assistant_id?: string | null | undefined;
    participant_id?: string | null | undefined;
    sort_by?: string | null | undefined;
    sort_order?: string | null | undefined;
    max_rows?: number | bigint | null | undefined;
    after_id?: string | null | undefined;
    page_number?: number | bigint | null | undefined;
    page_size?: number | bigint | null | undefined;
    after_position?: string | null | undefined;
    archived?: boolean | null | undefined;
    with_preview?: boolean | null | undefined;
  } = {}): Promise<ListedThread[]> {
    return this.call('session_list', rows, args, {
      user_id: 'text',
      assistant_id: 'text',
      participant_id: 'text',
      sort_by: 'text',
      sort_order: 'text',
      max_rows: 'bigint',
      after_id: 'text',
      page_number: 'bigint',
      page_size: 'bigint',
      after_position: 'text',
      archived: 'boolean',
      with_preview: 'boolean',
    });
  }

  /**
   * message_list() under the name of Zep's sessions.
   * Arguments: as those of message_list(), with session_id for thread_id.
   * Errors:
   *   P0002: as there
   *   22023: as there
   * Answers: Zep memory.get_session_messages.
   */
  session_messages(args: {
    session_id: string;
    max_rows?: number | bigint | null | undefined;
    sort_order?: string | null | undefined;
    after_id?: string | null | undefined;
    after_seq?: number | bigint | null | undefined;
    before_id?: string | null | undefined;
    before_seq?: number | bigint | null | undefined;
    role?: string | null | undefined;
    run_id?: string | null | undefined;
    metadata?: Json | null | undefined;
    include_deleted?: boolean | null | undefined;
    view?: string | null | undefined;
    after_position?: string | null | undefined;
    before_position?: string | null | undefined;
  }): Promise<ListedMessage[]> {
    return this.call('session_messages', rows, args, {
      session_id: 'text',
      max_rows: 'bigint',
      sort_order: 'text',
      after_id: 'text',
      after_seq: 'bigint',
      before_id: 'text',
      before_seq: 'bigint',
      role: 'text',
      run_id: 'text',
      metadata: 'jsonb',
      include_deleted: 'boolean',
      view: 'text',
      after_position: 'text',
      before_position: 'text',
    });
  }

  /**
   * thread_update() under the name of Zep's sessions.
   * Arguments: as those of thread_update(), with session_id for thread_id.
   * Errors:
   *   P0002: as there
   *   23503: as there
   *   TM001: as there
   *   55000: as there
   *   22023: as there
   *   42501: as there
   * Answers: Zep memory.update_session.
   */
  session_update(args: {
    session_id: string;
    metadata?: Json | null | undefined;
    remove_keys?: readonly string[] | null | undefined;
    title?: string | null | undefined;
    user_id?: string | null | undefined;
    assistant_id?: string | null | undefined;
    graph_id?: string | null | undefined;
    config?: Json | null | undefined;
    tool_resources?: Json | null | undefined;
    ttl?: Json | null | undefined;
    clear?: readonly string[] | null | undefined;
    expected_version?: number | bigint | null | undefined;
    in_memory?: boolean | null | undefined;
    archived?: boolean | null | undefined;
    expected_seq?: number | bigint | null | undefined;
    expected_metadata?: Json | null | undefined;
  }): Promise<Thread> {
    return this.call('session_update', row, args, {
      session_id: 'text',
      metadata: 'jsonb',
      remove_keys: 'text[]',
      title: 'text',
      user_id: 'text',
      assistant_id: 'text',
      graph_id: 'text',
      config: 'jsonb',
      tool_resources: 'jsonb',
      ttl: 'jsonb',
      clear: 'text[]',
      expected_version: 'bigint',
      in_memory: 'boolean',
      archived: 'boolean',
      expected_seq: 'bigint',
      expected_metadata: 'jsonb',
    });
  }

  /**
   * The functions by what they are about, each with the first line of its comment; help('thread_copy') shows one.
   * Concepts stand in the order in which they build on each other, functions in that of their names. A function belongs
   * to the concept that its name begins with (user_threads to user, memory_get to memory), but for those that belong to
   * another by what they do: thread_state to state, message_context to context, thread_context to memory. Left out are
   * those that serve the extension itself, and the second form of a function for an id of type uuid.
   * Errors: none.
   */
  help(): Promise<FunctionSummary[]> {
    return this.call('help', rows, {}, {});
  }

  /**
   * One function, to be read in psql: its arguments, one a line with defaults, its result and its comment.
   * \pset format unaligned and \t leave out what psql draws around it.
   * Arguments:
   *   function_name: its name, with or without the schema
   * Errors:
   *   P0002: no such function; names those that come near
   *   22023: bad input
   */
  help_text(args: {
    function_name: string;
  }): Promise<string> {
    return this.call('help', value, args, {
      function_name: 'text',
    });
  }

  /**
   * Where a thread's space goes: rows and bytes by kind and channel.
   * total is the sum of messages (bodies, each once), search (their search vectors), embeddings, chunks,
   * checkpoints, pending_writes (by channel), runs and run_steps (their documents: input, config, usage and the
   * like). Parts of checkpoints are metadata, snapshots and patches; channel_values tells how much of snapshots and
   * patches each channel takes, rows being the checkpoints that store its value or a change of it. Messages in a
   * state are numbers there.
   * Arguments:
   *   thread_id: of the thread
   * Errors:
   *   P0002: no such thread
   *   22023: bad input
   * Answers: LangGraph GET /threads/{id}/storage: total_bytes is total; checkpoints and pending_writes {count,
   *     bytes} are rows and bytes of these kinds, checkpoints without the bytes of channel_values;
   *     channel_values.by_channel {versions, bytes} are rows and bytes.
   */
  thread_storage(args: {
    thread_id: string;
  }): Promise<Storage[]> {
    return this.call('thread_storage', rows, args, {
      thread_id: 'text',
    });
  }

  /**
   * Rows and bytes by kind, of this tenant or of each.
   * Reads every row.
   * Arguments:
   *   all_tenants: of each tenant, instead of this one; for superusers and roles of level operator
   * Errors:
   *   42501: all_tenants from another role, one that is bound to a tenant, or a session narrowed to one user
   */
  threadmem_stats(args: {
    all_tenants?: boolean | null | undefined;
  } = {}): Promise<Statistic[]> {
    return this.call('threadmem_stats', rows, args, {
      all_tenants: 'boolean',
    });
  }

  /**
   * Computes again what the functions keep true, of one thread, a tenant or all; no row means all is well.
   * Counters, order, owners, links and states of checkpoints, values for search. Without a thread it also finds what
   * is left in no thread and, for a session that is neither bound nor narrowed, members of threadmem_runner and
   * threadmem_reader and bindings of roles that do not exist (thread_id is null then). Reads every message and
   * restores every checkpoint; what cannot be restored is a finding, not an error.
   * Arguments:
   *   thread_id: this thread only
   *   all_tenants: every tenant, instead of this one; for superusers and roles of level operator
   * Errors:
   *   P0002: no such thread
   *   22023: bad input or a thread together with all_tenants
   *   42501: all_tenants from another role, one that is bound to a tenant, or a session narrowed to one user
   */
  threadmem_verify(args: {
    thread_id?: string | null | undefined;
    all_tenants?: boolean | null | undefined;
  } = {}): Promise<Finding[]> {
    return this.call('threadmem_verify', rows, args, {
      thread_id: 'text',
      all_tenants: 'boolean',
    });
  }
}
