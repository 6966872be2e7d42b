"""The rows that the functions give. Made from the catalog by clients/generate: not to be edited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ._call import Json


@dataclass(frozen=True, slots=True)
class Assistant:
    """The assistants of this tenant, as assistant_get gives them."""

    assistant_id: str
    graph_id: str | None
    name: str | None
    description: str | None
    model: str | None
    instructions: str | None
    tools: Json
    tool_resources: Json
    config: Json
    metadata: Json
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CheckpointKey:
    """What names a checkpoint."""

    thread_id: str
    checkpoint_ns: str
    checkpoint_id: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The checkpoints of this tenant, as checkpoint_get gives them: checkpoint and pending_writes are restored where
    they are asked for. left_out is of checkpoint_list: what of a row cannot be read. lists and mark are of calls that
    ask for them: lists of messages by their revisions, and what to give as held the next time.
    """

    thread_id: str
    checkpoint_ns: str
    checkpoint_id: str
    parent_checkpoint_id: str | None
    checkpoint: Json
    metadata: Json
    pending_writes: Json
    run_id: str | None
    created_at: datetime
    left_out: list[str] | None
    lists: Json
    mark: str | None


@dataclass(frozen=True, slots=True)
class ClaimedEpisode:
    """An episode that facts are to be drawn from. neighbours are the messages before it in its thread, also those that are
    no memory; entities those that are known, the ones that it names first, fifty at most; ontology what is declared
    (memory_get_ontology()); user_name and summary those of the user.
    """

    user_id: str
    job_id: str
    attempts: int
    lease_until: datetime
    thread_id: str | None
    message_id: str | None
    episode_id: str | None
    source: str
    role: str | None
    name: str | None
    sender_id: str | None
    content: str
    event_at: datetime
    created_at: datetime
    metadata: Json
    neighbours: Json
    entities: Json
    ontology: Json
    user_name: str
    summary: str | None


@dataclass(frozen=True, slots=True)
class ContextMessage:
    """One message of a context. content is its words, body the whole of it in its writer's shape. The last three are
    the same on every row: the tokens and messages of all rows, and the messages of the thread or its state that are
    not among them.
    """

    message_id: str
    seq: int
    role: str
    name: str | None
    content: str | None
    body: Json
    tool_call_id: str | None
    tokens: int
    used_tokens: int
    used_messages: int
    dropped_messages: int


@dataclass(frozen=True, slots=True)
class ContextTemplate:
    """The templates of this tenant, as context_template_get gives them."""

    template_id: str
    template: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DeletionCount:
    """How many rows of a kind a deletion took away; kept: of how many of them, messages, the text stays in a user's
    memory.
    """

    kind: str
    deleted: int
    kept: int


@dataclass(frozen=True, slots=True)
class Entity:
    """What facts are about. Of every user and group one is itself (is_user): its id is the user's, its name and summary
    are those that user_update() sets.
    """

    user_id: str
    entity_id: str
    name: str
    label: str
    summary: str | None
    attributes: Json
    metadata: Json
    is_user: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class EntityVersion:
    """What an entity said from updated_at until replaced_at, null for what it says now; rev counts from 1."""

    user_id: str
    entity_id: str
    name: str
    label: str
    summary: str | None
    attributes: Json
    metadata: Json
    is_user: bool
    created_at: datetime
    updated_at: datetime
    rev: int
    replaced_at: datetime | None


@dataclass(frozen=True, slots=True)
class EpisodeVersion:
    """What added data said until replaced_at, null for what it says now; rev counts from 1."""

    user_id: str
    episode_id: str | None
    rev: int
    content: str
    event_at: datetime
    source_description: str | None
    metadata: Json
    replaced_at: datetime | None


@dataclass(frozen=True, slots=True)
class Episode:
    """Everything that is remembered: the live messages of users' threads and what users said in threads of others (but
    what was kept out of memory), and what memory keeps beside. episode_id is null for messages, which thread_id and
    message_id name.
    """

    user_id: str
    episode_id: str | None
    source: str
    thread_id: str | None
    message_id: str | None
    seq: int | None
    role: str | None
    name: str | None
    sender_id: str | None
    event_at: datetime
    created_at: datetime
    source_description: str | None
    metadata: Json
    content: str
    embedding: list[float] | None


@dataclass(frozen=True, slots=True)
class ExtractionStatu:
    """How far extraction is: status is claimed, pending, failed, done, or none where there is nothing for it, the first of
    these that is true; beside it how many episodes are each, and attempts and error of the last.
    """

    status: str
    pending: int
    claimed: int
    failed: int
    attempts: int | None
    error: str | None


@dataclass(frozen=True, slots=True)
class FactVersion:
    """What a fact said from updated_at until replaced_at, null for what it says now; rev counts from 1."""

    user_id: str
    fact_id: str
    source_id: str
    source: str | None
    name: str
    target_id: str
    target: str | None
    fact: str
    valid_at: datetime | None
    invalid_at: datetime | None
    created_at: datetime
    expired_at: datetime | None
    updated_at: datetime
    attributes: Json
    metadata: Json
    extractor: str
    confidence: float | None
    rev: int
    replaced_at: datetime | None


@dataclass(frozen=True, slots=True)
class Fact:
    """Facts: that the entity source is in the relation name to the entity target, said in fact, in the world's time from
    valid_at (null: unknown) until before invalid_at (null: open); memory knows of it since created_at, and since
    expired_at that it is over.
    """

    user_id: str
    fact_id: str
    source_id: str
    source: str | None
    name: str
    target_id: str
    target: str | None
    fact: str
    valid_at: datetime | None
    invalid_at: datetime | None
    created_at: datetime
    expired_at: datetime | None
    updated_at: datetime
    attributes: Json
    metadata: Json
    extractor: str
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, with a thread of a tenant or (null) with a role."""

    thread_id: str | None
    problem: str
    tenant_id: str | None


@dataclass(frozen=True, slots=True)
class FoundMessage:
    """One message of a search; rank is ts_rank's, higher is better; position is where the next page goes on
    (after_position), has_more whether there is one, on every row.
    """

    thread_id: str
    message_id: str
    seq: int
    rev: int
    role: str
    origin_role: str | None
    name: str | None
    content: Json
    text: str | None
    sender_id: str | None
    user_id: str | None
    assistant_id: str | None
    run_id: str | None
    tool_call_id: str | None
    status: str
    state: str
    metadata: Json
    body: Json
    event_at: datetime
    created_at: datetime
    id_from: str
    edited_at: datetime | None
    rank: float
    position: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class FoundThread:
    """One thread as thread_search finds it: the columns of threadmem.threads, what it was asked for of the state,
    left_out (what of that is too large for jsonb, or damaged), position, where the next page goes on (after_position),
    and has_more, whether there is one, on every row.
    """

    thread_id: str
    user_id: str | None
    assistant_id: str | None
    assistant_pinned: bool
    graph_id: str | None
    title: str | None
    status: str
    metadata: Json
    config: Json
    tool_resources: Json
    version: int
    message_count: int
    last_message_at: datetime | None
    state_updated_at: datetime | None
    expires_at: datetime | None
    ttl_strategy: str | None
    ttl_minutes: int | None
    ttl_refresh: bool
    in_memory: bool
    archived: bool
    forked_from: str | None
    created_at: datetime
    updated_at: datetime
    values: Json
    interrupts: Json
    extracted: Json
    left_out: list[str] | None
    preview: str | None
    snippet: str | None
    position: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class FunctionSummary:
    """One function as help() lists it: what it belongs to, its name, its arguments in brief (in brackets those with a
    default), the first line of its comment.
    """

    concept: str
    name: str
    arguments: str
    summary: str


@dataclass(frozen=True, slots=True)
class Graph:
    """The graphs of this tenant, as graph_get gives them."""

    graph_id: str
    definition: Json
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ListedAssistant:
    """One assistant of a list; position is where the next page goes on (after_position), has_more whether there is one,
    on every row.
    """

    assistant_id: str
    graph_id: str | None
    name: str | None
    description: str | None
    model: str | None
    instructions: str | None
    tools: Json
    tool_resources: Json
    config: Json
    metadata: Json
    version: int
    created_at: datetime
    updated_at: datetime
    position: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class ListedCheckpoint:
    """One checkpoint of a list; position is where the next page goes on (after_position), has_more whether there is one,
    on every row.
    """

    thread_id: str
    checkpoint_ns: str
    checkpoint_id: str
    parent_checkpoint_id: str | None
    checkpoint: Json
    metadata: Json
    pending_writes: Json
    run_id: str | None
    created_at: datetime
    left_out: list[str] | None
    lists: Json
    mark: str | None
    position: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class ListedChunk:
    """One piece of a streamed message; position is where the next page goes on (after_position), has_more whether there
    is one, on every row.
    """

    thread_id: str
    message_id: str
    chunk_no: int
    delta: str
    position: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class ListedContextTemplate:
    """One template of a list; position is where the next page goes on (after_position), has_more whether there is one, on
    every row.
    """

    template_id: str
    template: str
    created_at: datetime
    updated_at: datetime
    position: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class ListedEntity:
    """One entity of a list; position is where the next page goes on (after_position), has_more whether there is one, on
    every row.
    """

    user_id: str
    entity_id: str
    name: str
    label: str
    summary: str | None
    attributes: Json
    metadata: Json
    is_user: bool
    created_at: datetime
    updated_at: datetime
    position: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class ListedEpisode:
    """One episode of a list; position is where the next page goes on (after_position), has_more whether there is one, on
    every row.
    """

    user_id: str
    episode_id: str | None
    source: str
    thread_id: str | None
    message_id: str | None
    seq: int | None
    role: str | None
    name: str | None
    sender_id: str | None
    event_at: datetime
    created_at: datetime
    source_description: str | None
    metadata: Json
    content: str
    embedding: list[float] | None
    position: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class ListedFact:
    """One fact of a list; position is where the next page goes on (after_position), has_more whether there is one, on
    every row.
    """

    user_id: str
    fact_id: str
    source_id: str
    source: str | None
    name: str
    target_id: str
    target: str | None
    fact: str
    valid_at: datetime | None
    invalid_at: datetime | None
    created_at: datetime
    expired_at: datetime | None
    updated_at: datetime
    attributes: Json
    metadata: Json
    extractor: str
    confidence: float | None
    position: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class ListedGraph:
    """One graph of a list; position is where the next page goes on (after_position), has_more whether there is one, on
    every row.
    """

    graph_id: str
    definition: Json
    created_at: datetime
    updated_at: datetime
    position: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class ListedMembership:
    """One membership of a list; position is where the next page goes on (after_position), has_more whether there is one,
    on every row.
    """

    group_id: str
    user_id: str | None
    assistant_id: str | None
    joined_at: datetime
    position: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class ListedMessage:
    """One message of a page; position is where the next page goes on (after_position), has_more whether there is one, on
    every row.
    """

    thread_id: str
    message_id: str
    seq: int
    rev: int
    role: str
    origin_role: str | None
    name: str | None
    content: Json
    text: str | None
    sender_id: str | None
    user_id: str | None
    assistant_id: str | None
    run_id: str | None
    tool_call_id: str | None
    status: str
    state: str
    metadata: Json
    body: Json
    event_at: datetime
    created_at: datetime
    id_from: str
    edited_at: datetime | None
    position: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class ListedNamespace:
    """One namespace of the store; position is where the next page goes on (after_position), has_more, the same on every
    row, tells whether another page follows.
    """

    namespace: list[str]
    position: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class ListedRun:
    """One run of a list; position is where the next page goes on (after_position), has_more whether there is one, on
    every row.
    """

    thread_id: str
    run_id: str
    seq: int
    status: str
    strategy: str
    assistant_id: str | None
    graph_id: str | None
    input: Json
    kwargs: Json
    metadata: Json
    config: Json
    required_action: Json
    result: Json
    error: Json
    usage: Json
    incomplete_reason: str | None
    worker: str | None
    lease_until: datetime | None
    expires_at: datetime
    created_at: datetime
    due_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    updated_at: datetime
    position: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class ListedRunStep:
    """One step of a list; position is where the next page goes on (after_position), has_more whether there is one, on
    every row.
    """

    thread_id: str
    run_id: str
    step_no: int
    type: str
    status: str
    name: str | None
    message_id: str | None
    tool_call_id: str | None
    details: Json
    metadata: Json
    error: Json
    usage: Json
    created_at: datetime
    completed_at: datetime | None
    position: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class ListedState:
    """One state of a history of a list; position is where the next page goes on (after_position), has_more whether there
    is one, on every row.
    """

    values: Json
    next: list[str]
    tasks: Json
    metadata: Json
    created_at: datetime | None
    checkpoint: Json
    parent_checkpoint: Json
    interrupts: Json
    checkpoint_id: str | None
    parent_checkpoint_id: str | None
    position: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class ListedStoreItem:
    """One item of a page; score tells how well it answers, higher is better, and is null where nothing was asked for;
    position is where the next page goes on (after_position), has_more, the same on every row, tells whether another
    page follows.
    """

    namespace: list[str]
    key: str
    value: Json
    user_id: str | None
    ttl_minutes: float | None
    expires_at: datetime | None
    created_at: datetime
    updated_at: datetime
    score: float | None
    position: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class ListedThread:
    """One thread of a list; preview, where it was asked for, is how the last thing said in it begins; position is where the
    next page goes on (after_position), has_more whether there is one, on every row.
    """

    thread_id: str
    user_id: str | None
    assistant_id: str | None
    assistant_pinned: bool
    graph_id: str | None
    title: str | None
    status: str
    metadata: Json
    config: Json
    tool_resources: Json
    version: int
    message_count: int
    last_message_at: datetime | None
    state_updated_at: datetime | None
    expires_at: datetime | None
    ttl_strategy: str | None
    ttl_minutes: int | None
    ttl_refresh: bool
    in_memory: bool
    archived: bool
    forked_from: str | None
    created_at: datetime
    updated_at: datetime
    preview: str | None
    position: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class ListedUser:
    """One user or group of a list; position is where the next page goes on (after_position), has_more whether there is
    one, on every row.
    """

    user_id: str
    kind: str
    email: str | None
    first_name: str | None
    last_name: str | None
    time_zone: str | None
    summary: str | None
    metadata: Json
    created_at: datetime
    updated_at: datetime
    position: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class Membership:
    """Which user or assistant belongs to which group."""

    group_id: str
    user_id: str | None
    assistant_id: str | None
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class MemoryBlockVersion:
    """What a block of working memory said from updated_at until replaced_at, null for what it says now."""

    user_id: str
    thread_id: str
    label: str
    value: str
    description: str | None
    max_characters: int
    version: int
    created_at: datetime
    updated_at: datetime
    replaced_at: datetime | None


@dataclass(frozen=True, slots=True)
class MemoryBlock:
    """Blocks of working memory, of a user (user_id) or of a thread (thread_id), as memory_block_get gives them."""

    user_id: str
    thread_id: str
    label: str
    value: str
    description: str | None
    max_characters: int
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class MemoryHit:
    """Something found in memory; kind is episode, fact or entity, and what does not apply to it is null. content is what
    was said, the fact's sentence or the entity's summary. Of an episode sender_id is who said it, where the message
    tells, and name its name: the message's, else the user's, else sender_id. Of a fact name is the relation, source_id and
    target_id the entities that it joins. score orders one result and means nothing beside another's;
    user_id is whose memory it is in.
    """

    kind: str
    source: str | None
    episode_id: str | None
    thread_id: str | None
    message_id: str | None
    seq: int | None
    role: str | None
    name: str | None
    sender_id: str | None
    content: str | None
    event_at: datetime | None
    created_at: datetime
    metadata: Json
    score: float
    fact_id: str | None
    source_id: str | None
    target_id: str | None
    valid_at: datetime | None
    invalid_at: datetime | None
    expired_at: datetime | None
    entity_id: str | None
    label: str | None
    attributes: Json
    user_id: str


@dataclass(frozen=True, slots=True)
class MemoryStatistic:
    """How much is remembered of one kind, in rows and in bytes as they are stored, and of when the first and the last is."""

    kind: str
    rows: int
    bytes: int
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Message:
    """Every revision of the messages of this tenant that the session sees, as message_get gives them; state live is
    what message_list shows.
    """

    thread_id: str
    message_id: str
    seq: int
    rev: int
    role: str
    origin_role: str | None
    name: str | None
    content: Json
    text: str | None
    sender_id: str | None
    user_id: str | None
    assistant_id: str | None
    run_id: str | None
    tool_call_id: str | None
    status: str
    state: str
    metadata: Json
    body: Json
    event_at: datetime
    created_at: datetime
    id_from: str
    edited_at: datetime | None


@dataclass(frozen=True, slots=True)
class Participant:
    """Who takes part in the threads of this tenant beside their owners."""

    thread_id: str
    kind: str
    participant_id: str
    role: str
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class RewoundThread:
    """What thread_rewind() did. message_id is the new wording's, else the message's; checkpoint_id the latest now;
    left_checkpoint_id the end of the branch that was left, null where none was.
    """

    thread_id: str
    message_id: str
    checkpoint_id: str | None
    left_checkpoint_id: str | None


@dataclass(frozen=True, slots=True)
class RoleAccess:
    """What a role may do and for whom: level read, write, admin, operator or null; a tenant it is bound to; whether it was set
    free to choose.
    """

    role_name: str
    level: str | None
    joins: bool
    tenant_id: str | None
    any_tenant: bool


@dataclass(frozen=True, slots=True)
class Run:
    """The runs of this tenant that the session sees, as run_get gives them: status is what holds now."""

    thread_id: str
    run_id: str
    seq: int
    status: str
    strategy: str
    assistant_id: str | None
    graph_id: str | None
    input: Json
    kwargs: Json
    metadata: Json
    config: Json
    required_action: Json
    result: Json
    error: Json
    usage: Json
    incomplete_reason: str | None
    worker: str | None
    lease_until: datetime | None
    expires_at: datetime
    created_at: datetime
    due_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class SiblingMessage:
    """One of the alternatives in a place of a thread. checkpoint_id is the newest end of a branch that has it, null
    where there is no checkpoint yet; is_current tells the one that the log shows.
    """

    thread_id: str
    message_id: str
    seq: int
    rev: int
    role: str
    origin_role: str | None
    name: str | None
    content: Json
    text: str | None
    sender_id: str | None
    user_id: str | None
    assistant_id: str | None
    run_id: str | None
    tool_call_id: str | None
    status: str
    state: str
    metadata: Json
    body: Json
    event_at: datetime
    created_at: datetime
    id_from: str
    edited_at: datetime | None
    checkpoint_id: str | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class StateSnapshot:
    """The state of a thread at a checkpoint, in LangGraph's shape; to_jsonb() gives the JSON. checkpoint is null, and
    values are empty, where there is none; checkpoint_id and parent_checkpoint_id are those of checkpoint and
    parent_checkpoint.
    """

    values: Json
    next: list[str]
    tasks: Json
    metadata: Json
    created_at: datetime | None
    checkpoint: Json
    parent_checkpoint: Json
    interrupts: Json
    checkpoint_id: str | None
    parent_checkpoint_id: str | None


@dataclass(frozen=True, slots=True)
class Statistic:
    """How many rows of a kind a tenant has, and their size in bytes without indexes and dead rows."""

    kind: str
    rows: int
    bytes: int
    tenant_id: str


@dataclass(frozen=True, slots=True)
class Step:
    """The steps of the runs of this tenant that the session sees, as run_steps gives them."""

    thread_id: str
    run_id: str
    step_no: int
    type: str
    status: str
    name: str | None
    message_id: str | None
    tool_call_id: str | None
    details: Json
    metadata: Json
    error: Json
    usage: Json
    created_at: datetime
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Storage:
    """How much of a kind a thread has: rows, and bytes as they are stored, without indexes, row headers and dead rows."""

    kind: str
    channel: str | None
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class StoreItem:
    """The items of the store of this tenant that have not expired, as store_get gives them."""

    namespace: list[str]
    key: str
    value: Json
    user_id: str | None
    ttl_minutes: float | None
    expires_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """What names a checkpoint that was put; and, for who gave lists, the revisions in its lists of messages and what to give
    as held.
    """

    thread_id: str
    checkpoint_ns: str
    checkpoint_id: str
    lists: Json
    mark: str


@dataclass(frozen=True, slots=True)
class TenantSweep:
    """What a call did in one tenant: how many; since when the first had waited; the SQLSTATE of the error that took the
    tenant's part back, if one did (the server's log has its message). A count of 0 without an error: the call had no
    rows left for this tenant.
    """

    tenant_id: str
    count: int
    due_since: datetime | None
    sqlstate: str | None


@dataclass(frozen=True, slots=True)
class Thread:
    """The threads of this tenant that the session sees, as thread_get gives them: status is what holds now."""

    thread_id: str
    user_id: str | None
    assistant_id: str | None
    assistant_pinned: bool
    graph_id: str | None
    title: str | None
    status: str
    metadata: Json
    config: Json
    tool_resources: Json
    version: int
    message_count: int
    last_message_at: datetime | None
    state_updated_at: datetime | None
    expires_at: datetime | None
    ttl_strategy: str | None
    ttl_minutes: int | None
    ttl_refresh: bool
    in_memory: bool
    archived: bool
    forked_from: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class User:
    """The users of this tenant, as user_get gives them."""

    user_id: str
    kind: str
    email: str | None
    first_name: str | None
    last_name: str | None
    time_zone: str | None
    summary: str | None
    metadata: Json
    created_at: datetime
    updated_at: datetime
