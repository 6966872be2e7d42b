"""The functions of the extension, one method each, for an event loop. Made from the catalog by clients/generate: not to be edited."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, overload

from ._call import DEFAULT, Argument, Id, Json, Read, T, json, maybe, optional, row, rows, value, values
from .rows import (
    Assistant,
    Checkpoint,
    CheckpointKey,
    ClaimedEpisode,
    ContextMessage,
    ContextTemplate,
    DeletionCount,
    Entity,
    EntityVersion,
    Episode,
    EpisodeVersion,
    ExtractionStatu,
    Fact,
    FactVersion,
    Finding,
    FoundMessage,
    FoundThread,
    FunctionSummary,
    Graph,
    ListedAssistant,
    ListedCheckpoint,
    ListedChunk,
    ListedContextTemplate,
    ListedEntity,
    ListedEpisode,
    ListedFact,
    ListedGraph,
    ListedMembership,
    ListedMessage,
    ListedNamespace,
    ListedRun,
    ListedRunStep,
    ListedState,
    ListedStoreItem,
    ListedThread,
    ListedUser,
    Membership,
    MemoryBlock,
    MemoryBlockVersion,
    MemoryHit,
    MemoryStatistic,
    Message,
    Participant,
    RewoundThread,
    RoleAccess,
    Run,
    SiblingMessage,
    StateSnapshot,
    Statistic,
    Step,
    Storage,
    StoreItem,
    StoredCheckpoint,
    TenantSweep,
    Thread,
    User,
)


class AsyncFunctions(ABC):
    @abstractmethod
    async def _call(self, name: str, read: Read[T], *arguments: Argument) -> T: ...

    async def json_accept(self, document: str) -> Json:
        """Reads JSON text that may hold what jsonb cannot: \\u0000 and halves of surrogate pairs.
        Models and tools write them. The setting threadmem.bad_unicode decides: error (default), or replace, which puts
        U+FFFD in their place (needs an encoding that has it, as UTF8).
        Arguments:
          document: the JSON text
        Errors:
          22023: such an escape; names the byte of the first, counted from 1
          22P02: the text is no JSON; jsonb's own error
        """
        return await self._call("json_accept", value(Any), ("document", "text", document))

    async def json_bytes(self, document: Json) -> int:
        """The bytes of a document in jsonb's own form, uncompressed: what limits speak of.
        One that is stored is not read for it. pg_column_size() tells what it takes in storage.
        Arguments:
          document: any JSON
        Errors: none.
        """
        return await self._call("json_bytes", value(int), ("document", "jsonb", json(document)))

    async def json_diff(self, old: Json, new: Json) -> Json:
        """The JSON Patch that makes the new document of the old one, to the digit: 1.10 is not 1.1.
        It has the operations add, remove and replace only, is [] for equal documents, always the same for the same two,
        and never larger than the one operation that replaces the whole document. Elements of arrays that stay are found
        as long as no more than 1,000 others come and go; beyond, elements are compared place by place. Useful alone:
        for audit trails, history and synchronisation.
        Arguments:
          old, new: any JSON
        Errors:
          54001: documents nested too deep
        """
        return await self._call(
            "json_diff",
            value(Any),
            ("old", "jsonb", json(old)),
            ("new", "jsonb", json(new)),
        )

    async def json_patch_apply(self, doc: Json, patch: Json) -> Json:
        """The document changed by a JSON Patch (RFC 6902), all of it or an error.
        What the patch does not name stays to the digit. A test compares as RFC 6902 section 4.6 says: numbers by value
        (1.10 is 1.1), objects in any order. The whole document can be replaced, not removed. Useful alone.
        Arguments:
          doc: any JSON
          patch: operations, applied in their order
        Errors:
          22023: the operation, counted from 1, its pointer and what is wrong there
          54000: jsonb cannot hold the result
        """
        return await self._call(
            "json_patch_apply",
            value(Any),
            ("doc", "jsonb", json(doc)),
            ("patch", "jsonb", json(patch)),
        )

    async def json_patch_test(self, doc: Json, patch: Json) -> bool:
        """Whether json_patch_apply() would succeed, its "test" operations among the rest.
        Useful alone: as a guard in WHERE.
        Arguments:
          doc: any JSON
          patch: a JSON Patch (RFC 6902); what is none is refused
        Errors:
          22023: what is no JSON Patch
          54000: copies on the way outgrow jsonb
        """
        return await self._call(
            "json_patch_test",
            value(bool),
            ("doc", "jsonb", json(doc)),
            ("patch", "jsonb", json(patch)),
        )

    async def json_remove_keys(self, document: Json, remove_keys: Sequence[str]) -> Json:
        """An object without these keys, as the operator -, for lists of any length.
        Its time grows with the number of keys and not with its square. Useful alone.
        Arguments:
          document: a JSON object
          remove_keys: keys, of which any may be missing; nulls are ignored
        Errors:
          22023: what is no object
        """
        return await self._call(
            "json_remove_keys",
            value(Any),
            ("document", "jsonb", json(document)),
            ("remove_keys", "text[]", remove_keys),
        )

    async def channel_default(self, reducer: str) -> Json:
        """What a channel holds before its first update, unless its graph says otherwise.
        [] for add_messages, append and union, 0 for add, {} for merge. Null for last_value and opaque, whose channel is absent
        until then.
        Arguments:
          reducer: as in channel_reduce()
        Errors:
          22023: an unknown reducer
        Answers: the default factories of LangGraph's reducers.
        """
        return await self._call("channel_default", value(Any), ("reducer", "text", reducer))

    async def channel_reduce(self, reducer: str, current: Json = DEFAULT, update: Json = DEFAULT) -> Json:
        """The value of a channel after one update, as LangGraph's reducers make it; numbers keep every digit.
        In the update a string is a human's message, [role, content] and {"role", "content", ...} become {"type",
        "content", ...} with human for user, ai for assistant, system for developer; objects with a type of LangChain's
        or its constructor form ({"lc", "id": [..., class], "kwargs"}), and all objects of current, stay as they are;
        messages without id get one (thus VOLATILE). To every reducer but last_value an update {"__overwrite__": value}
        or {"type": "__overwrite__", "value": value} gives that value.
        Arguments:
          reducer: last_value (the update), append (an array grows by the elements of the update, or by an update that
            is no array), add (numbers are summed, strings and arrays joined; both of one type), merge (the keys of one
            object set in another, null stored as null, nested objects replaced), union (as append, without elements
            that are there already, byte for byte: 1.10 is not 1.1), add_messages (the same id is replaced in place, a
            new id appended, {"type": "remove", "id"} removed; with id __remove_all__ the result is what follows the
            last of these), opaque (what only the application's code knows: nothing but an Overwrite)
          current: the value before, NULL when the channel has none yet: channel_default(reducer) then
          update: required; the JSON null is a value. For add_messages one message or an array of them
        Errors:
          22023: an unknown reducer, values that the reducer cannot take, what is no message, removal of an id that is
            not there
          22003: a sum out of range
        Answers: LangGraph LastValue, BinaryOperatorAggregate, add_messages (messagesStateReducer), Overwrite.
        """
        return await self._call(
            "channel_reduce",
            value(Any),
            ("reducer", "text", reducer),
            ("current", "jsonb", current),
            ("update", "jsonb", update),
        )

    async def channel_superstep(
        self,
        channel: str,
        reducer: str,
        current: Json = DEFAULT,
        updates: Json = DEFAULT,
    ) -> Json:
        """The value of a channel after all updates that it gets in one superstep, in their order.
        The one Overwrite that a step may have wins over the other updates. Null when last_value has no value yet and
        gets none.
        Arguments:
          channel: its name, for errors
          reducer, current: as in channel_reduce()
          updates: an array of updates; none, or null, gives current, or the default
        Errors:
          22023: two updates of last_value, two Overwrites, and what channel_reduce() refuses; names the channel
          22003: a sum out of range
        Answers: LangGraph apply_writes, for one channel.
        """
        return await self._call(
            "channel_superstep",
            value(Any),
            ("channel", "text", channel),
            ("reducer", "text", reducer),
            ("current", "jsonb", current),
            ("updates", "jsonb", updates),
        )

    async def access_list(self) -> list[RoleAccess]:
        """Every role that has access by a grant of its own, or a binding, in the order of names.
        Superusers are left out. For administrators: it names roles and tenants.
        Errors: none of its own.
        """
        return await self._call("access_list", rows(RoleAccess))

    async def current_tenant(self) -> str:
        """The tenant of this session; '' is the default tenant.
        It is the one that the session's roles are bound to (tenant_bind), else the setting threadmem.tenant, which
        counts for nothing in a session whose role is bound. Asked are session_user, the role of SET ROLE and the user
        at entry, each with the roles whose privileges it inherits.
        Errors:
          42501: two of the roles are bound to different tenants, or none is in a database that has bindings, or
            threadmem.require_tenant is on and no tenant is set
          22023: the setting is over 63 bytes or has control characters
        """
        return await self._call("current_tenant", value(str))

    async def current_user_id(self) -> str | None:
        """The user this session is narrowed to by the setting threadmem.user_id; null when it is not.
        Errors:
          22023: the setting is no id
        """
        return await self._call("current_user_id", optional(str))

    async def grant_access(
        self,
        role_name: str,
        level: str | None = DEFAULT,
        joins: bool | None = DEFAULT,
    ) -> bool:
        """Gives a role one level of access and takes what it had above.
        Nobody gets a right on a table. Repeat it after an upgrade.
        Arguments:
          role_name: the role, which exists: CREATE ROLE app LOGIN
          level: read (reading functions), write (all functions of an application), admin (write, the functions of
            administration, and the right to pass grants on) or operator (what is about all tenants, and shows nobody's
            words: tenant_list(), threadmem_stats(), threadmem_verify() and the functions tenants_...; for a role that is
            bound to no tenant)
          joins: also the views (threadmem.threads, messages ...) for joins in SQL of one's own, which a role that may
            see every tenant, or is trusted with its neighbours' ids and times, can have: the planner's estimates tell
            of them
        Errors:
          22023: an unknown role or level, or joins for an operator
          42501: who may not pass it on (operators are a superuser's to make), or the role has more from another role, who
            alone takes it back
        """
        return await self._call(
            "grant_access",
            value(bool),
            ("role_name", "text", role_name),
            ("level", "text", level),
            ("joins", "boolean", joins),
        )

    async def revoke_access(self, role_name: str) -> bool:
        """Takes from a role all that grant_access() gave it, and from whom it passed that on to.
        Its binding stays: see tenant_bind().
        Arguments:
          role_name: the role
        Errors:
          22023: an unknown role
          42501: who may not, or another role gave it
        """
        return await self._call("revoke_access", value(bool), ("role_name", "text", role_name))

    async def tenant_bind(
        self,
        role_name: str,
        tenant_id: Id | None = DEFAULT,
        any_tenant: bool | None = DEFAULT,
    ) -> bool:
        """Binds a role, and all that inherit its privileges, to a tenant, whatever they set later.
        In a session of a bound role the setting threadmem.tenant is ignored. With neither tenant_id nor any_tenant the
        role is unbound, also one that is gone. Takes effect in open sessions at their next statement. Superusers and
        BYPASSRLS roles of level admin only.
        Arguments:
          role_name: the role, by its name
          tenant_id: at most 63 bytes
          any_tenant: sets the role (it alone, by name) free to choose its tenant by threadmem.tenant; that has to be
            said for it once a database has any binding, since an unbound role is refused then
        Errors:
          42501: who may not
          22023: an unknown role, a tenant over 63 bytes, or both a tenant and any_tenant
        """
        return await self._call(
            "tenant_bind",
            value(bool),
            ("role_name", "text", role_name),
            ("tenant_id", "text", tenant_id),
            ("any_tenant", "boolean", any_tenant),
        )

    async def tenant_delete(self, tenant_id: Id, max_rows: int | None = DEFAULT) -> list[DeletionCount]:
        """Takes a tenant away, in parts: call it, a transaction each, until it gives no row.
        Its threads go first, each with all inside, and when no more are left its other rows. Tells how much of each
        kind went. In the end threadmem_verify() and tenant_list() find nothing of the tenant. Whoever writes for it
        meanwhile should have lost its access before. Roles stay bound to it (tenant_bind takes that away), so that none
        of them is free suddenly.
        Arguments:
          tenant_id: of the tenant, '' for the default one
          max_rows: threads, then other rows, in one call; 0 to 1,000
        Errors:
          42501: a role that is bound to another tenant, or a session narrowed to one user
          22023: bad input
        """
        return await self._call(
            "tenant_delete",
            rows(DeletionCount),
            ("tenant_id", "text", tenant_id),
            ("max_rows", "bigint", max_rows),
        )

    async def tenant_export(self, tenant_id: Id) -> list[Json]:
        """All that is stored of a tenant, one JSON object a row with its kind as object, in one snapshot.
        Assistants, graphs, context templates, and what user_export() gives of a user, of all users and of the threads
        without one. The rows wait in a file of the server until they are fetched.
        Arguments:
          tenant_id: of the tenant, '' for the default one
        Errors:
          42501: a role that is bound to another tenant, or a session narrowed to one user
          22023: bad input
        """
        return await self._call("tenant_export", values(Any), ("tenant_id", "text", tenant_id))

    async def tenant_list(self) -> list[str]:
        """The tenants that have a row in any table, in the order of their names by bytes.
        Costs a probe of every table for each.
        Errors:
          42501: a role that is bound to a tenant, or a session narrowed to one user
        """
        return await self._call("tenant_list", values(str))

    async def tenants_expire_runs(self, max_rows: int | None = DEFAULT) -> list[TenantSweep]:
        """Writes down in all tenants what time has ended, as run_expire() in one.
        Shares max_rows out among tenants as tenants_purge_expired() does; count is threads. Nothing needs it: what is over
        reads as expired. For superusers and roles of level operator.
        Arguments:
          max_rows: threads at most, of all tenants together, 0 to 1,000
        Errors:
          22023: bad max_rows
          42501: no operator, a role that is bound to a tenant, or a session narrowed to one user
        """
        return await self._call(
            "tenants_expire_runs",
            rows(TenantSweep),
            ("max_rows", "bigint", max_rows),
        )

    async def tenants_prune_threads(
        self,
        untouched_since: datetime,
        strategy: str | None = DEFAULT,
        keep: int | None = DEFAULT,
        max_rows: int | None = DEFAULT,
    ) -> list[TenantSweep]:
        """Thins out, or deletes, the threads of all tenants that nobody has touched for long.
        Shares max_rows out among tenants as tenants_purge_expired() does; count is threads that something went of. Threads
        that a run keeps busy, or another session writes to, are left. For superusers and roles of level operator.
        Arguments:
          untouched_since: neither thread nor state was changed since then: now() - interval '90 days'
          strategy: keep_latest takes the checkpoints of each namespace that are not its newest, as checkpoint_prune() does;
            delete takes the thread, and what memory has of it, as thread_prune() does
          keep: with keep_latest, how many checkpoints of a namespace stay, from 1
          max_rows: threads at most, of all tenants together, 0 to 1,000
        Errors:
          22023: bad input, a time in the future among it
          42501: no operator, a role that is bound to a tenant, or a session narrowed to one user
        """
        return await self._call(
            "tenants_prune_threads",
            rows(TenantSweep),
            ("untouched_since", "timestamp with time zone", untouched_since),
            ("strategy", "text", strategy),
            ("keep", "bigint", keep),
            ("max_rows", "bigint", max_rows),
        )

    async def tenants_purge_expired(self, max_rows: int | None = DEFAULT) -> list[TenantSweep]:
        """Carries expiry out in all tenants, as thread_purge_expired() in one; call it from cron.
        Gives a row for each tenant that has something to do: count is threads, and items of the store. Tenants whose
        threads or items are longest over come first, each with its share of max_rows, and what one does not need the
        others have. An error takes back the part of its tenant alone. For superusers and roles of level operator.
        Arguments:
          max_rows: threads and items at most, of all tenants together, 0 to 1,000; 0 changes nothing and tells where something waits
        Errors:
          22023: bad max_rows
          42501: no operator, a role that is bound to a tenant, or a session narrowed to one user
        """
        return await self._call(
            "tenants_purge_expired",
            rows(TenantSweep),
            ("max_rows", "bigint", max_rows),
        )

    async def tenants_stuck_runs(self) -> list[TenantSweep]:
        """The tenants that have runs whose time ran out, which the view stuck_runs shows of one: workers that died.
        count is the runs, due_since when the first of them was over. tenants_expire_runs() takes them off this list. For
        superusers and roles of level operator.
        Errors:
          42501: no operator, a role that is bound to a tenant, or a session narrowed to one user
        """
        return await self._call("tenants_stuck_runs", rows(TenantSweep))

    async def group_add_member(
        self,
        group_id: Id,
        user_id: Id | None = DEFAULT,
        assistant_id: Id | None = DEFAULT,
    ) -> Membership:
        """Lets a user or an assistant into a group, a user of kind group; who belongs to it already stays.
        What the group remembers stands then in thread_context() of the member's threads, or in that of all threads with
        the assistant, beside what their user remembers; memory_search() has it with include_groups. A session narrowed to a
        member may read the group's row and what was added to its memory, and of the group's threads those that it takes
        part in; what an assistant's groups remember every session of the tenant may read.
        Arguments:
          group_id: of the group
          user_id: of the user, which is no group
          assistant_id: or of the assistant
        Errors:
          P0002: no such group
          23503: no such user or assistant
          22023: bad input, or a group_id of one that is no group, or a user_id of one that is
          42501: a session narrowed by threadmem.user_id
          54000: it belongs to 100 groups already
        """
        return await self._call(
            "group_add_member",
            row(Membership),
            ("group_id", "text", group_id),
            ("user_id", "text", user_id),
            ("assistant_id", "text", assistant_id),
        )

    async def group_members(
        self,
        group_id: Id,
        max_rows: int | None = DEFAULT,
        after_position: str | None = DEFAULT,
    ) -> list[ListedMembership]:
        """Who belongs to a group, assistants first and by their ids, in pages; a narrowed session sees assistants and itself.
        Arguments:
          group_id: of the group
          max_rows: rows of a page, 0 to 1,000
          after_position: the position of the last row of the page before; that row may be gone
        Errors:
          P0002: no such group
          22023: bad input, or a position of another list
        """
        return await self._call(
            "group_members",
            rows(ListedMembership),
            ("group_id", "text", group_id),
            ("max_rows", "bigint", max_rows),
            ("after_position", "text", after_position),
        )

    async def group_remove_member(
        self,
        group_id: Id,
        user_id: Id | None = DEFAULT,
        assistant_id: Id | None = DEFAULT,
    ) -> bool:
        """Takes a user or an assistant out of a group; what it said in the group's threads stays the group's memory.
        Arguments:
          group_id: of the group
          user_id: of the user
          assistant_id: or of the assistant
        Errors:
          P0002: it does not belong to the group
          22023: bad input
          42501: a session narrowed by threadmem.user_id
        """
        return await self._call(
            "group_remove_member",
            value(bool),
            ("group_id", "text", group_id),
            ("user_id", "text", user_id),
            ("assistant_id", "text", assistant_id),
        )

    async def user_count(self, kind: str | None = DEFAULT, search: str | None = DEFAULT) -> int:
        """How many users user_list() would give without pages.
        Arguments:
          kind, search: as in user_list()
        Errors:
          22023: bad input
        Answers: total_count of Zep user.list_ordered.
        """
        return await self._call(
            "user_count",
            value(int),
            ("kind", "text", kind),
            ("search", "text", search),
        )

    async def user_create(
        self,
        user_id: Id | None = DEFAULT,
        kind: str | None = DEFAULT,
        email: str | None = DEFAULT,
        first_name: str | None = DEFAULT,
        last_name: str | None = DEFAULT,
        time_zone: str | None = DEFAULT,
        metadata: Json = DEFAULT,
        if_exists: str | None = DEFAULT,
        created_at: datetime | None = DEFAULT,
    ) -> User:
        """Creates a user or a group.
        Arguments:
          user_id: 1 to 255 bytes, generated when null
          kind: user or group
          email, first_name, last_name: free text
          time_zone: a zone name of the server, as Europe/Paris
          metadata: a JSON object
          if_exists: raise, or do_nothing: the stored row unchanged
          created_at: of one that is imported, else now
        Errors:
          23505: the id exists
          22023: bad input
          42501: another user than the one this session is narrowed to
        Answers: Zep user.add, Entities users.create.
        """
        return await self._call(
            "user_create",
            row(User),
            ("user_id", "text", user_id),
            ("kind", "text", kind),
            ("email", "text", email),
            ("first_name", "text", first_name),
            ("last_name", "text", last_name),
            ("time_zone", "text", time_zone),
            ("metadata", "jsonb", metadata),
            ("if_exists", "text", if_exists),
            ("created_at", "timestamp with time zone", created_at),
        )

    async def user_delete(self, user_id: Id) -> list[DeletionCount]:
        """Deletes a user, its threads and what it said elsewhere, in one transaction.
        Its threads go with all inside, and so do all that memory keeps of it, its items of the store and its
        participation in other threads;
        what it said there as sender_id is erased, also where only memory still has it. Tells how much of each kind. Old
        row versions stay on disk until VACUUM, and WAL and backups keep theirs.
        Arguments:
          user_id: of the user
        Errors:
          P0002: no such user
          42501: a session narrowed to one user (it does not see all that has to go)
          22023: bad input
        Answers: Zep user.delete, Entities user erasure.
        """
        return await self._call("user_delete", rows(DeletionCount), ("user_id", "text", user_id))

    async def user_export(self, user_id: Id) -> list[Json]:
        """All that is stored of a user, one JSON object a row with its kind as object.
        The user, the threads it owns, every revision of the messages in them and of those it sent elsewhere, the pieces
        of messages that are being streamed, the episodes that memory keeps of it, its items of the store, its part in
        threads of others, and of the threads it owns the latest checkpoint of every namespace, as checkpoint_get() gives
        it, all writes of tasks, and the runs with their steps. Earlier checkpoints are left out; checkpoint_list() has them. What is only
        computed of the texts (search vectors, embeddings) is left out too. In place of an entry that jsonb cannot hold
        stands one of the object left_out, with its kind, its keys and what reads it.
        Arguments:
          user_id: of the user
        Errors:
          P0002: no such user
          22023: bad input
        """
        return await self._call("user_export", values(Any), ("user_id", "text", user_id))

    @overload
    async def user_get(self, user_id: Id) -> User: ...

    @overload
    async def user_get(self, user_id: Id, missing_ok: bool) -> User | None: ...

    async def user_get(self, user_id: Id, missing_ok: bool | None = DEFAULT) -> User | None:
        """One user.
        Arguments:
          user_id: of the user
          missing_ok: no row, and no error, when there is none
        Errors:
          P0002: no such user
          22023: bad input
        Answers: Zep user.get, Entities users.retrieve.
        """
        return await self._call(
            "user_get",
            maybe(User),
            ("user_id", "text", user_id),
            ("missing_ok", "boolean", missing_ok),
        )

    async def user_groups(
        self,
        user_id: Id | None = DEFAULT,
        assistant_id: Id | None = DEFAULT,
        max_rows: int | None = DEFAULT,
        after_position: str | None = DEFAULT,
    ) -> list[ListedMembership]:
        """The groups that a user or an assistant belongs to, by their ids, in pages.
        Arguments:
          user_id: of the user
          assistant_id: or of the assistant
          max_rows: rows of a page, 0 to 1,000
          after_position: the position of the last row of the page before; that row may be gone
        Errors:
          P0002: no such user or assistant
          22023: bad input, or a position of another list
        """
        return await self._call(
            "user_groups",
            rows(ListedMembership),
            ("user_id", "text", user_id),
            ("assistant_id", "text", assistant_id),
            ("max_rows", "bigint", max_rows),
            ("after_position", "text", after_position),
        )

    async def user_list(
        self,
        kind: str | None = DEFAULT,
        search: str | None = DEFAULT,
        sort_by: str | None = DEFAULT,
        sort_order: str | None = DEFAULT,
        max_rows: int | None = DEFAULT,
        after_id: Id | None = DEFAULT,
        page_number: int | None = DEFAULT,
        page_size: int | None = DEFAULT,
        after_position: str | None = DEFAULT,
    ) -> list[ListedUser]:
        """Users, newest first, in pages.
        The total is user_count().
        Arguments:
          kind: user or group
          search: a part of id, names or email in any case
          sort_by: created_at, updated_at, user_id or email (its first 200 characters)
          sort_order: desc or asc
          max_rows: rows of a page, 0 to 1,000
          after_id: the id of the last row of the page before, which must exist
          page_number: from 1, with page_size, instead of these
          page_size: rows of a page, 1 to 1,000
          after_position: the position of the last row of the page before; that row may be gone
        Errors:
          P0002: unknown after_id
          22023: bad input, or a position of another list or order
        Answers: Zep user.list_ordered.
        """
        return await self._call(
            "user_list",
            rows(ListedUser),
            ("kind", "text", kind),
            ("search", "text", search),
            ("sort_by", "text", sort_by),
            ("sort_order", "text", sort_order),
            ("max_rows", "bigint", max_rows),
            ("after_id", "text", after_id),
            ("page_number", "bigint", page_number),
            ("page_size", "bigint", page_size),
            ("after_position", "text", after_position),
        )

    async def user_threads(
        self,
        user_id: Id,
        sort_order: str | None = DEFAULT,
        max_rows: int | None = DEFAULT,
        after_id: Id | None = DEFAULT,
        after_position: str | None = DEFAULT,
        archived: bool | None = DEFAULT,
        with_preview: bool | None = DEFAULT,
    ) -> list[ListedThread]:
        """The threads a user owns or takes part in, newest first, in pages.
        Arguments:
          user_id: of the user
          sort_order: desc or asc
          max_rows: rows of a page, 0 to 1,000
          after_id, after_position, archived, with_preview: as in thread_list()
        Errors:
          P0002: no such user or after_id
          22023: bad input
        Answers: Zep user.get_threads, Entities list_threads.
        """
        return await self._call(
            "user_threads",
            rows(ListedThread),
            ("user_id", "text", user_id),
            ("sort_order", "text", sort_order),
            ("max_rows", "bigint", max_rows),
            ("after_id", "text", after_id),
            ("after_position", "text", after_position),
            ("archived", "boolean", archived),
            ("with_preview", "boolean", with_preview),
        )

    async def user_update(
        self,
        user_id: Id,
        email: str | None = DEFAULT,
        first_name: str | None = DEFAULT,
        last_name: str | None = DEFAULT,
        time_zone: str | None = DEFAULT,
        metadata: Json = DEFAULT,
        clear: Sequence[str] | None = DEFAULT,
        remove_keys: Sequence[str] | None = DEFAULT,
        summary: str | None = DEFAULT,
    ) -> User:
        """Changes the fields of a user that are given.
        Arguments:
          user_id: of the user
          email, first_name, last_name, time_zone: the new value; null leaves the old
          metadata: merged at its top level (null stores null)
          clear: fields to be emptied: email, first_name, last_name, time_zone, summary
          remove_keys: keys taken out of metadata
          summary: what is known of the user, in prose; thread_context() begins with it
        Errors:
          P0002: no such user
          22023: bad input
        Answers: Zep user.update, and the summary that Zep keeps of the user's node.
        """
        return await self._call(
            "user_update",
            row(User),
            ("user_id", "text", user_id),
            ("email", "text", email),
            ("first_name", "text", first_name),
            ("last_name", "text", last_name),
            ("time_zone", "text", time_zone),
            ("metadata", "jsonb", metadata),
            ("clear", "text[]", clear),
            ("remove_keys", "text[]", remove_keys),
            ("summary", "text", summary),
        )

    async def assistant_count(
        self,
        metadata: Json = DEFAULT,
        graph_id: Id | None = DEFAULT,
        name: str | None = DEFAULT,
    ) -> int:
        """How many assistants assistant_search() would give without pages.
        Arguments:
          metadata, graph_id, name: as in assistant_search()
        Errors:
          22023: bad input
        Answers: LangGraph assistants.count.
        """
        return await self._call(
            "assistant_count",
            value(int),
            ("metadata", "jsonb", metadata),
            ("graph_id", "text", graph_id),
            ("name", "text", name),
        )

    async def assistant_create(
        self,
        assistant_id: Id | None = DEFAULT,
        graph_id: Id | None = DEFAULT,
        name: str | None = DEFAULT,
        description: str | None = DEFAULT,
        model: str | None = DEFAULT,
        instructions: str | None = DEFAULT,
        tools: Json = DEFAULT,
        tool_resources: Json = DEFAULT,
        config: Json = DEFAULT,
        metadata: Json = DEFAULT,
        if_exists: str | None = DEFAULT,
        created_at: datetime | None = DEFAULT,
    ) -> Assistant:
        """Creates an assistant of version 1.
        Arguments:
          assistant_id: 1 to 255 bytes, generated when null
          graph_id: need not be defined with graph_define()
          name, description, model, instructions: free text
          tools: a JSON array
          tool_resources, config, metadata: JSON objects
          if_exists: raise, or do_nothing: the stored row unchanged
          created_at: of one that is imported, else now
        Errors:
          23505: the id exists
          22023: bad input
          42501: a session narrowed by threadmem.user_id
        Answers: LangGraph assistants.create, Entities and OpenAI assistants.create, Backboard create assistant.
        """
        return await self._call(
            "assistant_create",
            row(Assistant),
            ("assistant_id", "text", assistant_id),
            ("graph_id", "text", graph_id),
            ("name", "text", name),
            ("description", "text", description),
            ("model", "text", model),
            ("instructions", "text", instructions),
            ("tools", "jsonb", tools),
            ("tool_resources", "jsonb", tool_resources),
            ("config", "jsonb", config),
            ("metadata", "jsonb", metadata),
            ("if_exists", "text", if_exists),
            ("created_at", "timestamp with time zone", created_at),
        )

    async def assistant_delete(self, assistant_id: Id, cascade: bool | None = DEFAULT) -> list[DeletionCount]:
        """Deletes an assistant; its threads stay without one, or go with it.
        Tells how much of each kind.
        Arguments:
          assistant_id: of the assistant
          cascade: true: its threads go, and what memory has of them, as Backboard does it
        Errors:
          P0002: no such assistant
          42501: a session narrowed to one user
          22023: bad input
        Answers: LangGraph assistants.delete, Backboard delete assistant.
        """
        return await self._call(
            "assistant_delete",
            rows(DeletionCount),
            ("assistant_id", "text", assistant_id),
            ("cascade", "boolean", cascade),
        )

    @overload
    async def assistant_get(self, assistant_id: Id) -> Assistant: ...

    @overload
    async def assistant_get(self, assistant_id: Id, missing_ok: bool) -> Assistant | None: ...

    async def assistant_get(self, assistant_id: Id, missing_ok: bool | None = DEFAULT) -> Assistant | None:
        """One assistant.
        Arguments:
          assistant_id: of the assistant
          missing_ok: no row, and no error, when there is none
        Errors:
          P0002: no such assistant
          22023: bad input
        Answers: LangGraph assistants.get, Entities and OpenAI assistants.retrieve, Backboard get assistant.
        """
        return await self._call(
            "assistant_get",
            maybe(Assistant),
            ("assistant_id", "text", assistant_id),
            ("missing_ok", "boolean", missing_ok),
        )

    async def assistant_list(
        self,
        sort_by: str | None = DEFAULT,
        sort_order: str | None = DEFAULT,
        max_rows: int | None = DEFAULT,
        after_id: Id | None = DEFAULT,
        page_number: int | None = DEFAULT,
        page_size: int | None = DEFAULT,
        after_position: str | None = DEFAULT,
    ) -> list[ListedAssistant]:
        """Assistants, newest first, in pages.
        The total is assistant_count().
        Arguments:
          sort_by: created_at, updated_at, assistant_id, graph_id or name (its first 200 characters)
          sort_order: desc or asc
          max_rows: rows of a page, 0 to 1,000
          after_id: the id of the last row of the page before, which must exist
          page_number: from 1, with page_size, instead of these
          page_size: rows of a page, 1 to 1,000
          after_position: the position of the last row of the page before; that row may be gone
        Errors:
          P0002: unknown after_id
          22023: bad input, or a position of another list or order
        Answers: Entities and OpenAI assistants.list, Backboard list assistants.
        """
        return await self._call(
            "assistant_list",
            rows(ListedAssistant),
            ("sort_by", "text", sort_by),
            ("sort_order", "text", sort_order),
            ("max_rows", "bigint", max_rows),
            ("after_id", "text", after_id),
            ("page_number", "bigint", page_number),
            ("page_size", "bigint", page_size),
            ("after_position", "text", after_position),
        )

    async def assistant_search(
        self,
        metadata: Json = DEFAULT,
        graph_id: Id | None = DEFAULT,
        name: str | None = DEFAULT,
        sort_by: str | None = DEFAULT,
        sort_order: str | None = DEFAULT,
        max_rows: int | None = DEFAULT,
        skip: int | None = DEFAULT,
        after_id: Id | None = DEFAULT,
        after_position: str | None = DEFAULT,
    ) -> list[ListedAssistant]:
        """Assistants that meet every condition given, in pages.
        Arguments:
          metadata: contained in theirs: exactly, types matter
          graph_id: exactly
          name: a part of theirs in any case
          sort_by, sort_order, max_rows, after_id, after_position: as in assistant_list()
          skip: rows left out before the first
        Errors:
          P0002: unknown after_id
          22023: bad input, or a position of another list or order
        Answers: LangGraph assistants.search.
        """
        return await self._call(
            "assistant_search",
            rows(ListedAssistant),
            ("metadata", "jsonb", metadata),
            ("graph_id", "text", graph_id),
            ("name", "text", name),
            ("sort_by", "text", sort_by),
            ("sort_order", "text", sort_order),
            ("max_rows", "bigint", max_rows),
            ("skip", "bigint", skip),
            ("after_id", "text", after_id),
            ("after_position", "text", after_position),
        )

    async def assistant_update(
        self,
        assistant_id: Id,
        graph_id: Id | None = DEFAULT,
        name: str | None = DEFAULT,
        description: str | None = DEFAULT,
        model: str | None = DEFAULT,
        instructions: str | None = DEFAULT,
        tools: Json = DEFAULT,
        tool_resources: Json = DEFAULT,
        config: Json = DEFAULT,
        metadata: Json = DEFAULT,
        clear: Sequence[str] | None = DEFAULT,
        remove_keys: Sequence[str] | None = DEFAULT,
        expected_version: int | None = DEFAULT,
    ) -> Assistant:
        """Changes the fields of an assistant that are given and adds one to its version.
        Arguments:
          assistant_id: of the assistant
          graph_id, name, description, model, instructions: the new value; null leaves the old
          tools, tool_resources, config: replaced
          metadata: merged at its top level (null stores null)
          clear: fields to be emptied: graph_id, name, description, model, instructions
          remove_keys: keys taken out of metadata
          expected_version: change it only if it still has this version
        Errors:
          P0002: no such assistant
          TM001: it has another version than expected
          22023: bad input
          42501: a session narrowed by threadmem.user_id
        Answers: LangGraph assistants.update, Entities and OpenAI assistants.update, Backboard update assistant.
        """
        return await self._call(
            "assistant_update",
            row(Assistant),
            ("assistant_id", "text", assistant_id),
            ("graph_id", "text", graph_id),
            ("name", "text", name),
            ("description", "text", description),
            ("model", "text", model),
            ("instructions", "text", instructions),
            ("tools", "jsonb", tools),
            ("tool_resources", "jsonb", tool_resources),
            ("config", "jsonb", config),
            ("metadata", "jsonb", metadata),
            ("clear", "text[]", clear),
            ("remove_keys", "text[]", remove_keys),
            ("expected_version", "bigint", expected_version),
        )

    async def graph_define(self, graph_id: Id, definition: Json = DEFAULT) -> Graph:
        """Defines a graph, or defines it anew: the definition replaces the one stored.
        It is optional: without one every channel has the reducer last_value, and messages add_messages.
        Arguments:
          graph_id: 1 to 255 bytes
          definition: {"channels": {name: {"reducer", "default"}}, "nodes": [name], "edges": [[from, to]],
            "subgraphs": {node: definition}}, each optional. A reducer is last_value (default), add_messages, append, add,
            merge, union, or opaque for what only the application's code knows: updates in SQL are refused then; a default is
            any JSON. An edge may come from __start__ and lead to __end__; [[from, ...], to] waits for all of them
        Errors:
          22023: a bad definition (names the place) or id
          42501: a session narrowed by threadmem.user_id
        Answers: what LangGraph keeps in code as StateGraph.
        """
        return await self._call(
            "graph_define",
            row(Graph),
            ("graph_id", "text", graph_id),
            ("definition", "jsonb", definition),
        )

    async def graph_delete(self, graph_id: Id) -> bool:
        """Deletes a graph definition that no assistant names.
        Threads that name it go on with the empty definition.
        Arguments:
          graph_id: of the graph
        Errors:
          P0002: no such graph
          55000: an assistant names it
          42501: a session narrowed by threadmem.user_id
          22023: bad input
        """
        return await self._call("graph_delete", value(bool), ("graph_id", "text", graph_id))

    @overload
    async def graph_get(self, graph_id: Id) -> Graph: ...

    @overload
    async def graph_get(self, graph_id: Id, missing_ok: bool) -> Graph | None: ...

    async def graph_get(self, graph_id: Id, missing_ok: bool | None = DEFAULT) -> Graph | None:
        """One graph definition.
        Arguments:
          graph_id: of the graph
          missing_ok: no row, and no error, when there is none
        Errors:
          P0002: the graph was never defined
          22023: bad input
        Answers: LangGraph assistants.get_graph.
        """
        return await self._call(
            "graph_get",
            maybe(Graph),
            ("graph_id", "text", graph_id),
            ("missing_ok", "boolean", missing_ok),
        )

    async def graph_list(
        self,
        sort_order: str | None = DEFAULT,
        max_rows: int | None = DEFAULT,
        after_id: Id | None = DEFAULT,
        page_number: int | None = DEFAULT,
        page_size: int | None = DEFAULT,
        after_position: str | None = DEFAULT,
    ) -> list[ListedGraph]:
        """Graph definitions by time of creation, newest first, in pages.
        Arguments:
          sort_order: desc or asc
          max_rows: rows of a page, 0 to 1,000
          after_id: the id of the last row of the page before, which must exist
          page_number: from 1, with page_size, instead of these
          page_size: rows of a page, 1 to 1,000
          after_position: the position of the last row of the page before; that row may be gone
        Errors:
          P0002: unknown after_id
          22023: bad input, or a position of another list or order
        """
        return await self._call(
            "graph_list",
            rows(ListedGraph),
            ("sort_order", "text", sort_order),
            ("max_rows", "bigint", max_rows),
            ("after_id", "text", after_id),
            ("page_number", "bigint", page_number),
            ("page_size", "bigint", page_size),
            ("after_position", "text", after_position),
        )

    async def message_add(
        self,
        thread_id: Id,
        role: str | None = DEFAULT,
        content: str | None = DEFAULT,
        body: Json = DEFAULT,
        message_id: Id | None = DEFAULT,
        name: str | None = DEFAULT,
        sender_id: Id | None = DEFAULT,
        assistant_id: Id | None = DEFAULT,
        run_id: Id | None = DEFAULT,
        tool_call_id: Id | None = DEFAULT,
        tool_calls: Json = DEFAULT,
        attachments: Json = DEFAULT,
        metadata: Json = DEFAULT,
        event_at: datetime | None = DEFAULT,
        in_memory: bool | None = DEFAULT,
        parts: Json = DEFAULT,
    ) -> Message:
        """Appends a message to a thread: role and content, or a whole message in any system's form.
        Call it in FROM: SELECT (message_add(...)).* appends once for every column. Many in one transaction: each goes
        past all that the transaction made of the thread's row before, so for more than some hundreds
        message_add_batch() is the call.
        Arguments:
          thread_id: of the thread
          role: user, assistant, system, developer, tool, function, platform or other, or a system's own word for one of
            them, as human or ai
          content: the text
          body: a whole message in any system's form (docs/contracts.md) or a plain one, stored verbatim; what it does
            not say of role, content, tool_calls and attachments the arguments may
          message_id: 1 to 255 bytes, generated when neither it nor the body gives one; the body gets it, and id_from
            tells whose it is. The same id with the same bytes again changes nothing and returns the first
          name: the speaker's name
          sender_id: the speaker, free text; where it is a user, what it says is in its memory, too
          assistant_id, run_id: whose message it is; need not exist. A run of the thread must not be over
          tool_call_id: of a tool message: the call that it answers, an id in tool_calls of the assistant's message,
            however long. Without it a warning tells that models refuse such a message; Zep and Entities write them, so
            it is stored
          tool_calls, attachments: JSON arrays in the writer's form
          metadata: a JSON object
          event_at: when it was said, else now; order is always seq
          in_memory: false keeps it out of memory, the owner's and the sender's
          parts: the content where it is an array of parts
        Errors:
          P0002: no such thread
          23505: the id belongs to another message
          55000: the run is over, or was deleted and another has the thread
          22023: bad input
          54000: a body over threadmem.max_body
        Answers: Entities create_message, OpenAI messages.create, Backboard add message with send_to_llm false.
        """
        return await self._call(
            "message_add",
            row(Message),
            ("thread_id", "text", thread_id),
            ("role", "text", role),
            ("content", "text", content),
            ("body", "jsonb", body),
            ("message_id", "text", message_id),
            ("name", "text", name),
            ("sender_id", "text", sender_id),
            ("assistant_id", "text", assistant_id),
            ("run_id", "text", run_id),
            ("tool_call_id", "text", tool_call_id),
            ("tool_calls", "jsonb", tool_calls),
            ("attachments", "jsonb", attachments),
            ("metadata", "jsonb", metadata),
            ("event_at", "timestamp with time zone", event_at),
            ("in_memory", "boolean", in_memory),
            ("parts", "jsonb", parts),
        )

    async def message_add_batch(
        self,
        thread_id: Id,
        messages: Json,
        ignore_roles: Sequence[str] | None = DEFAULT,
        run_id: Id | None = DEFAULT,
        if_exists: str | None = DEFAULT,
    ) -> list[Message]:
        """Appends an array of messages in order, all or none; returns a row for each.
        Arguments:
          thread_id: of the thread
          messages: a JSON array of messages in any of the forms message_add() takes as body
          ignore_roles: messages of these roles are stored and listed, but kept out of memory
          run_id: the run they belong to, where they do not say it themselves
          if_exists: raise, or update, for clients that save their whole list again and again: each message has an id; one
            that is there unchanged is left, one that has changed becomes a new revision at its place, the rest is
            appended; what is not in the list stays, and so does what was deleted or erased (state tells)
        Errors:
          P0002: no such thread
          23505: an id belongs to another message
          55000: a run is over, or was deleted and another has the thread; a message that has changed is still streaming
          22023: bad input; DETAIL names the element
          54000: a body over threadmem.max_body
        Answers: Zep thread.add_messages (without its limit of 30), OpenAI conversations.items.create.
        """
        return await self._call(
            "message_add_batch",
            rows(Message),
            ("thread_id", "text", thread_id),
            ("messages", "jsonb", json(messages)),
            ("ignore_roles", "text[]", ignore_roles),
            ("run_id", "text", run_id),
            ("if_exists", "text", if_exists),
        )

    async def message_append(self, thread_id: Id, message_id: Id, chunk_no: int, delta: str) -> int:
        """Adds a piece of text to a streamed message; returns the number of the last piece stored.
        Meanwhile message_get() and the lists show the text so far, and message_chunks() gives the pieces. A run that ends
        ends the message, as message_fail() would.
        Arguments:
          thread_id: of the thread
          message_id: of the message
          chunk_no: counts from 1 without gaps; the same number with the same text again changes nothing
          delta: the text
        Errors:
          P0002: no such message
          23505: the number was stored with another text
          22023: a gap, or the piece before, of message_append_json(), ended with half of a character (with
            threadmem.bad_unicode replace that half becomes U+FFFD)
          55000: the message is not being streamed, its content is not text, or its run is over
          54000: all pieces together are over threadmem.max_body
        """
        return await self._call(
            "message_append",
            value(int),
            ("thread_id", "text", thread_id),
            ("message_id", "text", message_id),
            ("chunk_no", "bigint", chunk_no),
            ("delta", "text", delta),
        )

    async def message_append_json(self, thread_id: Id, message_id: Id, chunk_no: int, piece: Json) -> int:
        """Adds a piece of text as a JSON string, which may end in the middle of a character, to a streamed message.
        For writers in JavaScript and Java, whose strings can be cut between the two halves of a character such as an emoji:
        JSON.stringify(piece) carries such a half, text does not. The half at the end of a piece waits for the next one,
        and is part of no text until then; at the end of the message it becomes U+FFFD. Returns the number of the last piece
        stored; else as message_append().
        Arguments:
          thread_id: of the thread
          message_id: of the message
          chunk_no: counts from 1 without gaps; the same number with the same piece again changes nothing
          piece: a JSON string
        Errors:
          P0002: no such message
          23505: the number was stored with another text
          22023: a gap, no JSON string, or U+0000 or half of a character elsewhere than at the end of a piece (with
            threadmem.bad_unicode replace they become U+FFFD)
          55000: the message is not being streamed, its content is not text, or its run is over
          54000: all pieces together are over threadmem.max_body
        """
        return await self._call(
            "message_append_json",
            value(int),
            ("thread_id", "text", thread_id),
            ("message_id", "text", message_id),
            ("chunk_no", "bigint", chunk_no),
            ("piece", "json", json(piece)),
        )

    async def message_chunks(
        self,
        thread_id: Id,
        message_id: Id,
        after_no: int | None = DEFAULT,
        max_rows: int | None = DEFAULT,
        after_position: str | None = DEFAULT,
    ) -> list[ListedChunk]:
        """The pieces of a message that is being streamed, from a number on: what a page that is loaded again goes on with.
        No rows: nothing has come since or, when message_get() shows another status than in_progress, the message has ended;
        then the pieces are gone, and its content has all of them. (Of a message whose stored body was damaged as its run
        ended they stay, until it is repaired and message_fail() joins them.)
        Arguments:
          thread_id: of the thread
          message_id: of the message
          after_no: pieces after this number; 0 or null: from the first
          max_rows: pieces of a page, 0 to 1,000
          after_position: the position of the last row of the page before, instead of after_no
        Errors:
          P0002: no such message
          22023: bad input, or a position of another list
        """
        return await self._call(
            "message_chunks",
            rows(ListedChunk),
            ("thread_id", "text", thread_id),
            ("message_id", "text", message_id),
            ("after_no", "bigint", after_no),
            ("max_rows", "bigint", max_rows),
            ("after_position", "text", after_position),
        )

    async def message_complete(
        self,
        thread_id: Id,
        message_id: Id,
        body: Json = DEFAULT,
        metadata: Json = DEFAULT,
    ) -> Message:
        """Ends a streamed message: its content becomes the pieces joined.
        Called again it returns the message.
        Arguments:
          thread_id: of the thread
          message_id: of the message
          body: the whole message, when the writer has it (tool calls, usage), instead of the pieces
          metadata: merged
        Errors:
          P0002: no such message
          55000: it failed or was completed otherwise, or its run is over
          22023: bad input
          54000: over threadmem.max_body
        """
        return await self._call(
            "message_complete",
            row(Message),
            ("thread_id", "text", thread_id),
            ("message_id", "text", message_id),
            ("body", "jsonb", body),
            ("metadata", "jsonb", metadata),
        )

    async def message_content(self, body: Json) -> Json:
        """What the writer of a message calls its content, to the digit.
        That is the value of content, of parts (AI SDK) or of output (OpenAI tool outputs). Null when it has none.
        Arguments:
          body: a message in any system's form
        Errors: none.
        """
        return await self._call("message_content", value(Any), ("body", "jsonb", json(body)))

    async def message_delete(self, thread_id: Id, message_id: Id) -> Message:
        """Takes a message out of every list, search and context.
        Its body stays in message_revisions() until message_erase(). It is no memory any more, and facts and entities that
        nothing else says go with it.
        Arguments:
          thread_id: of the thread
          message_id: of the message
        Errors:
          P0002: no such live message
          55000: it is being streamed
          22023: bad input
        Answers: OpenAI messages.delete, Entities delete_message.
        """
        return await self._call(
            "message_delete",
            row(Message),
            ("thread_id", "text", thread_id),
            ("message_id", "text", message_id),
        )

    async def message_erase(self, thread_id: Id, message_id: Id) -> Message:
        """Removes the body of every revision of a message for good, wherever it is kept.
        Also its metadata, name, sender, search terms and embedding, and what checkpoints, pending writes, runs and
        their steps hold of it, and what memory kept of it from an earlier thread of this owner and id. Id, place and
        role stay as a tombstone, and a later message_add() with this id stores nothing. May be repeated.
        Arguments:
          thread_id: of the thread
          message_id: of the message
        Errors:
          P0002: no such message
          22023: bad input
        """
        return await self._call(
            "message_erase",
            row(Message),
            ("thread_id", "text", thread_id),
            ("message_id", "text", message_id),
        )

    async def message_fail(
        self,
        thread_id: Id,
        message_id: Id,
        reason: str | None = DEFAULT,
        metadata: Json = DEFAULT,
    ) -> Message:
        """Ends a streamed message that did not come whole; what has arrived is kept as its content.
        Its status becomes failed. Called again it returns the message, and joins pieces that a damaged body kept apart.
        Arguments:
          thread_id: of the thread
          message_id: of the message
          reason: kept as incomplete_details
          metadata: merged
        Errors:
          P0002: no such message
          55000: it was completed
          22023: bad input
        """
        return await self._call(
            "message_fail",
            row(Message),
            ("thread_id", "text", thread_id),
            ("message_id", "text", message_id),
            ("reason", "text", reason),
            ("metadata", "jsonb", metadata),
        )

    async def message_format(
        self,
        thread_id: Id,
        dialect: str,
        max_rows: int | None = DEFAULT,
        sort_order: str | None = DEFAULT,
        after_id: Id | None = DEFAULT,
        before_id: Id | None = DEFAULT,
        message_id: Id | None = DEFAULT,
        after_position: str | None = DEFAULT,
        before_position: str | None = DEFAULT,
    ) -> Json:
        """Live messages of a thread as another system's API gives them, in JSON.
        A message that came in that system's form is given as it came, with what its API adds and the metadata of now;
        any other is translated: roles, tool calls, and its text where the system takes only text. Tool arguments that
        are no JSON object become invalid_tool_calls of langchain.
        Arguments:
          thread_id: of the thread
          dialect: langchain (or langgraph), entities and backboard give an array, zep {messages, row_count,
            total_count, thread_created_at, user_id}, openai the list {object, data, first_id, last_id, has_more} of the
            Assistants API
          max_rows: 0 to 1,000
          sort_order: asc or desc
          after_id, before_id, after_position, before_position: as in message_list(), whose positions they are
          message_id: that one message, without list around it
        Errors:
          P0002: no such thread, message or cursor
          22023: unknown dialect or other bad input
          0A000: anthropic, responses and ai_sdk
        Answers: LangGraph values.messages, Entities list_messages, Zep thread.get, OpenAI messages.list and
            messages.retrieve.
        """
        return await self._call(
            "message_format",
            value(Any),
            ("thread_id", "text", thread_id),
            ("dialect", "text", dialect),
            ("max_rows", "bigint", max_rows),
            ("sort_order", "text", sort_order),
            ("after_id", "text", after_id),
            ("before_id", "text", before_id),
            ("message_id", "text", message_id),
            ("after_position", "text", after_position),
            ("before_position", "text", before_position),
        )

    @overload
    async def message_get(self, thread_id: Id, message_id: Id) -> Message: ...

    @overload
    async def message_get(self, thread_id: Id, message_id: Id, missing_ok: bool) -> Message | None: ...

    async def message_get(
        self,
        thread_id: Id,
        message_id: Id,
        missing_ok: bool | None = DEFAULT,
    ) -> Message | None:
        """One live message.
        message_revisions() shows those that are deleted or off branch, too.
        Arguments:
          thread_id: of the thread
          message_id: of the message
          missing_ok: no row, and no error, when there is none
        Errors:
          P0002: none; tells when it was deleted, erased or is off branch
          22023: bad input
        Answers: OpenAI messages.retrieve, Entities get_message, Zep thread.message.get.
        """
        return await self._call(
            "message_get",
            maybe(Message),
            ("thread_id", "text", thread_id),
            ("message_id", "text", message_id),
            ("missing_ok", "boolean", missing_ok),
        )

    async def message_last(self, thread_id: Id, max_rows: int | None = DEFAULT) -> list[Message]:
        """The newest messages of a thread, the oldest of them first: what a chat window shows.
        Arguments:
          thread_id: of the thread
          max_rows: how many, 0 to 1,000
        Errors:
          P0002: no such thread
          22023: bad input
        Answers: Zep thread.get(lastn), OpenAI Agents session.get_items(limit).
        """
        return await self._call(
            "message_last",
            rows(Message),
            ("thread_id", "text", thread_id),
            ("max_rows", "bigint", max_rows),
        )

    async def message_list(
        self,
        thread_id: Id,
        max_rows: int | None = DEFAULT,
        sort_order: str | None = DEFAULT,
        after_id: Id | None = DEFAULT,
        after_seq: int | None = DEFAULT,
        before_id: Id | None = DEFAULT,
        before_seq: int | None = DEFAULT,
        role: str | None = DEFAULT,
        run_id: Id | None = DEFAULT,
        metadata: Json = DEFAULT,
        include_deleted: bool | None = DEFAULT,
        view: str | None = DEFAULT,
        after_position: str | None = DEFAULT,
        before_position: str | None = DEFAULT,
    ) -> list[ListedMessage]:
        """A page of a thread's messages by seq, oldest first; view 'state' lists what the latest state holds.
        Arguments:
          thread_id: of the thread
          max_rows: rows of the page, 0 to 1,000; has_more on every row tells whether another page follows
          sort_order: asc or desc
          after_id, after_seq, after_position: begin behind this message, in the order of the list
          before_id, before_seq, before_position: stop before this one
          role: this role only, in any system's spelling
          run_id: of this run only
          metadata: containment: exactly, types matter
          include_deleted: also deleted and erased messages, and those that only other branches have (state off_branch)
          view: log, or state: what the latest state holds, with what it has not seen yet, in the state's order. That
            pages by positions and ids; where the message of a position is gone from the state, the one said last before
            it stands for it. What only writes of a delta channel have brought yet comes without rev, state and created_at,
            a new message also without seq
        Errors:
          P0002: no such thread, or no such message in it
          22023: bad input, or a position of another list or order
          0A000: with view state, a delta channel messages whose reducer the thread's graph does not declare
        Answers: OpenAI messages.list, Entities list_messages, Zep thread.get(limit, cursor).
        """
        return await self._call(
            "message_list",
            rows(ListedMessage),
            ("thread_id", "text", thread_id),
            ("max_rows", "bigint", max_rows),
            ("sort_order", "text", sort_order),
            ("after_id", "text", after_id),
            ("after_seq", "bigint", after_seq),
            ("before_id", "text", before_id),
            ("before_seq", "bigint", before_seq),
            ("role", "text", role),
            ("run_id", "text", run_id),
            ("metadata", "jsonb", metadata),
            ("include_deleted", "boolean", include_deleted),
            ("view", "text", view),
            ("after_position", "text", after_position),
            ("before_position", "text", before_position),
        )

    async def message_preview(self, body: Json) -> str | None:
        """How what was said in a message begins: the first 200 characters of message_said(), for lists.
        Of a body over 64 kB only that much is read, so that words behind a large file are missing; the whole when there are
        none in that. Null when nothing was said.
        Arguments:
          body: a message in any system's form
        Errors: none.
        """
        return await self._call("message_preview", optional(str), ("body", "jsonb", json(body)))

    async def message_revisions(self, thread_id: Id, message_id: Id) -> list[Message]:
        """Every revision of a message in whatever state, oldest first.
        Arguments:
          thread_id: of the thread
          message_id: of the message
        Errors:
          P0002: no such message
          22023: bad input
        """
        return await self._call(
            "message_revisions",
            rows(Message),
            ("thread_id", "text", thread_id),
            ("message_id", "text", message_id),
        )

    async def message_said(self, body: Json) -> str | None:
        """The words of a message of a user or an assistant that its speaker said: what memory_search() finds of it.
        As message_text(), without what tools answered (Anthropic, Bedrock and Pydantic AI have that in messages of the user,
        the AI SDK in those of the assistant) and without a system prompt. Null when that leaves no words.
        Arguments:
          body: a message in any system's form
        Errors: none.
        """
        return await self._call("message_said", optional(str), ("body", "jsonb", json(body)))

    async def message_search(
        self,
        query: str,
        user_id: Id | None = DEFAULT,
        thread_id: Id | None = DEFAULT,
        role: str | None = DEFAULT,
        since: datetime | None = DEFAULT,
        until: datetime | None = DEFAULT,
        max_rows: int | None = DEFAULT,
        skip: int | None = DEFAULT,
        after_position: str | None = DEFAULT,
    ) -> list[FoundMessage]:
        """Messages that match words, best first, then newest.
        The first 100,000 bytes of a message's text are searched, for words, and in scripts without spaces for any part. A
        program that has no user (user_id null) searches everybody's messages, unless the session is narrowed by
        threadmem.user_id.
        Arguments:
          query: websearch syntax: all words, "a phrase", or, -without
          user_id: threads of this owner; null is no filter
          thread_id: this thread only
          role: this role only
          since, until: bound event_at, until exclusive
          max_rows: rows of a page, 0 to 1,000
          skip: rows left out before the first
          after_position: the position of the last row of the page before; that row may be gone
        Errors:
          22023: bad input, or a position of another list
        """
        return await self._call(
            "message_search",
            rows(FoundMessage),
            ("query", "text", query),
            ("user_id", "text", user_id),
            ("thread_id", "text", thread_id),
            ("role", "text", role),
            ("since", "timestamp with time zone", since),
            ("until", "timestamp with time zone", until),
            ("max_rows", "bigint", max_rows),
            ("skip", "bigint", skip),
            ("after_position", "text", after_position),
        )

    async def message_siblings(self, thread_id: Id, message_id: Id) -> list[SiblingMessage]:
        """The alternatives in the place of a message, itself among them, as they were said: what "2 of 3" counts.
        They are what comes behind the same message on every branch: other wordings of a question, other answers to it.
        thread_rewind() with the id of one makes its branch current. What was deleted is left out.
        Arguments:
          thread_id: of the thread
          message_id: of the message, on whatever branch
        Errors:
          P0002: no such message on any branch
          22023: bad input
        Answers: the branches of a message in LangGraph's useStream, sibling messages of chat interfaces.
        """
        return await self._call(
            "message_siblings",
            rows(SiblingMessage),
            ("thread_id", "text", thread_id),
            ("message_id", "text", message_id),
        )

    async def message_start(
        self,
        thread_id: Id,
        role: str | None = DEFAULT,
        message_id: Id | None = DEFAULT,
        name: str | None = DEFAULT,
        sender_id: Id | None = DEFAULT,
        assistant_id: Id | None = DEFAULT,
        run_id: Id | None = DEFAULT,
        metadata: Json = DEFAULT,
    ) -> Message:
        """Starts a message that will arrive in pieces.
        It takes its place in the thread with status in_progress and empty content; message_append() adds pieces. When its run
        ends first, it ends as message_fail() would end it.
        Arguments:
          thread_id: of the thread
          role: as in message_add()
          message_id: 1 to 255 bytes, generated when null
          name, sender_id, assistant_id, run_id, metadata: as in message_add()
        Errors:
          P0002: no such thread
          23505: the id belongs to another message
          55000: the run is over, or was deleted and another has the thread
          22023: bad input
        Answers: Entities save_assistant_message_chunk, OpenAI thread.message.created.
        """
        return await self._call(
            "message_start",
            row(Message),
            ("thread_id", "text", thread_id),
            ("role", "text", role),
            ("message_id", "text", message_id),
            ("name", "text", name),
            ("sender_id", "text", sender_id),
            ("assistant_id", "text", assistant_id),
            ("run_id", "text", run_id),
            ("metadata", "jsonb", metadata),
        )

    async def message_text(self, body: Json) -> str | None:
        """The words of a message that a person reads, in full.
        Parts are joined by line feeds; a refusal and the transcript of what was spoken are words; thoughts, tool calls,
        keys and encoded files are left out. Null when it has no words, as
        for what is no message.
        Arguments:
          body: a message in any system's form (Zep, Entities, OpenAI, LangChain, Backboard, AI SDK, Anthropic,
            Bedrock, Gemini, Pydantic AI, AG-UI)
        Errors: none.
        """
        return await self._call("message_text", optional(str), ("body", "jsonb", json(body)))

    async def message_update(
        self,
        thread_id: Id,
        message_id: Id,
        content: str | None = DEFAULT,
        body: Json = DEFAULT,
        metadata: Json = DEFAULT,
        remove_keys: Sequence[str] | None = DEFAULT,
        expected_rev: int | None = DEFAULT,
        parts: Json = DEFAULT,
        edited_at: datetime | None = DEFAULT,
        expected_metadata: Json = DEFAULT,
    ) -> Message:
        """Changes a message: its content, which makes a new revision at the same seq, or its metadata.
        The old revision stays readable in message_revisions(). Of a message that is being streamed the new content takes the
        place of all that came so far, as a guess of what somebody is saying does: no revision of it stays, message_append()
        goes on behind it with the next number, and message_complete() gives the final words.
        Arguments:
          thread_id: of the thread
          message_id: of the message
          content: the new text
          body: a whole message in its place; its metadata is merged as the argument's
          metadata: merged at its top level (null stores null)
          remove_keys: keys taken out of metadata
          expected_rev: refuse when the message has another revision by now
          parts: the new content where it is an array of parts
          edited_at: when its writer made the edit. One that is older than the newest that said so changes nothing, and the
            message comes back as it is: platforms deliver edits in any order
          expected_metadata: refuse when the metadata do not contain this object any more
        Errors:
          P0002: no such message
          TM001: it has another revision than expected
          55000: it has other metadata than expected; or it is being streamed by a run that is over
          22023: bad input
          54000: a body over threadmem.max_body
        Answers: OpenAI messages.update and Zep thread.message.update (metadata), Entities update_message.
        """
        return await self._call(
            "message_update",
            row(Message),
            ("thread_id", "text", thread_id),
            ("message_id", "text", message_id),
            ("content", "text", content),
            ("body", "jsonb", body),
            ("metadata", "jsonb", metadata),
            ("remove_keys", "text[]", remove_keys),
            ("expected_rev", "bigint", expected_rev),
            ("parts", "jsonb", parts),
            ("edited_at", "timestamp with time zone", edited_at),
            ("expected_metadata", "jsonb", expected_metadata),
        )

    async def checkpoint_copy_thread(self, thread_id: Id, new_thread_id: Id) -> int:
        """Copies all checkpoints of a thread, their writes and its messages under the same ids to a thread that has none yet.
        Returns how many checkpoints; 0 when there is no such thread.
        Arguments:
          thread_id: of the source
          new_thread_id: of the copy, which is created when it is not there
        Errors:
          23505: the new thread has messages or checkpoints
          22023: bad input
        Answers: LangGraph BaseCheckpointSaver.copy_thread.
        """
        return await self._call(
            "checkpoint_copy_thread",
            value(int),
            ("thread_id", "text", thread_id),
            ("new_thread_id", "text", new_thread_id),
        )

    async def checkpoint_delete_for_runs(self, run_ids: Sequence[Id], thread_id: Id | None = DEFAULT) -> int:
        """Deletes the checkpoints of some runs with their writes; returns how many.
        What is left keeps its state, and what others than these runs added to the log stays live. A checkpoint stays
        whose writes a delta channel of a later one needs.
        Arguments:
          run_ids: run_id in the metadata of the checkpoints
          thread_id: in one thread; null: in all
        Errors:
          22023: bad input
        Answers: LangGraph BaseCheckpointSaver.delete_for_runs.
        """
        return await self._call(
            "checkpoint_delete_for_runs",
            value(int),
            ("run_ids", "text[]", run_ids),
            ("thread_id", "text", thread_id),
        )

    async def checkpoint_delete_thread(self, thread_id: Id) -> int:
        """Deletes all checkpoints of a thread, their writes, and the messages that came with them alone.
        A thread that nothing else was put into goes as well. A tombstone stops late writers (threadmem.tombstone_ttl)
        until thread_create() or a checkpoint without parent. Returns how many checkpoints; 0 when there is no such
        thread.
        Arguments:
          thread_id: of the thread
        Errors:
          22023: bad input
          42501: not the owner's session
        Answers: LangGraph BaseCheckpointSaver.delete_thread.
        """
        return await self._call(
            "checkpoint_delete_thread",
            value(int),
            ("thread_id", "text", thread_id),
        )

    async def checkpoint_delta_history(
        self,
        thread_id: Id,
        channels: Sequence[str],
        checkpoint_ns: str | None = DEFAULT,
        checkpoint_id: Id | None = DEFAULT,
    ) -> Json:
        """What restores delta channels at a checkpoint: {channel: {"writes": [[task_id, channel, value]], "seed": value}}.
        The writes are those of its ancestors, oldest first, back to the nearest one whose state has the channel: that
        value is the seed, and its own writes count. No such ancestor, no seed; the checkpoint's own writes do not
        count.
        Arguments:
          thread_id: of the thread
          channels: their names
          checkpoint_ns: the namespace, '' for the thread's own graph
          checkpoint_id: null: the latest
        Errors:
          22023: bad input
          54000: it is too large for jsonb
        Answers: LangGraph BaseCheckpointSaver.get_delta_channel_history.
        """
        return await self._call(
            "checkpoint_delta_history",
            value(Any),
            ("thread_id", "text", thread_id),
            ("channels", "text[]", channels),
            ("checkpoint_ns", "text", checkpoint_ns),
            ("checkpoint_id", "text", checkpoint_id),
        )

    async def checkpoint_document(self, thread_id: Id, checkpoint_ns: str, checkpoint_id: Id) -> Json:
        """A checkpoint with the values of all its channels, as its writer gave it.
        The column checkpoint of the view checkpoints. Null when it is not stored and, with a warning, when it is
        damaged or over 255 MB: checkpoint_get() tells the error.
        Arguments:
          thread_id, checkpoint_ns, checkpoint_id: of the checkpoint
        Errors:
          22023: bad input
        """
        return await self._call(
            "checkpoint_document",
            value(Any),
            ("thread_id", "text", thread_id),
            ("checkpoint_ns", "text", checkpoint_ns),
            ("checkpoint_id", "text", checkpoint_id),
        )

    async def checkpoint_get(
        self,
        thread_id: Id,
        checkpoint_ns: str | None = DEFAULT,
        checkpoint_id: Id | None = DEFAULT,
        missing_ok: bool | None = DEFAULT,
        held: str | None = DEFAULT,
    ) -> Checkpoint | None:
        """One checkpoint of a namespace with its pending writes; the latest when no id is given.
        The latest has the greatest id by bytes.
        Arguments:
          thread_id: of the thread
          checkpoint_ns: the namespace, '' for the thread's own graph
          checkpoint_id: null: the latest
          missing_ok: no row when there is none (default), else an error
          held: '', or the mark of another checkpoint of the namespace whose messages the caller has. Then lists of messages
            are not among the values but in lists, {channel: {"runs", "new", "messages"}}: runs [[first, last]] of revisions are
            the list in its order, messages the bodies of the revisions in new, each once, by revision. What the other
            checkpoint has in the channel is not new; where that is not as it was, all is. What is in runs, not new, and not had
            either is an erased message's, and is left out
        Errors:
          P0002: none, with missing_ok false
          22023: bad input
          54000: it is too large for jsonb
        Answers: LangGraph BaseCheckpointSaver.get_tuple.
        """
        return await self._call(
            "checkpoint_get",
            maybe(Checkpoint),
            ("thread_id", "text", thread_id),
            ("checkpoint_ns", "text", checkpoint_ns),
            ("checkpoint_id", "text", checkpoint_id),
            ("missing_ok", "boolean", missing_ok),
            ("held", "text", held),
        )

    async def checkpoint_list(
        self,
        thread_id: Id | None = DEFAULT,
        checkpoint_ns: str | None = DEFAULT,
        checkpoint_id: Id | None = DEFAULT,
        metadata: Json = DEFAULT,
        before_id: Id | None = DEFAULT,
        max_rows: int | None = DEFAULT,
        after_id: Id | None = DEFAULT,
        after_thread_id: Id | None = DEFAULT,
        after_ns: str | None = DEFAULT,
        after_position: str | None = DEFAULT,
        before_position: str | None = DEFAULT,
        apart: bool | None = DEFAULT,
    ) -> list[ListedCheckpoint]:
        """Checkpoints of a thread, a namespace, or all, newest id first, then by thread and namespace, in pages.
        What is too large for jsonb, or damaged, is null in its row, and left_out names it.
        Arguments:
          thread_id, checkpoint_ns, checkpoint_id: of these only; null is any
          metadata: containment: exactly, types matter
          before_id: ids less than this one by bytes, which need not exist
          max_rows: rows of a page, 0 to 1,000
          after_id, after_thread_id, after_ns: the keys of the last row of the page before; the latter two where several
            threads or namespaces are listed
          after_position: the position of the last row of the page before; that row may be gone
          before_position: as before_id, of a row
          apart: true: lists of messages are in lists, as checkpoint_get() has them with held; what a row before on the page
            has in the same form is not new
        Errors:
          22023: bad input, or a position of another list
        Answers: LangGraph BaseCheckpointSaver.list.
        """
        return await self._call(
            "checkpoint_list",
            rows(ListedCheckpoint),
            ("thread_id", "text", thread_id),
            ("checkpoint_ns", "text", checkpoint_ns),
            ("checkpoint_id", "text", checkpoint_id),
            ("metadata", "jsonb", metadata),
            ("before_id", "text", before_id),
            ("max_rows", "bigint", max_rows),
            ("after_id", "text", after_id),
            ("after_thread_id", "text", after_thread_id),
            ("after_ns", "text", after_ns),
            ("after_position", "text", after_position),
            ("before_position", "text", before_position),
            ("apart", "boolean", apart),
        )

    async def checkpoint_pending_writes(self, thread_id: Id, checkpoint_ns: str, checkpoint_id: Id) -> Json:
        """What tasks wrote at a checkpoint, [[task_id, channel, value]] in the order in which they apply.
        The column pending_writes of the view checkpoints. Null, with a warning, when they are damaged or over 255 MB.
        Arguments:
          thread_id, checkpoint_ns, checkpoint_id: of the checkpoint
        Errors:
          22023: bad input
        """
        return await self._call(
            "checkpoint_pending_writes",
            value(Any),
            ("thread_id", "text", thread_id),
            ("checkpoint_ns", "text", checkpoint_ns),
            ("checkpoint_id", "text", checkpoint_id),
        )

    async def checkpoint_prune(
        self,
        thread_ids: Sequence[Id],
        strategy: str | None = DEFAULT,
        keep: int | None = DEFAULT,
    ) -> int:
        """Thins out checkpoints to the newest of each namespace; returns how many went.
        Unknown threads are skipped.
        Arguments:
          thread_ids: of the threads
          strategy: keep_latest keeps the newest ones of every namespace with their state and writes, and the ancestors
            that their delta channels need; revisions of messages go that are neither live nor part of a state kept.
            delete is checkpoint_delete_thread() for each
          keep: how many of a namespace stay, from 1
        Errors:
          22023: bad input
          42501: not the owner's session
        Answers: LangGraph BaseCheckpointSaver.prune.
        """
        return await self._call(
            "checkpoint_prune",
            value(int),
            ("thread_ids", "text[]", thread_ids),
            ("strategy", "text", strategy),
            ("keep", "bigint", keep),
        )

    async def checkpoint_put(
        self,
        thread_id: Id,
        checkpoint: Json,
        metadata: Json = DEFAULT,
        new_versions: Json = DEFAULT,
        parent_checkpoint_id: Id | None = DEFAULT,
        checkpoint_ns: str | None = DEFAULT,
        lists: Json = DEFAULT,
        held: str | None = DEFAULT,
    ) -> StoredCheckpoint:
        """Stores a LangGraph checkpoint; the thread is made when it is not there.
        A channel that is not in channel_versions is absent. An id put again gets the new checkpoint and metadata and
        keeps its parent. Messages of the channel messages are stored once and referred to. Many in one transaction:
        each goes past all that the transaction made of the thread's row and its values before, so more than some
        hundreds are committed in between.
        Arguments:
          thread_id: of the thread
          checkpoint: {"id", "ts", "channel_values", "channel_versions", "versions_seen", ...}. Versions may be numbers
            from -2^62 to 2^62 and text of any kind (of which the number of 32 digits with which LangGraph's begins is
            within that); an id of more than 218 bytes has to leave room for one above it. ts is the event_at of messages
            that are new and do not say theirs, unless it is no time or one to come: then that is now
          metadata: a JSON object; a number in its step is a whole one in the range of versions
          new_versions: {channel: version} names the channels that changed, null all; one of these without a value is
            stored as absent. Every other channel of channel_versions has the value of the parent if its version is the
            same there; else, if a checkpoint of the namespace brought this version in, the value given here, or without
            one that of the newest such checkpoint; else none
          parent_checkpoint_id: the checkpoint it follows; null: none
          checkpoint_ns: the namespace, '' for the thread's own graph
          lists: {channel: [[first, last], {message}, ...]} in place of values: lists of messages, in order, as runs of
            revisions that the parent's list of the channel has, and messages. With it, '{}' too, the result has the lists of
            the new checkpoint, {channel: {"runs": [[first, last]]}} (null where a message in them was erased), and its mark
          held: the mark of the parent, which runs in lists are of
        Errors:
          P0002: the parent was deleted with its thread
          55000: the run that metadata names as run_id is over, or was deleted and another has the thread
          TM001: lists goes by what the parent has no more, or never had (another mark, other revisions, no such list, messages
            of another form): put the values
          22023: a malformed checkpoint, an id, version or step that cannot be counted on; lists that are none, or of a channel
            that is not new or has a value as well
          54000: a message over threadmem.max_body, or a state over 255 MB with its messages written out; then nothing
            is stored
        Answers: LangGraph BaseCheckpointSaver.put.
        """
        return await self._call(
            "checkpoint_put",
            row(StoredCheckpoint),
            ("thread_id", "text", thread_id),
            ("checkpoint", "jsonb", json(checkpoint)),
            ("metadata", "jsonb", metadata),
            ("new_versions", "jsonb", new_versions),
            ("parent_checkpoint_id", "text", parent_checkpoint_id),
            ("checkpoint_ns", "text", checkpoint_ns),
            ("lists", "jsonb", lists),
            ("held", "text", held),
        )

    async def checkpoint_put_writes(
        self,
        thread_id: Id,
        checkpoint_id: Id,
        task_id: Id,
        writes: Json,
        task_path: str | None = DEFAULT,
        checkpoint_ns: str | None = DEFAULT,
        run_id: Id | None = DEFAULT,
    ) -> int:
        """Stores what a task wrote that started from a checkpoint; returns how many rows were stored or replaced.
        A batch of __error__, __scheduled__, __interrupt__ and __resume__ only replaces what is there; any other keeps
        what is there under the same task and place.
        Arguments:
          thread_id: of the thread
          checkpoint_id: of the checkpoint, which may come later
          task_id: of the task
          writes: [[channel, value]]
          task_path: where the task stands in the graph
          checkpoint_ns: the namespace, '' for the thread's own graph
          run_id: of the run that writes; the checkpoint may be of another
        Errors:
          P0002: the checkpoint was deleted with its thread
          55000: the run is over, or was deleted and another has the thread
          22023: bad input
          54000: the writes of the checkpoint are over 247 MB together
        Answers: LangGraph BaseCheckpointSaver.put_writes.
        """
        return await self._call(
            "checkpoint_put_writes",
            value(int),
            ("thread_id", "text", thread_id),
            ("checkpoint_id", "text", checkpoint_id),
            ("task_id", "text", task_id),
            ("writes", "jsonb", json(writes)),
            ("task_path", "text", task_path),
            ("checkpoint_ns", "text", checkpoint_ns),
            ("run_id", "text", run_id),
        )

    async def state_matches(self, thread_id: Id, values_match: Json) -> bool:
        """Whether the values that the latest checkpoint of a thread has contain these.
        What thread_search(values_match) asks of states. What tasks have written since and what the log has more does
        not count. A thread without checkpoint has no values, an unknown one matches nothing, and so do values too large
        for jsonb.
        Arguments:
          thread_id: of the thread
          values_match: containment: exactly, types matter
        Errors:
          22023: bad input
        """
        return await self._call(
            "state_matches",
            value(bool),
            ("thread_id", "text", thread_id),
            ("values_match", "jsonb", json(values_match)),
        )

    async def thread_diff(
        self,
        thread_id: Id,
        from_id: Id,
        to_id: Id,
        checkpoint_ns: str | None = DEFAULT,
    ) -> Json:
        """What differs between the values at two checkpoints of a thread, of any branch, as a JSON Patch (RFC 6902).
        It makes those at to_id of those at from_id, as json_diff() gives it.
        Arguments:
          thread_id: of the thread
          from_id, to_id: of the checkpoints
          checkpoint_ns: the namespace, '' for the thread's own graph
        Errors:
          P0002: no such thread or checkpoint
          22023: bad input
          54000: values too large for jsonb
        """
        return await self._call(
            "thread_diff",
            value(Any),
            ("thread_id", "text", thread_id),
            ("from_id", "text", from_id),
            ("to_id", "text", to_id),
            ("checkpoint_ns", "text", checkpoint_ns),
        )

    async def thread_fold(self, thread_id: Id, at_rest: bool | None = DEFAULT) -> str | None:
        """Takes what the log has and the latest state has not seen into an update checkpoint; returns its id.
        That is new, changed and deleted messages. Null when there is nothing, which locks and writes nothing, or tasks of
        the latest checkpoint have pending writes. A LangGraph client calls it before it resumes; thread_update_state() does
        so itself.
        Arguments:
          thread_id: of the thread
          at_rest: true, for who only reads: not while nodes are to run next or the thread is busy, since who is at work
            puts the next checkpoint beside this one, and what was folded stays with the branch that is left
        Errors:
          P0002: no such thread
          54000: the state would be over 255 MB; then take messages out of it by thread_update_state() with
            RemoveMessage, or by message_delete()
          22023: bad input
        """
        return await self._call(
            "thread_fold",
            optional(str),
            ("thread_id", "text", thread_id),
            ("at_rest", "boolean", at_rest),
        )

    async def thread_graph(
        self,
        thread_id: Id,
        checkpoint_ns: str | None = DEFAULT,
        max_rows: int | None = DEFAULT,
    ) -> list[str]:
        """The history of a thread with all its branches, drawn for psql as git log --graph does.
        SELECT * FROM threadmem.thread_graph('my thread'). One line per checkpoint, newest id first, as thread_history()
        lists them; a line leads down from each to its parent. * is a checkpoint: its id, in parentheses what is to be
        known of it, step and source, how many messages its channel messages holds, the nodes to run next (long names
        and lists are cut at ..., +n more: thread_state has all). latest: the greatest id; waits for log: so many
        messages of the log are new, changed or deleted since (thread_fold takes them in); writes: so many tasks have
        written already, and no checkpoint has followed (without task: an answer to an interrupt); interrupted, error:
        what tasks of it wrote; parent X above: the parent has a greater id, so no line leads there; parent X not
        stored, its own parent; not restorable: see threadmem_verify(). o is a parent that is not stored, pruned for
        instance. subgraph X below a checkpoint: call again with checkpoint_ns X. The last line is ... when there are
        older ones. A thread without checkpoint but with messages gives one line that says so, one without either, and a
        namespace without checkpoint, none. Reads states in part only: 100 checkpoints take milliseconds.
        Arguments:
          thread_id: of the thread
          checkpoint_ns: one of its subgraphs; '' for the thread's own graph
          max_rows: checkpoints at most, 0 to 1,000; 0: no line
        Errors:
          P0002: no such thread
          22023: bad input
        """
        return await self._call(
            "thread_graph",
            values(str),
            ("thread_id", "text", thread_id),
            ("checkpoint_ns", "text", checkpoint_ns),
            ("max_rows", "bigint", max_rows),
        )

    async def thread_history(
        self,
        thread_id: Id,
        max_rows: int | None = DEFAULT,
        before_id: Id | None = DEFAULT,
        metadata: Json = DEFAULT,
        checkpoint_ns: str | None = DEFAULT,
        checkpoint_id: Id | None = DEFAULT,
        fields: Sequence[str] | None = DEFAULT,
        after_position: str | None = DEFAULT,
        before_position: str | None = DEFAULT,
    ) -> list[ListedState]:
        """The states of a thread, newest checkpoint id first, over all branches of one namespace.
        What each checkpoint says, without pending writes. Values, tasks or interrupts that are too large for jsonb, or
        damaged, are null, and left_out in metadata names them.
        Arguments:
          thread_id: of the thread
          max_rows: rows of a page, 0 to 1,000
          before_id: ids less than this one, which need not exist
          metadata: containment: exactly, types matter
          checkpoint_ns: the namespace, '' for the thread's own graph
          checkpoint_id: this one only
          fields: as in thread_state()
          after_position, before_position: go on after the row of this position; a list from the newest on does not tell
            them apart
        Errors:
          P0002: no such thread
          22023: bad input, or a position of another list
        Answers: LangGraph threads.get_history.
        """
        return await self._call(
            "thread_history",
            rows(ListedState),
            ("thread_id", "text", thread_id),
            ("max_rows", "bigint", max_rows),
            ("before_id", "text", before_id),
            ("metadata", "jsonb", metadata),
            ("checkpoint_ns", "text", checkpoint_ns),
            ("checkpoint_id", "text", checkpoint_id),
            ("fields", "text[]", fields),
            ("after_position", "text", after_position),
            ("before_position", "text", before_position),
        )

    async def thread_rewind(
        self,
        thread_id: Id,
        message_id: Id,
        content: str | None = DEFAULT,
        body: Json = DEFAULT,
        parts: Json = DEFAULT,
        new_message_id: Id | None = DEFAULT,
        checkpoint_id: Id | None = DEFAULT,
        before_message: bool | None = DEFAULT,
    ) -> RewoundThread:
        """Goes back to before a message in the same thread, with a new wording of it if one is given; or to another branch.
        What is said from there on is kept, on the branch that is left: message_siblings() lists it. The state goes back
        to what it was then; what no state had seen yet, and earlier messages that were reworded since, are as the log
        has them. The first message of a thread will do, and so will a thread without any checkpoint.
        A message of another branch makes that branch current, with all that followed there.
        Arguments:
          thread_id: of the thread
          message_id: of the message
          content: the new wording, said by whom the message is, which is added in its place
          body: or a whole message
          parts: or its content where it is an array of parts
          new_message_id: of the new wording; null generates one. The call repeated with it changes nothing
          checkpoint_id: the branch, as message_siblings() gives it; null: the present one, or the newest that has the
            message
          before_message: true goes to before the message also on another branch, so that a repeated call does not bring
            it back; false makes its branch current, and does nothing on the present one. Null: before, unless the message
            is on another branch and no wording is given
        Errors:
          P0002: no such thread or checkpoint, or no such message on any branch
          55006: a run of the thread is queued, in progress or cancelling
          23505: another message has new_message_id
          22023: a branch without the message, more than one wording, bad input
          54000: a state over 255 MB with its messages, or a body over threadmem.max_body
        Answers: edit and regenerate of chat interfaces, the branch switcher of LangGraph's chat.
        """
        return await self._call(
            "thread_rewind",
            row(RewoundThread),
            ("thread_id", "text", thread_id),
            ("message_id", "text", message_id),
            ("content", "text", content),
            ("body", "jsonb", body),
            ("parts", "jsonb", parts),
            ("new_message_id", "text", new_message_id),
            ("checkpoint_id", "text", checkpoint_id),
            ("before_message", "boolean", before_message),
        )

    async def thread_state(
        self,
        thread_id: Id,
        checkpoint_id: Id | None = DEFAULT,
        checkpoint_ns: str | None = DEFAULT,
        subgraphs: bool | None = DEFAULT,
        fields: Sequence[str] | None = DEFAULT,
    ) -> StateSnapshot:
        """The state of a thread: values, nodes to run next, tasks with errors, interrupts and results, metadata.
        The latest has what tasks have written already and what the log has that no checkpoint has seen; a thread
        without checkpoint has its log as messages. Where there is no such checkpoint the state is empty.
        Arguments:
          thread_id: of the thread
          checkpoint_id: at this checkpoint; null: the latest
          checkpoint_ns: of one of its subgraphs; '' for the thread's own graph
          subgraphs: nests the states of subgraphs into the tasks
          fields: columns wanted, values.<channel> for single ones; the others are null
        Errors:
          P0002: no such thread
          22023: bad input
          54000: what was asked for is too large for jsonb
        Answers: LangGraph threads.get_state.
        """
        return await self._call(
            "thread_state",
            row(StateSnapshot),
            ("thread_id", "text", thread_id),
            ("checkpoint_id", "text", checkpoint_id),
            ("checkpoint_ns", "text", checkpoint_ns),
            ("subgraphs", "boolean", subgraphs),
            ("fields", "text[]", fields),
        )

    async def thread_update_state(
        self,
        thread_id: Id,
        input: Json = DEFAULT,
        as_node: str | None = DEFAULT,
        updates: Json = DEFAULT,
        checkpoint_id: Id | None = DEFAULT,
        next: Sequence[str] | None = DEFAULT,
        run_id: Id | None = DEFAULT,
        checkpoint_ns: str | None = DEFAULT,
        metadata: Json = DEFAULT,
    ) -> CheckpointKey:
        """Makes a new checkpoint as a node would have written it, or a branch at an older one; returns its key.
        What was said in the log meanwhile is folded in first; where that alone would make the state too large, in one
        checkpoint with the update, which may take messages out.
        Arguments:
          thread_id: of the thread
          input: {channel: update}, which go through the reducers of the thread's graph; null without as_node makes an
            empty step
          as_node: the node that is to have written it, by default the one that ran last. Also __input__ (input waits in
            __start__), __start__ (as the graph's input), __end__ with null input (pending tasks end), __copy__ (a
            sibling of the checkpoint)
          updates: [{"values", "as_node"}], several updates in one superstep, instead of input; in place of values
            "command": {"update": values, "goto": nodes or sends {"node", "input"} to run next beside the edges' nodes}
          checkpoint_id: build on this one as it is, which makes a branch: what was said until now, folded or not, stays
            with the branch that is left. That holds of the latest one too, unless run_id goes on from it
          next: the nodes to run then, by default those that the graph's edges lead to
          run_id: the run in progress, whose checkpoint (source loop) it becomes
          checkpoint_ns: the namespace, '' for the thread's own graph; that of a subgraph needs its definition in the
            graph's, unless nothing is written
          metadata: kept in the checkpoint's metadata, for filters of thread_history() and checkpoint_list(). What tells of
            the checkpoint itself wins: source, step, parents, what delta channels count, and run_id where it is given
        Errors:
          P0002: no such thread, checkpoint or run
          55006: a run of the thread is queued, in progress or cancelling and run_id is not given
          55000: run_id is not in progress, or the run that metadata names is over
          22023: no such node, ambiguous as_node, two values for a last_value channel, a message removed that is not
            there, a key of updates that is not known, a command that resumes, a subgraph that is not declared, bad input
          54000: a state over 255 MB with its messages, or a version or id in the chain, written by hand, that none can
            follow
          22003: a sum out of range
        Answers: LangGraph threads.update_state.
        """
        return await self._call(
            "thread_update_state",
            row(CheckpointKey),
            ("thread_id", "text", thread_id),
            ("input", "jsonb", input),
            ("as_node", "text", as_node),
            ("updates", "jsonb", updates),
            ("checkpoint_id", "text", checkpoint_id),
            ("next", "text[]", next),
            ("run_id", "text", run_id),
            ("checkpoint_ns", "text", checkpoint_ns),
            ("metadata", "jsonb", metadata),
        )

    async def run_cancel(self, thread_id: Id, run_id: Id, confirm: bool | None = DEFAULT) -> Run:
        """Asks for the end of a run, or confirms it.
        queued or requires_action to cancelled; in_progress to cancelling, which its worker sees in run_heartbeat() and
        confirms. A worker that is gone does not have to: at the end of its lease the run is expired. Again it changes
        nothing.
        Arguments:
          thread_id: of the thread
          run_id: of the run
          confirm: said by the worker: cancelling to cancelled
        Errors:
          P0002: no such run
          55000: illegal transition
          22023: bad input
        Answers: LangGraph runs.cancel, OpenAI runs.cancel, Entities cancel_run, Backboard cancel run.
        """
        return await self._call(
            "run_cancel",
            row(Run),
            ("thread_id", "text", thread_id),
            ("run_id", "text", run_id),
            ("confirm", "boolean", confirm),
        )

    async def run_claim(
        self,
        worker: str | None = DEFAULT,
        lease: timedelta | None = DEFAULT,
        assistant_id: Id | None = DEFAULT,
        graph_id: Id | None = DEFAULT,
    ) -> Run | None:
        """Gives a worker the run of this tenant that has been due for longest and is the next of its thread, and starts it.
        As run_start() does; no row when there is none. Threads that another session is writing to are passed over, so
        that many workers may claim at once. A run whose state would be too large fails with the code state_too_large,
        and the next one is taken.
        Arguments:
          worker: a name of the worker, by which run_heartbeat() and what ends the run know it
          lease: for how long the worker has it unless it calls run_heartbeat(); at most 10 years
          assistant_id, graph_id: only runs of these
        Errors:
          22023: bad input
        Answers: the queue of a LangGraph server.
        """
        return await self._call(
            "run_claim",
            maybe(Run),
            ("worker", "text", worker),
            ("lease", "interval", lease),
            ("assistant_id", "text", assistant_id),
            ("graph_id", "text", graph_id),
        )

    async def run_complete(
        self,
        thread_id: Id,
        run_id: Id,
        incomplete_reason: str | None = DEFAULT,
        usage: Json = DEFAULT,
        result: Json = DEFAULT,
        worker: str | None = DEFAULT,
    ) -> Run:
        """Ends a run well: in_progress (or cancelling) to completed, or to incomplete.
        When the state has nodes to run next, the thread is interrupted after a completed run, else idle. Completing it
        again changes nothing.
        Arguments:
          thread_id: of the thread
          run_id: of the run, which run_start() or run_claim() has started
          incomplete_reason: max_completion_tokens, for one: in_progress to incomplete instead
          usage, result: JSON, kept
          worker: when given, it must be the one that started the run
        Errors:
          P0002: no such run
          55000: illegal transition or another worker's run
          22023: bad input
        """
        return await self._call(
            "run_complete",
            row(Run),
            ("thread_id", "text", thread_id),
            ("run_id", "text", run_id),
            ("incomplete_reason", "text", incomplete_reason),
            ("usage", "jsonb", usage),
            ("result", "jsonb", result),
            ("worker", "text", worker),
        )

    async def run_create(
        self,
        thread_id: Id,
        assistant_id: Id | None = DEFAULT,
        input: Json = DEFAULT,
        strategy: str | None = DEFAULT,
        run_id: Id | None = DEFAULT,
        graph_id: Id | None = DEFAULT,
        messages: Json = DEFAULT,
        kwargs: Json = DEFAULT,
        metadata: Json = DEFAULT,
        config: Json = DEFAULT,
        after_seconds: int | None = DEFAULT,
        expires_in: timedelta | None = DEFAULT,
        if_not_exists: str | None = DEFAULT,
        if_exists: str | None = DEFAULT,
    ) -> Run:
        """Queues a run on a thread, with messages if wanted.
        metadata and config are merged: the assistant's, the thread's, those given (config's configurable key by key); a
        thread that is not busy gets the merged config, and graph_id and assistant_id in its metadata.
        Arguments:
          thread_id: of the thread
          assistant_id: an assistant (not a model's name), or the id of a defined graph; without it and graph_id it is
            the thread's
          input: JSON for the worker
          strategy: what to do when another run of the thread is not over: enqueue waits for it, reject is 55006,
            interrupt ends it (interrupted, or cancelled when it was not in progress; what it wrote stays), rollback
            removes it with its checkpoints and messages
          run_id: 1 to 255 bytes, generated when null
          graph_id: alone, it stands for the graph's default assistant, which is made when it is not there (its id
            follows from the graph's, as LangGraph's does)
          messages: an array as message_add_batch() takes it, added to the log as the run's own
          kwargs: JSON for the worker
          metadata, config: JSON objects
          after_seconds: not to be started before, in seconds from now
          expires_in: when it ends as expired, counted from then; at most 10 years
          if_not_exists: reject, or create: makes the thread
          if_exists: raise, or do_nothing: returns a run that is there already
        Errors:
          P0002: no such thread
          23503: no such assistant
          23505: the run exists
          55006: the thread is busy
          55000: the thread's assistant is pinned
          42501: a session narrowed to one user cannot make an assistant
          22023: bad input
          54000: a message over threadmem.max_body
        Answers: LangGraph runs.create, OpenAI runs.create, Entities create_run.
        """
        return await self._call(
            "run_create",
            row(Run),
            ("thread_id", "text", thread_id),
            ("assistant_id", "text", assistant_id),
            ("input", "jsonb", input),
            ("strategy", "text", strategy),
            ("run_id", "text", run_id),
            ("graph_id", "text", graph_id),
            ("messages", "jsonb", messages),
            ("kwargs", "jsonb", kwargs),
            ("metadata", "jsonb", metadata),
            ("config", "jsonb", config),
            ("after_seconds", "bigint", after_seconds),
            ("expires_in", "interval", expires_in),
            ("if_not_exists", "text", if_not_exists),
            ("if_exists", "text", if_exists),
        )

    async def run_expire(
        self,
        thread_id: Id | None = DEFAULT,
        run_id: Id | None = DEFAULT,
        max_rows: int | None = DEFAULT,
    ) -> list[Run]:
        """Writes down what time has ended; gives the runs it expired.
        With run_id: queued, in_progress, requires_action or cancelling to expired now, whatever its lease (LangGraph's
        timeout). Without: what every function says already, that the runs of stuck_runs are expired; nothing needs it.
        Threads that another session is writing to are passed over. Again, none.
        Arguments:
          thread_id: this thread only; null: the tenant's
          run_id: this run, of thread_id
          max_rows: threads at most
        Errors:
          P0002: no such thread or run
          55000: illegal transition
          22023: run_id without thread_id, bad max_rows
        """
        return await self._call(
            "run_expire",
            rows(Run),
            ("thread_id", "text", thread_id),
            ("run_id", "text", run_id),
            ("max_rows", "bigint", max_rows),
        )

    async def run_fail(
        self,
        thread_id: Id,
        run_id: Id,
        error: Json = DEFAULT,
        usage: Json = DEFAULT,
        worker: str | None = DEFAULT,
    ) -> Run:
        """Ends a run badly: queued, in_progress or cancelling to failed; the thread is in error.
        Arguments:
          thread_id: of the thread
          run_id: of the run
          error: kept as given, {"code", "message"} in OpenAI's last_error
          usage: JSON, kept
          worker: when given, it must be the one that started the run
        Errors:
          P0002: no such run
          55000: illegal transition or another worker's run
          22023: bad input
        """
        return await self._call(
            "run_fail",
            row(Run),
            ("thread_id", "text", thread_id),
            ("run_id", "text", run_id),
            ("error", "jsonb", error),
            ("usage", "jsonb", usage),
            ("worker", "text", worker),
        )

    @overload
    async def run_get(self, thread_id: Id, run_id: Id) -> Run: ...

    @overload
    async def run_get(self, thread_id: Id, run_id: Id, missing_ok: bool) -> Run | None: ...

    async def run_get(self, thread_id: Id, run_id: Id, missing_ok: bool | None = DEFAULT) -> Run | None:
        """One run; expired once its lease or its time is over, though nobody has written that down.
        Arguments:
          thread_id: of the thread
          run_id: of the run
          missing_ok: no row, and no error, when there is none
        Errors:
          P0002: no such run
          22023: bad input
        Answers: LangGraph runs.get, OpenAI runs.retrieve, Entities retrieve_run.
        """
        return await self._call(
            "run_get",
            maybe(Run),
            ("thread_id", "text", thread_id),
            ("run_id", "text", run_id),
            ("missing_ok", "boolean", missing_ok),
        )

    async def run_heartbeat(
        self,
        thread_id: Id,
        run_id: Id,
        worker: str | None = DEFAULT,
        lease: timedelta | None = DEFAULT,
    ) -> Run:
        """Renews the lease of a worker, and gives the run.
        The worker keeps it for so long from now (never shorter than it has it). When its status is cancelling, the
        worker stops and calls run_cancel(confirm => true).
        Arguments:
          thread_id: of the thread
          run_id: of the run
          worker: when given, it must be the one that started the run
          lease: as in run_start()
        Errors:
          P0002: no such run (rolled back, for one)
          55000: it is not in progress any more or another worker's
          22023: bad input
        """
        return await self._call(
            "run_heartbeat",
            row(Run),
            ("thread_id", "text", thread_id),
            ("run_id", "text", run_id),
            ("worker", "text", worker),
            ("lease", "interval", lease),
        )

    async def run_interrupt(
        self,
        thread_id: Id,
        run_id: Id,
        result: Json = DEFAULT,
        usage: Json = DEFAULT,
        worker: str | None = DEFAULT,
    ) -> Run:
        """Ends a run where somebody has to be asked: in_progress to interrupted.
        The thread is interrupted, and another run resumes it (LangGraph).
        Arguments:
          thread_id: of the thread
          run_id: of the run
          result: JSON, kept; may say what is asked
          usage: JSON, kept
          worker: when given, it must be the one that started the run
        Errors:
          P0002: no such run
          55000: illegal transition or another worker's run
          22023: bad input
        """
        return await self._call(
            "run_interrupt",
            row(Run),
            ("thread_id", "text", thread_id),
            ("run_id", "text", run_id),
            ("result", "jsonb", result),
            ("usage", "jsonb", usage),
            ("worker", "text", worker),
        )

    async def run_list(
        self,
        thread_id: Id,
        status: str | None = DEFAULT,
        metadata: Json = DEFAULT,
        max_rows: int | None = DEFAULT,
        sort_order: str | None = DEFAULT,
        after_id: Id | None = DEFAULT,
        before_id: Id | None = DEFAULT,
        skip: int | None = DEFAULT,
        after_position: str | None = DEFAULT,
        before_position: str | None = DEFAULT,
    ) -> list[ListedRun]:
        """The runs of a thread in the order of their creation, newest first by default, in pages.
        Arguments:
          thread_id: of the thread
          status: this status only
          metadata: containment: exactly, types matter
          max_rows: rows of a page, 0 to 1,000
          sort_order: desc or asc
          after_id, after_position: go on after this run, in the order of the list
          before_id, before_position: end before this one
          skip: rows left out before the first
        Errors:
          P0002: no such thread or run
          22023: bad input, or a position of another list or order
        Answers: LangGraph runs.list, OpenAI runs.list.
        """
        return await self._call(
            "run_list",
            rows(ListedRun),
            ("thread_id", "text", thread_id),
            ("status", "text", status),
            ("metadata", "jsonb", metadata),
            ("max_rows", "bigint", max_rows),
            ("sort_order", "text", sort_order),
            ("after_id", "text", after_id),
            ("before_id", "text", before_id),
            ("skip", "bigint", skip),
            ("after_position", "text", after_position),
            ("before_position", "text", before_position),
        )

    async def run_require_action(
        self,
        thread_id: Id,
        run_id: Id,
        tool_calls: Json,
        usage: Json = DEFAULT,
        worker: str | None = DEFAULT,
    ) -> Run:
        """Lets a run wait for the outputs of tools, without a lease: in_progress to requires_action.
        The column required_action has the calls in OpenAI's form. The same calls again change nothing.
        Arguments:
          thread_id: of the thread
          run_id: of the run
          tool_calls: an array; each has an id, or tool_call_id, or toolCallId
          usage: JSON, kept
          worker: when given, it must be the one that started the run
        Errors:
          P0002: no such run
          55000: illegal transition or another worker's run
          22023: no tool calls, one without id, an id twice
        Answers: OpenAI required_action, Backboard REQUIRES_ACTION.
        """
        return await self._call(
            "run_require_action",
            row(Run),
            ("thread_id", "text", thread_id),
            ("run_id", "text", run_id),
            ("tool_calls", "jsonb", json(tool_calls)),
            ("usage", "jsonb", usage),
            ("worker", "text", worker),
        )

    async def run_start(
        self,
        thread_id: Id,
        run_id: Id | None = DEFAULT,
        worker: str | None = DEFAULT,
        lease: timedelta | None = DEFAULT,
    ) -> Run:
        """Starts a run, or the next one of a thread: queued to in_progress.
        A run in requires_action that is named goes on without the outputs that are missing. What was said in the log
        meanwhile is folded into the state first. Starting it again changes nothing for the same worker.
        Arguments:
          thread_id: of the thread
          run_id: has to be the next one; null: the next one
          worker: a name of the worker
          lease: for how long the worker has the run unless it calls run_heartbeat(); at most 10 years
        Errors:
          P0002: no such thread or run, or none is due
          55006: another run is in progress or comes first
          55000: the run is over or not due
          22023: bad input
          54000: the state would be over 255 MB with what was said
        """
        return await self._call(
            "run_start",
            row(Run),
            ("thread_id", "text", thread_id),
            ("run_id", "text", run_id),
            ("worker", "text", worker),
            ("lease", "interval", lease),
        )

    async def run_step_add(
        self,
        thread_id: Id,
        run_id: Id,
        type: str | None = DEFAULT,
        status: str | None = DEFAULT,
        step_no: int | None = DEFAULT,
        name: str | None = DEFAULT,
        message_id: Id | None = DEFAULT,
        tool_call_id: Id | None = DEFAULT,
        details: Json = DEFAULT,
        metadata: Json = DEFAULT,
        error: Json = DEFAULT,
        usage: Json = DEFAULT,
    ) -> Step:
        """Notes a step of a run that is not over, or changes one by its number.
        Steps still in_progress end with the run.
        Arguments:
          thread_id: of the thread
          run_id: of the run
          type: message_creation, tool_calls or node
          status: in_progress, completed, failed, cancelled or expired
          step_no: counts from 1 and is the next one when null; a number that is there already gets what is given now,
            so a step begun in_progress is ended by its number
          name: of the tool or node
          message_id, tool_call_id: what it made or called
          details, metadata, error, usage: JSON, kept
        Errors:
          P0002: no such run
          55000: the run or the step is over
          22023: a gap in the numbers, bad input
        Answers: OpenAI run steps, Entities actions.
        """
        return await self._call(
            "run_step_add",
            row(Step),
            ("thread_id", "text", thread_id),
            ("run_id", "text", run_id),
            ("type", "text", type),
            ("status", "text", status),
            ("step_no", "bigint", step_no),
            ("name", "text", name),
            ("message_id", "text", message_id),
            ("tool_call_id", "text", tool_call_id),
            ("details", "jsonb", details),
            ("metadata", "jsonb", metadata),
            ("error", "jsonb", error),
            ("usage", "jsonb", usage),
        )

    async def run_steps(
        self,
        thread_id: Id,
        run_id: Id,
        max_rows: int | None = DEFAULT,
        sort_order: str | None = DEFAULT,
        after_no: int | None = DEFAULT,
        after_position: str | None = DEFAULT,
    ) -> list[ListedRunStep]:
        """The steps of a run in their order, in pages.
        Arguments:
          thread_id: of the thread
          run_id: of the run
          max_rows: rows of a page, 0 to 1,000
          sort_order: asc or desc
          after_no: the last number of the page before
          after_position: the position of the last row of the page before
        Errors:
          P0002: no such run
          22023: bad input, or a position of another list or order
        Answers: OpenAI runs.steps.list.
        """
        return await self._call(
            "run_steps",
            rows(ListedRunStep),
            ("thread_id", "text", thread_id),
            ("run_id", "text", run_id),
            ("max_rows", "bigint", max_rows),
            ("sort_order", "text", sort_order),
            ("after_no", "bigint", after_no),
            ("after_position", "text", after_position),
        )

    async def run_submit_tool_outputs(self, thread_id: Id, run_id: Id, outputs: Json) -> Run:
        """Gives outputs of the tool calls a run waits for; with the last one the run is queued again.
        Each becomes a tool message of the run, with what else its element says (is_error, name). An output that is
        there already changes nothing, at any time.
        Arguments:
          thread_id: of the thread
          run_id: of the run
          outputs: [{"tool_call_id", "output"}], all or some of them
        Errors:
          P0002: no such run
          55000: the run does not wait for outputs
          23505: another output for the same call
          22023: a tool call it did not ask for, an output twice, bad input; then none is stored
          54000: an output over threadmem.max_body
        Answers: OpenAI runs.submitToolOutputs, Entities submit_tool_output, Backboard submit tool outputs.
        """
        return await self._call(
            "run_submit_tool_outputs",
            row(Run),
            ("thread_id", "text", thread_id),
            ("run_id", "text", run_id),
            ("outputs", "jsonb", json(outputs)),
        )

    async def message_context(
        self,
        thread_id: Id,
        max_tokens: int | None = DEFAULT,
        max_messages: int | None = DEFAULT,
        strategy: str | None = DEFAULT,
        keep_system: bool | None = DEFAULT,
        start_on: str | None = DEFAULT,
        head_messages: int | None = DEFAULT,
        dangling: str | None = DEFAULT,
    ) -> list[ContextMessage]:
        """The messages to put before a model, in their order, within a budget of tokens.
        They are those of the latest state, of a thread without one those of its log. A call of tools and its answers
        stay or go together, the answers directly behind it even where somebody spoke in between. An answer whose call
        is not there is left out (one that names no call belongs to the assistant's message before it), and so are
        second answers to a call, thoughts that nothing of the same answer follows, messages still streaming or broken
        off, and roles that no model knows. A body is as its writer wrote it: an id that threadmem put into it is not
        there. Tokens are counted in what message_prompt() gives, by the function that threadmem.token_counter names, or
        by characters: four to a token, in scripts such as Han one.
        Arguments:
          thread_id: of the thread
          max_tokens, max_messages: limit all rows together; null: no limit
          strategy: last takes the newest, back to the first that does not fit; middle gives at most half to the oldest
            and the rest to the newest; head_tail keeps the first head_messages and fills up with the newest
          keep_system: every system and developer message stays, wherever it stands
          start_on: but for those the first message has this role
          head_messages: of head_tail
          dangling: a call that nothing answers is left out with what answers it has (drop), or gets an answer that says
            so, without message_id (close)
        Errors:
          P0002: no such thread
          54000: the limits hold not even the system messages, the newest message with what belongs to it, or
            head_messages
          22023: bad input, or the setting names no function
          0A000: a delta channel messages whose reducer the thread's graph does not declare
        Answers: OpenAI truncation_strategy, LangChain trim_messages, AutoGen HeadAndTail.
        """
        return await self._call(
            "message_context",
            rows(ContextMessage),
            ("thread_id", "text", thread_id),
            ("max_tokens", "bigint", max_tokens),
            ("max_messages", "bigint", max_messages),
            ("strategy", "text", strategy),
            ("keep_system", "boolean", keep_system),
            ("start_on", "text", start_on),
            ("head_messages", "bigint", head_messages),
            ("dangling", "text", dangling),
        )

    async def message_prompt(self, body: Json) -> str | None:
        """What a model reads of a message: the text that message_context() counts in tokens.
        Its words, each call of a tool with name and arguments, and what has no words (structured output, thoughts) as
        JSON; images, audio, files, signatures and encrypted thoughts count nothing. Null for what is no message.
        Arguments:
          body: a message in any system's form
        Errors: none.
        """
        return await self._call("message_prompt", optional(str), ("body", "jsonb", json(body)))

    async def context_template_create(self, template_id: Id, template: str, if_exists: str | None = DEFAULT) -> ContextTemplate:
        """Stores a template that shapes the block of thread_context().
        Arguments:
          template_id: 1 to 100 bytes, without %{
          template: 1 to 1,200 characters of text in which the variables %{user_summary}, %{memory_blocks}, %{edges},
            %{entities} and %{episodes} stand for what they name. Options: limit=N (0 to 1,000; for the last three), and
            types=[A,B] and include_attributes=true or false for edges and entities
          if_exists: raise, or do_nothing: the stored row unchanged
        Errors:
          23505: the id exists
          22023: bad input, with the character where the template is wrong
          0A000: Zep's variables observations and thread_summaries
          42501: a session narrowed by threadmem.user_id
        Answers: Zep context.create_context_template.
        """
        return await self._call(
            "context_template_create",
            row(ContextTemplate),
            ("template_id", "text", template_id),
            ("template", "text", template),
            ("if_exists", "text", if_exists),
        )

    async def context_template_delete(self, template_id: Id) -> bool:
        """Deletes a template of the context block.
        Arguments:
          template_id: of the template
        Errors:
          P0002: no such template
          42501: a session narrowed by threadmem.user_id
          22023: bad input
        Answers: Zep context.delete_context_template.
        """
        return await self._call(
            "context_template_delete",
            value(bool),
            ("template_id", "text", template_id),
        )

    @overload
    async def context_template_get(self, template_id: Id) -> ContextTemplate: ...

    @overload
    async def context_template_get(self, template_id: Id, missing_ok: bool) -> ContextTemplate | None: ...

    async def context_template_get(self, template_id: Id, missing_ok: bool | None = DEFAULT) -> ContextTemplate | None:
        """One template of the context block.
        Arguments:
          template_id: of the template
          missing_ok: no row, and no error, when there is none
        Errors:
          P0002: no such template
          22023: bad input
        Answers: Zep context.get_context_template.
        """
        return await self._call(
            "context_template_get",
            maybe(ContextTemplate),
            ("template_id", "text", template_id),
            ("missing_ok", "boolean", missing_ok),
        )

    async def context_template_list(
        self,
        sort_by: str | None = DEFAULT,
        sort_order: str | None = DEFAULT,
        max_rows: int | None = DEFAULT,
        after_id: Id | None = DEFAULT,
        page_number: int | None = DEFAULT,
        page_size: int | None = DEFAULT,
        after_position: str | None = DEFAULT,
    ) -> list[ListedContextTemplate]:
        """Templates of the context block, newest first, in pages.
        Arguments:
          sort_by: created_at, updated_at or template_id
          sort_order: desc or asc
          max_rows: rows of a page, 0 to 1,000
          after_id: the id of the last row of the page before, which must exist
          page_number: from 1, with page_size, instead of these
          page_size: rows of a page, 1 to 1,000
          after_position: the position of the last row of the page before; that row may be gone
        Errors:
          P0002: unknown after_id
          22023: bad input, or a position of another list or order
        Answers: Zep context.list_context_templates.
        """
        return await self._call(
            "context_template_list",
            rows(ListedContextTemplate),
            ("sort_by", "text", sort_by),
            ("sort_order", "text", sort_order),
            ("max_rows", "bigint", max_rows),
            ("after_id", "text", after_id),
            ("page_number", "bigint", page_number),
            ("page_size", "bigint", page_size),
            ("after_position", "text", after_position),
        )

    async def context_template_update(self, template_id: Id, template: str) -> ContextTemplate:
        """Replaces the text of a template.
        Arguments:
          template_id: of the template
          template: as in context_template_create()
        Errors:
          P0002: no such template
          22023: bad input
          0A000: as context_template_create()
          42501: a session narrowed by threadmem.user_id
        Answers: Zep context.update_context_template.
        """
        return await self._call(
            "context_template_update",
            row(ContextTemplate),
            ("template_id", "text", template_id),
            ("template", "text", template),
        )

    async def memory_add_data(
        self,
        user_id: Id,
        data: str,
        type: str | None = DEFAULT,
        event_at: datetime | None = DEFAULT,
        metadata: Json = DEFAULT,
        source_description: str | None = DEFAULT,
        episode_id: Id | None = DEFAULT,
    ) -> Episode:
        """Adds an episode to the memory of a user or a group: text, JSON or a message from elsewhere.
        Arguments:
          user_id: of the user or group
          data: what is remembered
          type: text, json (a JSON document; its strings and numbers are searched) or message ("Name (role): text" or
            "Name: text")
          event_at: when it happened, else now
          metadata: a JSON object
          source_description: where it comes from, free text
          episode_id: 1 to 255 bytes, generated when null
        Errors:
          23503: no such user
          23505: the id exists
          22023: bad input
          54000: over threadmem.max_body
          22P02: data of type json that is none
        Answers: Zep graph.add.
        """
        return await self._call(
            "memory_add_data",
            row(Episode),
            ("user_id", "text", user_id),
            ("data", "text", data),
            ("type", "text", type),
            ("event_at", "timestamp with time zone", event_at),
            ("metadata", "jsonb", metadata),
            ("source_description", "text", source_description),
            ("episode_id", "text", episode_id),
        )

    async def memory_add_entity(
        self,
        user_id: Id,
        name: str,
        label: str | None = DEFAULT,
        summary: str | None = DEFAULT,
        attributes: Json = DEFAULT,
        metadata: Json = DEFAULT,
        thread_id: Id | None = DEFAULT,
        message_id: Id | None = DEFAULT,
        episode_id: Id | None = DEFAULT,
        if_exists: str | None = DEFAULT,
        created_at: datetime | None = DEFAULT,
        entity_id: Id | None = DEFAULT,
    ) -> Entity:
        """Adds an entity to the memory of a user or a group: somebody or something that facts can be about.
        A name has one entity, whatever its capitals and spaces.
        Arguments:
          user_id: of the user or group
          name: 1 to 1,000 bytes
          label: its type, 1 to 255 bytes
          summary: what is known of it, in prose
          attributes, metadata: JSON objects
          thread_id, message_id: the message that mentions it
          episode_id: or the episode that is no message
          if_exists: raise; do_nothing: the one of this name, only mentioned once more; or update: what is given replaces what
            it has, attributes and metadata are merged
          created_at: of one that is imported, else now
          entity_id: 1 to 255 bytes, generated when null
        Errors:
          23503: no such user, episode or live message of this user's memory
          23505: the name or the id exists
          22023: bad input, or a type that a strict ontology does not have
        Answers: Zep graph.add_nodes.
        """
        return await self._call(
            "memory_add_entity",
            row(Entity),
            ("user_id", "text", user_id),
            ("name", "text", name),
            ("label", "text", label),
            ("summary", "text", summary),
            ("attributes", "jsonb", attributes),
            ("metadata", "jsonb", metadata),
            ("thread_id", "text", thread_id),
            ("message_id", "text", message_id),
            ("episode_id", "text", episode_id),
            ("if_exists", "text", if_exists),
            ("created_at", "timestamp with time zone", created_at),
            ("entity_id", "text", entity_id),
        )

    async def memory_add_fact(
        self,
        user_id: Id,
        name: str,
        fact: str,
        target: str | None = DEFAULT,
        source: str | None = DEFAULT,
        target_id: Id | None = DEFAULT,
        source_id: Id | None = DEFAULT,
        valid_at: datetime | None = DEFAULT,
        invalid_at: datetime | None = DEFAULT,
        created_at: datetime | None = DEFAULT,
        expired_at: datetime | None = DEFAULT,
        attributes: Json = DEFAULT,
        metadata: Json = DEFAULT,
        target_label: str | None = DEFAULT,
        source_label: str | None = DEFAULT,
        thread_id: Id | None = DEFAULT,
        message_id: Id | None = DEFAULT,
        episode_id: Id | None = DEFAULT,
        contradicts: str | None = DEFAULT,
        contradicted_ids: Sequence[Id] | None = DEFAULT,
        extractor: str | None = DEFAULT,
        confidence: float | None = DEFAULT,
        fact_id: Id | None = DEFAULT,
    ) -> Fact:
        """Adds a fact to the memory of a user or a group: a sentence, and the two entities it joins; and retires what it contradicts.
        Entities that are named and not there are made. The same sentence of the same two is the fact that is there, and only
        another episode supports it then, unless that fact was over when this one began. A fact that is over (invalid_at)
        ends those of the same two and the same relation at that date. Else those that it contradicts, began earlier and
        overlap it end where it begins; and where one that it contradicts began later, the fact itself ends there. What has no
        valid_at ends no other and is ended by none. Nothing is deleted: what ends has invalid_at, and expired_at, the time
        at hand. Returns the fact.
        Arguments:
          user_id: of the user or group
          name: the relation, as LIVES_IN: 1 to 255 bytes
          fact: the sentence, 1 to 10,000 bytes
          target: name of the entity that it leads to, 1 to 1,000 bytes
          source: name of the one that it is about; null: the user itself
          target_id, source_id: or the ids of entities that are there
          valid_at: since when it holds; null: unknown
          invalid_at: when it ceased to hold; null: it holds
          created_at: when memory learned of it, of one that is imported; else now. What it ends is over since then, too
          expired_at: when memory learned that it is over, of one that is imported
          attributes, metadata: JSON objects
          target_label, source_label: the type of an entity that is made
          thread_id, message_id: the message that says it
          episode_id: or the episode that is no message
          contradicts: relation (facts of the same source and relation, unless the ontology says that there may be many),
            source (of the same source, whatever the relation) or none
          contradicted_ids: further facts that it contradicts
          extractor: who drew it, 1 to 255 bytes; null is stated
          confidence: 0 to 1
          fact_id: 1 to 255 bytes, generated when null
        Errors:
          23503: no such user, entity, fact, episode or live message of this user's memory
          23505: the id exists
          22023: bad input, an interval that ends before it starts, or a type that a strict ontology does not have
        Answers: Zep graph.add_fact_triple.
        """
        return await self._call(
            "memory_add_fact",
            row(Fact),
            ("user_id", "text", user_id),
            ("name", "text", name),
            ("fact", "text", fact),
            ("target", "text", target),
            ("source", "text", source),
            ("target_id", "text", target_id),
            ("source_id", "text", source_id),
            ("valid_at", "timestamp with time zone", valid_at),
            ("invalid_at", "timestamp with time zone", invalid_at),
            ("created_at", "timestamp with time zone", created_at),
            ("expired_at", "timestamp with time zone", expired_at),
            ("attributes", "jsonb", attributes),
            ("metadata", "jsonb", metadata),
            ("target_label", "text", target_label),
            ("source_label", "text", source_label),
            ("thread_id", "text", thread_id),
            ("message_id", "text", message_id),
            ("episode_id", "text", episode_id),
            ("contradicts", "text", contradicts),
            ("contradicted_ids", "text[]", contradicted_ids),
            ("extractor", "text", extractor),
            ("confidence", "double precision", confidence),
            ("fact_id", "text", fact_id),
        )

    async def memory_add_session(
        self,
        session_id: Id | None = DEFAULT,
        user_id: Id | None = DEFAULT,
        assistant_id: Id | None = DEFAULT,
        assistant_pinned: bool | None = DEFAULT,
        graph_id: Id | None = DEFAULT,
        title: str | None = DEFAULT,
        participant_ids: Sequence[Id] | None = DEFAULT,
        metadata: Json = DEFAULT,
        config: Json = DEFAULT,
        tool_resources: Json = DEFAULT,
        messages: Json = DEFAULT,
        ttl: Json = DEFAULT,
        if_exists: str | None = DEFAULT,
        supersteps: Json = DEFAULT,
        created_at: datetime | None = DEFAULT,
        in_memory: bool | None = DEFAULT,
        archived: bool | None = DEFAULT,
        if_deleted: str | None = DEFAULT,
    ) -> Thread:
        """thread_create() under the name of Zep's memory.add_session.
        Arguments: as those of thread_create(), with session_id for thread_id.
        Errors:
          P0002: as there
          23505: as there
          23503: as there
          22023: as there
          54000: as there
          22003: as there
          42501: as there
          55006: as there
        Answers: Zep memory.add_session.
        """
        return await self._call(
            "memory_add_session",
            row(Thread),
            ("session_id", "text", session_id),
            ("user_id", "text", user_id),
            ("assistant_id", "text", assistant_id),
            ("assistant_pinned", "boolean", assistant_pinned),
            ("graph_id", "text", graph_id),
            ("title", "text", title),
            ("participant_ids", "text[]", participant_ids),
            ("metadata", "jsonb", metadata),
            ("config", "jsonb", config),
            ("tool_resources", "jsonb", tool_resources),
            ("messages", "jsonb", messages),
            ("ttl", "jsonb", ttl),
            ("if_exists", "text", if_exists),
            ("supersteps", "jsonb", supersteps),
            ("created_at", "timestamp with time zone", created_at),
            ("in_memory", "boolean", in_memory),
            ("archived", "boolean", archived),
            ("if_deleted", "text", if_deleted),
        )

    async def memory_block_delete(
        self,
        label: str,
        user_id: Id | None = DEFAULT,
        thread_id: Id | None = DEFAULT,
        expected_version: int | None = DEFAULT,
    ) -> bool:
        """Deletes a block of working memory and all that it ever said.
        Arguments:
          label: of the block
          user_id: of the user or group
          thread_id: or of the thread
          expected_version: delete it only if it still has this version
        Errors:
          P0002: no such user, thread or block
          TM001: it has another version than expected
          22023: bad input
        Answers: Letta blocks.delete.
        """
        return await self._call(
            "memory_block_delete",
            value(bool),
            ("label", "text", label),
            ("user_id", "text", user_id),
            ("thread_id", "text", thread_id),
            ("expected_version", "bigint", expected_version),
        )

    @overload
    async def memory_block_get(
        self,
        label: str,
        user_id: Id | None = DEFAULT,
        thread_id: Id | None = DEFAULT,
    ) -> MemoryBlock: ...

    @overload
    async def memory_block_get(
        self,
        label: str,
        user_id: Id | None = DEFAULT,
        thread_id: Id | None = DEFAULT,
        *,
        missing_ok: bool,
    ) -> MemoryBlock | None: ...

    async def memory_block_get(
        self,
        label: str,
        user_id: Id | None = DEFAULT,
        thread_id: Id | None = DEFAULT,
        missing_ok: bool | None = DEFAULT,
    ) -> MemoryBlock | None:
        """One block of working memory.
        Arguments:
          label: of the block
          user_id: of the user or group
          thread_id: or of the thread
          missing_ok: no row, and no error, when there is none
        Errors:
          P0002: no such block
          22023: bad input
        Answers: Letta blocks.retrieve.
        """
        return await self._call(
            "memory_block_get",
            maybe(MemoryBlock),
            ("label", "text", label),
            ("user_id", "text", user_id),
            ("thread_id", "text", thread_id),
            ("missing_ok", "boolean", missing_ok),
        )

    async def memory_block_history(
        self,
        label: str,
        user_id: Id | None = DEFAULT,
        thread_id: Id | None = DEFAULT,
    ) -> list[MemoryBlockVersion]:
        """All that a block of working memory ever said, the first first.
        Arguments:
          label: of the block
          user_id: of the user or group
          thread_id: or of the thread
        Errors:
          P0002: no such block
          22023: bad input
        """
        return await self._call(
            "memory_block_history",
            rows(MemoryBlockVersion),
            ("label", "text", label),
            ("user_id", "text", user_id),
            ("thread_id", "text", thread_id),
        )

    async def memory_block_list(self, user_id: Id | None = DEFAULT, thread_id: Id | None = DEFAULT) -> list[MemoryBlock]:
        """All blocks of working memory of a user or of a thread, by their labels; there are 100 at most.
        Arguments:
          user_id: of the user or group
          thread_id: or of the thread
        Errors:
          P0002: no such user or thread
          22023: bad input
        Answers: Letta agents.blocks.list.
        """
        return await self._call(
            "memory_block_list",
            rows(MemoryBlock),
            ("user_id", "text", user_id),
            ("thread_id", "text", thread_id),
        )

    async def memory_block_set(
        self,
        label: str,
        value: str | None = DEFAULT,
        user_id: Id | None = DEFAULT,
        thread_id: Id | None = DEFAULT,
        max_characters: int | None = DEFAULT,
        description: str | None = DEFAULT,
        expected_version: int | None = DEFAULT,
    ) -> MemoryBlock:
        """Writes a block of working memory of a user or of a thread: it is made, or what is given of it is changed.
        thread_context() shows the blocks of the thread and of its user on every turn, whole. What a block said before stays
        in memory_block_history(); what changes nothing makes no version. Who edits what he has read gives its version, and
        nobody's change is lost.
        Arguments:
          label: what the model knows it by, as persona or human: 1 to 255 bytes
          value: the text; null leaves it, of a new block empty
          user_id: of the user or group
          thread_id: or of the thread
          max_characters: as long as the text may be, 1 to 50,000; null leaves it, of a new block 2,000
          description: what belongs into it, for the model; null leaves it, an empty text empties it
          expected_version: change it only if it still has this version; 0: only make it
        Errors:
          23503: no such user
          P0002: no such thread, or no block where a version is expected
          TM001: it has another version than expected
          22023: bad input
          54000: the text is longer than the block may be, or a 101st block
        Answers: Letta's core memory blocks.
        """
        return await self._call(
            "memory_block_set",
            row(MemoryBlock),
            ("label", "text", label),
            ("value", "text", value),
            ("user_id", "text", user_id),
            ("thread_id", "text", thread_id),
            ("max_characters", "bigint", max_characters),
            ("description", "text", description),
            ("expected_version", "bigint", expected_version),
        )

    async def memory_claim(
        self,
        worker: str,
        max_rows: int | None = DEFAULT,
        lease: timedelta | None = DEFAULT,
        max_attempts: int | None = DEFAULT,
        neighbours: int | None = DEFAULT,
    ) -> list[ClaimedEpisode]:
        """Gives a worker episodes to draw facts from: what was said or added and no extractor has had, each of another user.
        Of a user comes what arrived first, and nothing while another episode of it is out, so what was said is worked off in
        its order; users take turns. Messages that memory ignores are no episodes, and one that is edited is one again; what a
        user said in threads of others is for the memory of who owns them. A message that is being streamed is waited for. An
        episode whose worker does not answer within its lease comes again. Nobody is waited for: what somebody writes to is
        passed over, and an empty answer says to ask again later.
        Arguments:
          worker: who asks, 1 to 255 bytes
          max_rows: how many users' at once, 0 to 1,000
          lease: for how long, more than nothing and at most 10 years
          max_attempts: after so many an episode has failed, 1 to 1,000
          neighbours: messages before it that are given along, 0 to 100
        Errors:
          22023: bad input
          40001: not READ COMMITTED, and another transaction changed the user or the thread
        """
        return await self._call(
            "memory_claim",
            rows(ClaimedEpisode),
            ("worker", "text", worker),
            ("max_rows", "bigint", max_rows),
            ("lease", "interval", lease),
            ("max_attempts", "bigint", max_attempts),
            ("neighbours", "bigint", neighbours),
        )

    async def memory_complete(
        self,
        user_id: Id,
        job_id: Id,
        worker: str,
        document: str,
        extractor: str | None = DEFAULT,
    ) -> str | None:
        """Adds what a model drew from a claimed episode, and ends the job: all of it or nothing.
        {"entities": [{"name", "label", "summary", "attributes"}], "facts": [{"source", "name", "target", "fact",
        "source_label", "target_label", "valid_at", "invalid_at", "attributes", "confidence", "contradicts",
        "contradicted_ids"}], "summary": text}: as in memory_add_entity() and memory_add_fact(), with the episode as what says
        it; summary is that of the user, and goes with what it was made of. Of an entity, name is required, of a fact name,
        target and fact; the rest may be missing or null. The JSON may stand in a Markdown fence or in prose; there is one
        object, and nothing in it that is not named here. Times are ISO 8601, UTC unless they say otherwise. Returns done, or
        gone (and adds nothing) where the episode was deleted, forgotten or edited meanwhile.
        Arguments:
          user_id, job_id: as claimed
          worker: who claimed it
          document: the model's answer
          extractor: the name of the model, 1 to 255 bytes; null: the worker
        Errors:
          P0002: no such job
          55000: it is not this worker's any more
          23503: a fact of contradicted_ids is not there, or the user was deleted meanwhile
          22023: bad input: the DETAIL names the line of what is no JSON, or the place in the document
          54000: the document is over threadmem.max_body
        """
        return await self._call(
            "memory_complete",
            optional(str),
            ("user_id", "text", user_id),
            ("job_id", "text", job_id),
            ("worker", "text", worker),
            ("document", "text", document),
            ("extractor", "text", extractor),
        )

    async def memory_delete_entity(self, user_id: Id, entity_id: Id) -> bool:
        """Deletes an entity, its facts, and all that they ever said.
        Arguments:
          user_id: of the user or group
          entity_id: of the entity
        Errors:
          P0002: no such entity
          55000: the user's own, which goes with user_delete()
          22023: bad input
        Answers: Zep graph.node.delete.
        """
        return await self._call(
            "memory_delete_entity",
            value(bool),
            ("user_id", "text", user_id),
            ("entity_id", "text", entity_id),
        )

    async def memory_delete_episode(self, user_id: Id, episode_id: Id) -> bool:
        """Deletes an episode that is not a live message.
        Messages go by message_delete() or message_erase().
        Arguments:
          user_id: of the user or group
          episode_id: of the episode
        Errors:
          P0002: none
          22023: bad input
        Answers: Zep graph.episode.delete.
        """
        return await self._call(
            "memory_delete_episode",
            value(bool),
            ("user_id", "text", user_id),
            ("episode_id", "text", episode_id),
        )

    async def memory_delete_fact(self, user_id: Id, fact_id: Id) -> bool:
        """Deletes a fact and all that it ever said; the entities that it joined stay.
        What it ended stays ended.
        Arguments:
          user_id: of the user or group
          fact_id: of the fact
        Errors:
          P0002: no such fact
          22023: bad input
        Answers: Zep graph.edge.delete.
        """
        return await self._call(
            "memory_delete_fact",
            value(bool),
            ("user_id", "text", user_id),
            ("fact_id", "text", fact_id),
        )

    async def memory_delete_ontology(self, user_id: Id | None = DEFAULT) -> bool:
        """Removes the declared types of a user, a group, or the tenant; false where there were none.
        Arguments:
          user_id: of the user or group; null: those of the tenant
        Errors:
          22023: bad input
          42501: a session narrowed by threadmem.user_id
        """
        return await self._call("memory_delete_ontology", value(bool), ("user_id", "text", user_id))

    async def memory_entities(
        self,
        user_id: Id,
        search: str | None = DEFAULT,
        label: str | None = DEFAULT,
        sort_by: str | None = DEFAULT,
        sort_order: str | None = DEFAULT,
        max_rows: int | None = DEFAULT,
        after_position: str | None = DEFAULT,
    ) -> list[ListedEntity]:
        """Entities of a user's memory, its own among them, in pages.
        Arguments:
          user_id: of the user or group
          search: a part of the name in any case
          label: only of this type
          sort_by: created_at, updated_at, name (its first 200 characters) or entity_id
          sort_order: desc or asc
          max_rows: rows of a page, 0 to 1,000
          after_position: the position of the last row of the page before; that row may be gone
        Errors:
          P0002: no such user
          22023: bad input, or a position of another list or order
        Answers: Zep graph.node.get_by_user_id.
        """
        return await self._call(
            "memory_entities",
            rows(ListedEntity),
            ("user_id", "text", user_id),
            ("search", "text", search),
            ("label", "text", label),
            ("sort_by", "text", sort_by),
            ("sort_order", "text", sort_order),
            ("max_rows", "bigint", max_rows),
            ("after_position", "text", after_position),
        )

    async def memory_entity_history(self, user_id: Id, entity_id: Id) -> list[EntityVersion]:
        """All that an entity ever said, the first first. Of the user's own only what it says now is kept.
        Arguments:
          user_id: of the user or group
          entity_id: of the entity
        Errors:
          P0002: no such entity
          22023: bad input
        """
        return await self._call(
            "memory_entity_history",
            rows(EntityVersion),
            ("user_id", "text", user_id),
            ("entity_id", "text", entity_id),
        )

    async def memory_episode_history(self, user_id: Id, episode_id: Id) -> list[EpisodeVersion]:
        """All that an episode ever said that is not a live message, the first first.
        Arguments:
          user_id: of the user or group
          episode_id: of the episode
        Errors:
          P0002: none
          22023: bad input
        Answers: mem0 history.
        """
        return await self._call(
            "memory_episode_history",
            rows(EpisodeVersion),
            ("user_id", "text", user_id),
            ("episode_id", "text", episode_id),
        )

    async def memory_episodes(
        self,
        user_id: Id,
        max_rows: int | None = DEFAULT,
        skip: int | None = DEFAULT,
        after_position: str | None = DEFAULT,
    ) -> list[ListedEpisode]:
        """What is remembered of a user, newest event first, in pages: its rows of the view episodes.
        Arguments:
          user_id: of the user or group
          max_rows: rows of a page, 0 to 1,000
          skip: rows left out before the first
          after_position: the position of the last row of the page before; that row may be gone
        Errors:
          P0002: no such user
          22023: bad input, or a position of another list
        Answers: Zep graph.episode.get_by_user_id.
        """
        return await self._call(
            "memory_episodes",
            rows(ListedEpisode),
            ("user_id", "text", user_id),
            ("max_rows", "bigint", max_rows),
            ("skip", "bigint", skip),
            ("after_position", "text", after_position),
        )

    async def memory_extract_rules(
        self,
        content: str,
        event_at: datetime | None = DEFAULT,
        speaker: str | None = DEFAULT,
        role: str | None = DEFAULT,
    ) -> Json:
        """What English grammar alone can say of a text, in the form of a model's answer; for memory_complete(), extractor rules.
        A closed list of what people say of themselves at the beginning of a clause, and understands nothing: my name is, I
        live in, I moved to, I work at, my sister is called, I am allergic to, I love, like or hate, I no longer; what they did, I
        went to, joined, bought, started, made, lost; and whom they call theirs, my wife. Names are told by their capitals.
        Questions, what stands in quotation marks, and sentences with an if, a maybe or a never give nothing. Yesterday, last
        Friday, last weekend, in June, two years ago are counted from event_at, in UTC; what was done at no time that is told has
        none. Each fact has the confidence of its rule, below 1.
        Arguments:
          content: what was said
          event_at: when; null: facts without times
          speaker: who said it, the source of the facts; null: the user
          role: facts come from a user's words only; null: it is a user
        Errors:
          22023: bad input
        """
        return await self._call(
            "memory_extract_rules",
            value(Any),
            ("content", "text", content),
            ("event_at", "timestamp with time zone", event_at),
            ("speaker", "text", speaker),
            ("role", "text", role),
        )

    async def memory_fact_history(self, user_id: Id, fact_id: Id) -> list[FactVersion]:
        """All that a fact ever said, the first first: as it was added, retired and edited.
        Arguments:
          user_id: of the user or group
          fact_id: of the fact
        Errors:
          P0002: no such fact
          22023: bad input
        """
        return await self._call(
            "memory_fact_history",
            rows(FactVersion),
            ("user_id", "text", user_id),
            ("fact_id", "text", fact_id),
        )

    async def memory_facts(
        self,
        user_id: Id,
        entity_id: Id | None = DEFAULT,
        name: str | None = DEFAULT,
        as_of: datetime | None = DEFAULT,
        known_at: datetime | None = DEFAULT,
        include_expired: bool | None = DEFAULT,
        sort_by: str | None = DEFAULT,
        sort_order: str | None = DEFAULT,
        max_rows: int | None = DEFAULT,
        after_position: str | None = DEFAULT,
    ) -> list[ListedFact]:
        """Facts of a user's memory, those that hold now, in pages; or that held at another time, as was believed at another.
        "What did we believe on Monday about March" is as_of March and known_at Monday.
        Arguments:
          user_id: of the user or group
          entity_id: only of this entity, as source or target; the user's own has its id
          name: only of this relation
          as_of: what held then, in the world's time; null: now
          known_at: what memory said then; null: now. What was deleted since is not known at any time
          include_expired: those that hold no more, not yet, or were taken back, too
          sort_by: created_at, valid_at (unknown first) or fact_id
          sort_order: desc or asc
          max_rows: rows of a page, 0 to 1,000
          after_position: the position of the last row of the page before; that row may be gone
        Errors:
          P0002: no such user
          22023: bad input, or a position of another list or order
        Answers: Zep graph.edge.get_by_user_id, graph.node.get_edges.
        """
        return await self._call(
            "memory_facts",
            rows(ListedFact),
            ("user_id", "text", user_id),
            ("entity_id", "text", entity_id),
            ("name", "text", name),
            ("as_of", "timestamp with time zone", as_of),
            ("known_at", "timestamp with time zone", known_at),
            ("include_expired", "boolean", include_expired),
            ("sort_by", "text", sort_by),
            ("sort_order", "text", sort_order),
            ("max_rows", "bigint", max_rows),
            ("after_position", "text", after_position),
        )

    async def memory_fail(
        self,
        user_id: Id,
        job_id: Id,
        worker: str,
        error: str,
        retry: bool | None = DEFAULT,
        retry_after: timedelta | None = DEFAULT,
    ) -> str | None:
        """Says that a worker could not draw anything from the episode that it claimed.
        Returns retry: it comes again, and what the user said later waits for it; failed: it had as many attempts as it may, or
        retry is false, and is left; or gone, where it was deleted, forgotten or edited meanwhile.
        Arguments:
          user_id, job_id: as claimed
          worker: who claimed it
          error: what went wrong, up to 10,000 bytes: memory_status() tells it, until anything that is remembered of the user
            is forgotten, deleted or erased, which it might quote
          retry: whether it may be tried once more
          retry_after: when, likewise more than nothing
        Errors:
          P0002: no such job
          55000: it is not this worker's any more
          22023: bad input
        """
        return await self._call(
            "memory_fail",
            optional(str),
            ("user_id", "text", user_id),
            ("job_id", "text", job_id),
            ("worker", "text", worker),
            ("error", "text", error),
            ("retry", "boolean", retry),
            ("retry_after", "interval", retry_after),
        )

    async def memory_forget(
        self,
        user_id: Id,
        before: datetime | None = DEFAULT,
        thread_id: Id | None = DEFAULT,
        since: datetime | None = DEFAULT,
    ) -> int:
        """Forgets what memory has of a user and leaves the conversations: all of it, what was said since or before a time, or in a thread.
        Messages stay in their threads, lists and states and are no memory of this user any more, nor when they are edited;
        added data, facts, the user's working memory and the texts of deleted threads are deleted. What others have of it
        stays: who takes part in a thread has what it said itself, the owner all. Returns how many episodes that were. What
        is said later is remembered again; thread_update(in_memory => false) keeps a thread out for good. A summary of
        the user that a model made goes with what it was made of, one that the application set stays: user_update(clear =>
        '{summary}').
        Arguments:
          user_id: of the user or group
          before: only what happened or was said earlier; null: all
          thread_id: only this thread, which may be another's or deleted; null: all, and added data
          since: only what happened or was said then or later; a fact or a block of working memory that was written then
            goes with what it said before
        Errors:
          P0002: no such user
          22023: bad input
        Answers: the "forget what you know about me" of chat products, mem0 delete_all.
        """
        return await self._call(
            "memory_forget",
            value(int),
            ("user_id", "text", user_id),
            ("before", "timestamp with time zone", before),
            ("thread_id", "text", thread_id),
            ("since", "timestamp with time zone", since),
        )

    async def memory_get(
        self,
        session_id: Id,
        max_rows: int | None = DEFAULT,
        missing_ok: bool | None = DEFAULT,
    ) -> Json:
        """What Zep's memory.get gives of a session: {context, messages}.
        thread_context() of it, and its newest messages, oldest first, as message_format() gives them for zep.
        Arguments:
          session_id: of the thread
          max_rows: messages, 0 to 1,000; Zep's lastn
          missing_ok: null, and no error, when there is no such session
        Errors:
          P0002: no such session
          22023: bad input, or a session without user
          54000: the user's summary alone is longer than the block
        Answers: Zep memory.get.
        """
        return await self._call(
            "memory_get",
            value(Any),
            ("session_id", "text", session_id),
            ("max_rows", "bigint", max_rows),
            ("missing_ok", "boolean", missing_ok),
        )

    @overload
    async def memory_get_entity(self, user_id: Id, entity_id: Id) -> Entity: ...

    @overload
    async def memory_get_entity(self, user_id: Id, entity_id: Id, missing_ok: bool) -> Entity | None: ...

    async def memory_get_entity(self, user_id: Id, entity_id: Id, missing_ok: bool | None = DEFAULT) -> Entity | None:
        """One entity; the user's own has the user's id.
        Arguments:
          user_id: of the user or group
          entity_id: of the entity
          missing_ok: no row, and no error, when there is none
        Errors:
          P0002: none
          22023: bad input
        Answers: Zep graph.node.get, user.get_node.
        """
        return await self._call(
            "memory_get_entity",
            maybe(Entity),
            ("user_id", "text", user_id),
            ("entity_id", "text", entity_id),
            ("missing_ok", "boolean", missing_ok),
        )

    @overload
    async def memory_get_episode(self, user_id: Id, episode_id: Id) -> Episode: ...

    @overload
    async def memory_get_episode(self, user_id: Id, episode_id: Id, missing_ok: bool) -> Episode | None: ...

    async def memory_get_episode(self, user_id: Id, episode_id: Id, missing_ok: bool | None = DEFAULT) -> Episode | None:
        """One episode that is not a live message.
        Arguments:
          user_id: of the user or group
          episode_id: of the episode
          missing_ok: no row, and no error, when there is none
        Errors:
          P0002: none
          22023: bad input
        Answers: Zep graph.episode.get.
        """
        return await self._call(
            "memory_get_episode",
            maybe(Episode),
            ("user_id", "text", user_id),
            ("episode_id", "text", episode_id),
            ("missing_ok", "boolean", missing_ok),
        )

    @overload
    async def memory_get_fact(self, user_id: Id, fact_id: Id) -> Fact: ...

    @overload
    async def memory_get_fact(self, user_id: Id, fact_id: Id, missing_ok: bool) -> Fact | None: ...

    async def memory_get_fact(self, user_id: Id, fact_id: Id, missing_ok: bool | None = DEFAULT) -> Fact | None:
        """One fact, whether it holds or not.
        Arguments:
          user_id: of the user or group
          fact_id: of the fact
          missing_ok: no row, and no error, when there is none
        Errors:
          P0002: none
          22023: bad input
        Answers: Zep graph.edge.get.
        """
        return await self._call(
            "memory_get_fact",
            maybe(Fact),
            ("user_id", "text", user_id),
            ("fact_id", "text", fact_id),
            ("missing_ok", "boolean", missing_ok),
        )

    async def memory_get_ontology(self, user_id: Id | None = DEFAULT) -> Json:
        """The types that hold for a user's or a group's memory: its own, else the tenant's; null for none.
        Arguments:
          user_id: of the user or group; null: that of the tenant
        Errors:
          P0002: no such user
          22023: bad input
        Answers: Zep graph.list_ontology.
        """
        return await self._call("memory_get_ontology", value(Any), ("user_id", "text", user_id))

    async def memory_search(
        self,
        user_id: Id | None = DEFAULT,
        query: str | None = DEFAULT,
        scope: str | None = DEFAULT,
        reranker: str | None = DEFAULT,
        max_rows: int | None = DEFAULT,
        filters: Json = DEFAULT,
        thread_id: Id | None = DEFAULT,
        as_of: datetime | None = DEFAULT,
        embedding: Sequence[float] | None = DEFAULT,
        center_entity_id: Id | None = DEFAULT,
        mmr_lambda: float | None = DEFAULT,
        origin_ids: Sequence[Id] | None = DEFAULT,
        user_ids: Sequence[Id] | None = DEFAULT,
        include_groups: bool | None = DEFAULT,
    ) -> list[MemoryHit]:
        """What answers a query of what is remembered of a user (or a group): episodes, facts and entities; best first.
        Episodes are what was said in the user's threads, or was added by memory_add_data(), and what the user said in threads
        of others: the messages that name it as their sender_id; what others said there is not its memory.
        A message is found by its words or by those of its neighbours; words are matched by stem, any of them may be
        missing; a speaker's name and a date in the query count. Where its words are not common an index finds them,
        however much the user said; else, of more than 5,000 messages, and of more than threadmem.memory_budget bytes of
        search vectors, the newest are searched whole and of the older ones those that have a word of the query that few
        of the newest have. A query without words and without embedding gives the newest episodes, score 0.
        A fact is found by the words of its sentence, its relation and the names of its entities, an entity by those of its
        name and summary and, where pg_trgm is installed, by a name that is nearly a part of the query. What facts join to the
        entities found, and to the user's own, comes behind. Of facts that answer about as well those that hold come first. Of
        more than 10,000 facts or entities the newest are searched.
        Several memories are searched each by itself, from its own user on, and scores are made to compare. A message that is in
        two of them, as what a member said in a thread of its group, is of the first; facts and entities are of one memory each.
        Arguments:
          user_id: of the user or group
          query: a question or words, of several lines the last one, those before it as what was said before; null: the
            last messages of thread_id, but for those roles, are the query
            (threadmem.memory_query_messages) and are not found themselves
          scope: episodes, edges (facts), nodes (entities) or auto: all three, joined by their places in each list
          reranker: rrf, the order of the rank; mmr: each answers and says something else than those before; node_distance: the
            nearest to center_entity_id; episode_mentions: what most episodes say; the last two of edges and nodes alone. Or a
            function with its schema, (query text, documents jsonb) RETURNS jsonb, that is called as the caller with
            [{"id", "kind", "user_id", "content"}] of the first 50 or max_rows and gives {id: number}: each is added to the
            logarithm of how relevant the rank found it, 1 for the best
          max_rows: 0 to 1,000
          filters: {"thread_ids", "roles", "since", "until", "metadata"}, of which roles, since and until are about episodes;
            until is exclusive, metadata containment; without roles messages of system, developer, tool, function and platform
            are not found. And Zep's search_filters: {"node_labels", "exclude_node_labels", "edge_types", "exclude_edge_types",
            "edge_uuids", "episode_uuids", "source_node_uuids", "target_node_uuids", "connected_node_uuids", "created_at",
            "valid_at", "invalid_at", "expired_at", "property_filters", "episode_metadata_filters"}. Facts that were taken back
            are found only where expired_at is asked for
          thread_id: the thread whose last messages are the query
          as_of: nothing said later; facts and entities as memory knew them then
          embedding: that of the query, of the model that memory_set_embedding()'s come from; how near a message's is, of
            the newest that have room in threadmem.memory_budget, counts like one more word, as far as embeddings of what
            was said together are alike, and those that the words find near to the query's; where the query has no words,
            or nobody said one, it decides alone
          center_entity_id: of node_distance; in a memory that does not have it nothing is near
          mmr_lambda: of mmr, 0 to 1 (0.5): how much relevance counts against likeness
          origin_ids: entities from which facts lead on, in place of those found and the users' own; of any of the memories
          user_ids: or several users and groups, at most 100; the order decides nothing but whose a hit is that is in two
          include_groups: the groups that they belong to as well (group_add_member), and those of the assistant of thread_id
        Errors:
          P0002: no such user or thread, or an entity that none of the memories has
          22023: bad input, embeddings of different dimensions, or a reranker that gives no scores of its documents
          42501: a function that the caller may not execute
          0A000: a scope or reranker that is not built
          54000: an embedding of more than 16,000 numbers
        Answers: Zep graph.search.
        """
        return await self._call(
            "memory_search",
            rows(MemoryHit),
            ("user_id", "text", user_id),
            ("query", "text", query),
            ("scope", "text", scope),
            ("reranker", "text", reranker),
            ("max_rows", "bigint", max_rows),
            ("filters", "jsonb", filters),
            ("thread_id", "text", thread_id),
            ("as_of", "timestamp with time zone", as_of),
            ("embedding", "double precision[]", embedding),
            ("center_entity_id", "text", center_entity_id),
            ("mmr_lambda", "double precision", mmr_lambda),
            ("origin_ids", "text[]", origin_ids),
            ("user_ids", "text[]", user_ids),
            ("include_groups", "boolean", include_groups),
        )

    async def memory_set_embedding(
        self,
        user_id: Id,
        embedding: Sequence[float] | None = DEFAULT,
        thread_id: Id | None = DEFAULT,
        message_id: Id | None = DEFAULT,
        episode_id: Id | None = DEFAULT,
        expected_content: str | None = DEFAULT,
    ) -> bool:
        """Stores what a model made of something remembered, in place of what was there.
        It belongs to the text: an edited message has none, one that is copied or kept when its thread is deleted has it
        still. All of a user's should come from one model. What is embedded is the text alone, without who said it: names draw
        what is compared to lines that have the name. pgvector is not needed; a value of its type is given as v::real[].
        Arguments:
          user_id: of the user or group
          embedding: 1 to 16,000 finite numbers that are not all 0; null: it is removed
          thread_id, message_id: of a live message
          episode_id: or of another episode
          expected_content: the text it was made of; refuse when there is another by now
        Errors:
          P0002: no such user, episode or thread, or no live message of it that the user's memory holds
          TM001: another text than expected
          22023: bad input
          54000: more than 16,000 numbers
        """
        return await self._call(
            "memory_set_embedding",
            value(bool),
            ("user_id", "text", user_id),
            ("embedding", "double precision[]", embedding),
            ("thread_id", "text", thread_id),
            ("message_id", "text", message_id),
            ("episode_id", "text", episode_id),
            ("expected_content", "text", expected_content),
        )

    async def memory_set_ontology(self, ontology: Json, user_id: Id | None = DEFAULT) -> Json:
        """Declares which types of entities and facts memory knows, in place of what was declared.
        {"strict": false, "entities": {label: type}, "facts": {name: type}}; a type is {"description": text, "attributes":
        {name: "text", "number", "boolean" or "any"}}, that of a fact has beside these "sources" and "targets" (lists of
        labels; User is the user's own) and "many": true where a source may have several at once, as friends, which then do
        not contradict each other. With strict true, memory_add_fact() and memory_add_entity() refuse other labels and names,
        attributes that are not declared or of another kind, and facts between other labels; without it types only tell an
        extractor what to look for. What is in memory already stays. A user's or a group's own takes the place of the
        tenant's. Returns what is stored.
        Arguments:
          ontology: as said
          user_id: of the user or group; null: all of the tenant that have none
        Errors:
          23503: no such user
          22023: bad input
          42501: a session narrowed by threadmem.user_id
        Answers: Zep graph.set_ontology.
        """
        return await self._call(
            "memory_set_ontology",
            value(Any),
            ("ontology", "jsonb", json(ontology)),
            ("user_id", "text", user_id),
        )

    async def memory_sources(
        self,
        user_id: Id,
        fact_id: Id | None = DEFAULT,
        entity_id: Id | None = DEFAULT,
        max_rows: int | None = DEFAULT,
        after_position: str | None = DEFAULT,
    ) -> list[ListedEpisode]:
        """The episodes that a fact or an entity comes from, the first said first, in pages; none of what was stated.
        Arguments:
          user_id: of the user or group
          fact_id: of the fact
          entity_id: or of the entity; the user's own id: what the summary that a model made of the user comes from
          max_rows: rows of a page, 0 to 1,000
          after_position: the position of the last row of the page before; that row may be gone
        Errors:
          P0002: no such fact or entity
          22023: bad input, or a position of another list
        Answers: Zep graph.node.get_episodes.
        """
        return await self._call(
            "memory_sources",
            rows(ListedEpisode),
            ("user_id", "text", user_id),
            ("fact_id", "text", fact_id),
            ("entity_id", "text", entity_id),
            ("max_rows", "bigint", max_rows),
            ("after_position", "text", after_position),
        )

    async def memory_stats(self, user_id: Id) -> list[MemoryStatistic]:
        """What is remembered of a user or a group, counted: one row for each kind.
        Kinds are messages (of its threads, and its own in others'), episodes (added data and what is left of deleted
        threads), entities, facts, memory_blocks and groups (that it belongs to, which have memories of their own). Times are
        those of events, of entities and facts when memory learned of them, of blocks when they were last changed, of groups
        when it joined.
        Arguments:
          user_id: of the user or group
        Errors:
          P0002: no such user
          22023: bad input
        """
        return await self._call("memory_stats", rows(MemoryStatistic), ("user_id", "text", user_id))

    async def memory_status(
        self,
        user_id: Id,
        thread_id: Id | None = DEFAULT,
        message_id: Id | None = DEFAULT,
        episode_id: Id | None = DEFAULT,
    ) -> ExtractionStatu:
        """How far the extraction of facts is: of all that a user said, of a thread, a message, or an episode that is none.
        Everything is searched from its commit on, whatever this says.
        Arguments:
          user_id: of the user or group
          thread_id: only of this thread of the user's
          message_id: only of this message of it
          episode_id: or of this episode
        Errors:
          P0002: no such user, thread, message or episode
          22023: bad input
        Answers: Zep processed, task ids.
        """
        return await self._call(
            "memory_status",
            row(ExtractionStatu),
            ("user_id", "text", user_id),
            ("thread_id", "text", thread_id),
            ("message_id", "text", message_id),
            ("episode_id", "text", episode_id),
        )

    async def memory_subgraph(
        self,
        user_id: Id,
        entity_ids: Sequence[Id] | None = DEFAULT,
        depth: int | None = DEFAULT,
        max_entities: int | None = DEFAULT,
        max_facts: int | None = DEFAULT,
        as_of: datetime | None = DEFAULT,
        known_at: datetime | None = DEFAULT,
        include_expired: bool | None = DEFAULT,
    ) -> Json:
        """What lies around entities: {"entities", "facts", "truncated"}, the nearest first.
        Each of the two is an array of objects with the columns of the view of that name; entities have "depth" beside, 0 for
        those that were asked for. truncated tells that a limit left something out. A fact is there when both its entities
        are.
        Arguments:
          user_id: of the user or group
          entity_ids: where to begin; null: the user's own
          depth: 1 to 3 facts away
          max_entities: 1 to 1,000
          max_facts: 0 to 1,000
          as_of, known_at, include_expired: as in memory_facts()
        Errors:
          P0002: no such user or entity
          22023: bad input
        Answers: Zep graph.get_subgraph, graph.node.neighbors.
        """
        return await self._call(
            "memory_subgraph",
            value(Any),
            ("user_id", "text", user_id),
            ("entity_ids", "text[]", entity_ids),
            ("depth", "bigint", depth),
            ("max_entities", "bigint", max_entities),
            ("max_facts", "bigint", max_facts),
            ("as_of", "timestamp with time zone", as_of),
            ("known_at", "timestamp with time zone", known_at),
            ("include_expired", "boolean", include_expired),
        )

    async def memory_update_entity(
        self,
        user_id: Id,
        entity_id: Id,
        name: str | None = DEFAULT,
        label: str | None = DEFAULT,
        summary: str | None = DEFAULT,
        attributes: Json = DEFAULT,
        metadata: Json = DEFAULT,
        clear: Sequence[str] | None = DEFAULT,
        remove_keys: Sequence[str] | None = DEFAULT,
    ) -> Entity:
        """Changes what is given of an entity; what it said before stays in memory_entity_history().
        The user's own is the user: user_update() changes it.
        Arguments:
          user_id: of the user or group
          entity_id: of the entity
          name, label, summary: the new value; null leaves the old
          attributes, metadata: merged at their top level; a null in attributes removes the key
          clear: what is emptied: label, summary
          remove_keys: keys taken out of metadata
        Errors:
          P0002: no such entity
          23505: another has the name
          55000: the user's own
          22023: bad input, or a type that a strict ontology does not have
        Answers: Zep graph.node.update.
        """
        return await self._call(
            "memory_update_entity",
            row(Entity),
            ("user_id", "text", user_id),
            ("entity_id", "text", entity_id),
            ("name", "text", name),
            ("label", "text", label),
            ("summary", "text", summary),
            ("attributes", "jsonb", attributes),
            ("metadata", "jsonb", metadata),
            ("clear", "text[]", clear),
            ("remove_keys", "text[]", remove_keys),
        )

    async def memory_update_episode(
        self,
        user_id: Id,
        episode_id: Id,
        data: str | None = DEFAULT,
        event_at: datetime | None = DEFAULT,
        metadata: Json = DEFAULT,
        source_description: str | None = DEFAULT,
        remove_keys: Sequence[str] | None = DEFAULT,
        expected_rev: int | None = DEFAULT,
    ) -> Episode:
        """Changes what is given of added data; what it said before stays in memory_episode_history().
        New data is read as memory_add_data() reads that type, and has no embedding until it gets one. Facts that were drawn
        from the old text stay, and memory_claim() gives the new one. A message is edited by message_update().
        Arguments:
          user_id: of the user or group
          episode_id: of the episode
          data: what is remembered now; null leaves it
          event_at, source_description: likewise
          metadata: merged at its top level (null stores null)
          remove_keys: keys taken out of metadata
          expected_rev: change it only if this is its newest revision
        Errors:
          P0002: none
          TM001: it has another revision than expected
          55000: the text of a deleted thread, which is what was said
          22023: bad input
          54000: over threadmem.max_body
          22P02: data of type json that is none
        Answers: mem0 update.
        """
        return await self._call(
            "memory_update_episode",
            row(Episode),
            ("user_id", "text", user_id),
            ("episode_id", "text", episode_id),
            ("data", "text", data),
            ("event_at", "timestamp with time zone", event_at),
            ("metadata", "jsonb", metadata),
            ("source_description", "text", source_description),
            ("remove_keys", "text[]", remove_keys),
            ("expected_rev", "bigint", expected_rev),
        )

    async def memory_update_fact(
        self,
        user_id: Id,
        fact_id: Id,
        fact: str | None = DEFAULT,
        name: str | None = DEFAULT,
        valid_at: datetime | None = DEFAULT,
        invalid_at: datetime | None = DEFAULT,
        expired_at: datetime | None = DEFAULT,
        attributes: Json = DEFAULT,
        metadata: Json = DEFAULT,
        confidence: float | None = DEFAULT,
        clear: Sequence[str] | None = DEFAULT,
        remove_keys: Sequence[str] | None = DEFAULT,
    ) -> Fact:
        """Changes what is given of a fact; what it said before stays in memory_fact_history().
        It ends no other fact. A fact that turned out never to have held is taken back by expired_at, without invalid_at.
        Arguments:
          user_id: of the user or group
          fact_id: of the fact
          fact, name, confidence: the new value; null leaves the old
          valid_at, invalid_at, expired_at: likewise
          attributes, metadata: merged at their top level; a null in attributes removes the key
          clear: what is emptied: valid_at, invalid_at, expired_at, confidence
          remove_keys: keys taken out of metadata
        Errors:
          P0002: no such fact
          22023: bad input, or an interval that ends before it starts
        Answers: Zep graph.edge.update.
        """
        return await self._call(
            "memory_update_fact",
            row(Fact),
            ("user_id", "text", user_id),
            ("fact_id", "text", fact_id),
            ("fact", "text", fact),
            ("name", "text", name),
            ("valid_at", "timestamp with time zone", valid_at),
            ("invalid_at", "timestamp with time zone", invalid_at),
            ("expired_at", "timestamp with time zone", expired_at),
            ("attributes", "jsonb", attributes),
            ("metadata", "jsonb", metadata),
            ("confidence", "double precision", confidence),
            ("clear", "text[]", clear),
            ("remove_keys", "text[]", remove_keys),
        )

    async def memory_without_embedding(self, user_id: Id, max_rows: int | None = DEFAULT) -> list[Episode]:
        """What is remembered of a user and has no embedding, oldest event first.
        For a worker that asks a model for them and calls memory_set_embedding(), until there is no row. What it embeds is
        content, as it is given.
        Arguments:
          user_id: of the user or group
          max_rows: 0 to 1,000
        Errors:
          P0002: no such user
          22023: bad input
        """
        return await self._call(
            "memory_without_embedding",
            rows(Episode),
            ("user_id", "text", user_id),
            ("max_rows", "bigint", max_rows),
        )

    async def thread_context(
        self,
        thread_id: Id,
        max_characters: int | None = DEFAULT,
        template: str | None = DEFAULT,
        as_of: datetime | None = DEFAULT,
        mode: str | None = DEFAULT,
        embedding: Sequence[float] | None = DEFAULT,
    ) -> str:
        """The block to put before the model on every turn: the user's summary, working memory, and what is known that matters now.
        The query is the thread's last messages (threadmem.memory_query_messages), which are not repeated. Messages of
        system, developer, tool, function and platform are neither query nor found. Where the query has
        no words to look for and no embedding, the newest stand instead. Empty sections are left out, and an empty block is an empty
        text. The summary (user_update), working memory (memory_block_set(): the user's blocks, then the
        thread's, by label) and a template's text are never cut; what was said to groups that the user or the thread's assistant
        belongs to (group_add_member()) is searched with the user's own. Episodes, facts and entities as memory_search()
        finds them fill the rest, the best for their length first, a fact for every two episodes, an entity for every
        four and last the facts that no word found; one that does not fit is left out whole and the next is tried.
        They are shown in time order, of facts those that hold first, times in the user's time zone, else UTC; what is
        not known of the time of a fact is "date unknown" and "present". What people wrote is untrusted: in it "</"
        becomes "<\\/", and a line break is followed by four spaces, so that nothing in it ends a section or begins an
        item. The same data gives the same bytes.
        Arguments:
          thread_id: of the thread, which has a user
          max_characters: 1 to 50,000, for the whole block; characters and not bytes
          template: the id of a context template, or one itself (a text with a variable in it); each of its variables is
            filled by itself
          as_of: as if nothing said or known later were known; summary and working memory are the present ones
          mode: basic
          embedding: that of the thread's last messages; what is near to it counts as in memory_search()
        Errors:
          P0002: no such thread or template
          22023: bad input, or a thread without user
          54000: the summary, working memory and the template alone are longer than max_characters
          0A000: mode summary
        Answers: Zep thread.get_user_context.
        """
        return await self._call(
            "thread_context",
            value(str),
            ("thread_id", "text", thread_id),
            ("max_characters", "bigint", max_characters),
            ("template", "text", template),
            ("as_of", "timestamp with time zone", as_of),
            ("mode", "text", mode),
            ("embedding", "double precision[]", embedding),
        )

    async def thread_get_user_context(
        self,
        thread_id: Id,
        max_characters: int | None = DEFAULT,
        template_id: Id | None = DEFAULT,
        as_of: datetime | None = DEFAULT,
        mode: str | None = DEFAULT,
        embedding: Sequence[float] | None = DEFAULT,
    ) -> str:
        """thread_context() under the name of Zep's thread.get_user_context.
        Arguments: as those of thread_context(), with template_id for template.
        Errors:
          P0002: as there
          22023: as there
          54000: as there
          0A000: as there
        Answers: Zep thread.get_user_context; its field context.
        """
        return await self._call(
            "thread_get_user_context",
            value(str),
            ("thread_id", "text", thread_id),
            ("max_characters", "bigint", max_characters),
            ("template_id", "text", template_id),
            ("as_of", "timestamp with time zone", as_of),
            ("mode", "text", mode),
            ("embedding", "double precision[]", embedding),
        )

    async def store_batch(self, operations: Json) -> list[Json]:
        """Several operations on the store in one call; one row each, in their order: what a call of its own would give.
        Those that read see the store as it was before those that write, of which the last one for a key counts. get gives an
        item or null, search and list_namespaces an array, put, delete and touch null. One bad operation, and nothing happens.
        Arguments:
          operations: [{"op": "put", "namespace": [], "key", "value", "ttl", "index", "embeddings"}, {"op": "get",
            "namespace", "key", "refresh_ttl"}, {"op": "delete", "namespace", "key"}, {"op": "touch", "namespace", "key"},
            {"op": "search", "namespace_prefix", "filter", "query", "embedding", "limit", "offset", "refresh_ttl"}, {"op":
            "list_namespaces", "match_conditions": [{"match_type": "prefix" or "suffix", "path": []}], "max_depth", "limit",
            "offset"}]; up to 1,000. A put whose value is null deletes; index is an array of paths, false or null; limits are
            10, of list_namespaces 100; refresh_ttl true renews what was read
        Errors:
          22023: bad input
          54000: a value over threadmem.max_body, vectors over their limits, or what was read is more than jsonb holds
          42501: another person's namespace, in a session narrowed to a user
        Answers: LangGraph BaseStore.batch.
        """
        return await self._call("store_batch", values(Any), ("operations", "jsonb", json(operations)))

    async def store_delete(self, namespace: Sequence[str], key: str) -> bool:
        """Deletes an item of the store; false, and no error, when there is none.
        Arguments:
          namespace, key: of the item
        Errors:
          22023: bad input
        Answers: LangGraph BaseStore.delete.
        """
        return await self._call(
            "store_delete",
            value(bool),
            ("namespace", "text[]", namespace),
            ("key", "text", key),
        )

    @overload
    async def store_get(self, namespace: Sequence[str], key: str) -> StoreItem: ...

    @overload
    async def store_get(self, namespace: Sequence[str], key: str, missing_ok: bool) -> StoreItem | None: ...

    async def store_get(
        self,
        namespace: Sequence[str],
        key: str,
        missing_ok: bool | None = DEFAULT,
    ) -> StoreItem | None:
        """One item of the store, unless it has expired; it is not renewed by being read.
        Read and renew in one: SELECT i.*, store_touch(i.namespace, i.key) FROM store_get(...) i.
        Arguments:
          namespace, key: of the item
          missing_ok: no row, and no error, when there is none
        Errors:
          P0002: no such item, or it has expired
          22023: bad input
        Answers: LangGraph BaseStore.get.
        """
        return await self._call(
            "store_get",
            maybe(StoreItem),
            ("namespace", "text[]", namespace),
            ("key", "text", key),
            ("missing_ok", "boolean", missing_ok),
        )

    async def store_list_namespaces(
        self,
        prefix: Sequence[str] | None = DEFAULT,
        suffix: Sequence[str] | None = DEFAULT,
        max_depth: int | None = DEFAULT,
        max_rows: int | None = DEFAULT,
        skip: int | None = DEFAULT,
        after_position: str | None = DEFAULT,
    ) -> list[ListedNamespace]:
        """The namespaces of the store that have items, in the order of their labels, in pages.
        Arguments:
          prefix: labels that a namespace begins with; * is any one label
          suffix: labels that it ends with; * is any one label
          max_depth: labels that are shown, 1 or more: what is the same up to there is one; null: all
          max_rows: rows of a page, 0 to 1,000
          skip: rows left out before the first
          after_position: the position of the last row of the page before; that namespace may be empty by now
        Errors:
          22023: bad input, or a position of another list
        Answers: LangGraph BaseStore.list_namespaces.
        """
        return await self._call(
            "store_list_namespaces",
            rows(ListedNamespace),
            ("prefix", "text[]", prefix),
            ("suffix", "text[]", suffix),
            ("max_depth", "bigint", max_depth),
            ("max_rows", "bigint", max_rows),
            ("skip", "bigint", skip),
            ("after_position", "text", after_position),
        )

    async def store_purge_expired(self, max_rows: int | None = DEFAULT) -> int:
        """Deletes items of the store whose time is over; how many. Call it until it returns 0.
        They are not read any more as it is: this gives the space back. One that somebody is writing is left for the next
        call. thread_purge_expired() does the same after its threads, tenants_purge_expired() for all tenants.
        Arguments:
          max_rows: items at most, 0 to 1,000
        Errors:
          22023: bad max_rows
        Answers: LangGraph sweep_ttl.
        """
        return await self._call("store_purge_expired", value(int), ("max_rows", "bigint", max_rows))

    async def store_put(
        self,
        namespace: Sequence[str],
        key: str,
        value: Json,
        ttl_minutes: float | None = DEFAULT,
        indexed: Sequence[str] | None = DEFAULT,
        embeddings: Sequence[float] | None = DEFAULT,
    ) -> StoreItem:
        """Stores a document under a namespace and a key, in place of what is there; created_at survives that.
        Where threadmem.store_user_element names an element of the namespace, the item is that person's: it goes with
        user_delete(), and a session narrowed to somebody else neither sees nor stores it.
        Arguments:
          namespace: 1 or more labels of 1 to 255 bytes without ".", the first not langgraph; 1,000 bytes in all
          key: 1 to 1,000 bytes
          value: a JSON object
          ttl_minutes: minutes, and parts of them, until it expires, up to 5,256,000; store_touch() renews; null: it stays
          indexed: what of value is found by words: paths as a.b, a[0], a[-1], a[*], a.* or $ (all); null: all of it, {}: nothing
          embeddings: what a model made of it: one vector, or several as rows of a two-dimensional array, of at most 16,000
            finite numbers each that are not all 0
        Errors:
          22023: bad input
          54000: over threadmem.max_body, or more than 16,000 numbers in a vector or 1,000 vectors
          42501: another person's namespace, in a session narrowed to a user
        Answers: LangGraph BaseStore.put.
        """
        return await self._call(
            "store_put",
            row(StoreItem),
            ("namespace", "text[]", namespace),
            ("key", "text", key),
            ("value", "jsonb", json(value)),
            ("ttl_minutes", "double precision", ttl_minutes),
            ("indexed", "text[]", indexed),
            ("embeddings", "double precision[]", embeddings),
        )

    async def store_search(
        self,
        namespace_prefix: Sequence[str] | None = DEFAULT,
        filter: Json = DEFAULT,
        query: str | None = DEFAULT,
        embedding: Sequence[float] | None = DEFAULT,
        max_rows: int | None = DEFAULT,
        skip: int | None = DEFAULT,
        after_position: str | None = DEFAULT,
    ) -> list[ListedStoreItem]:
        """Items of the store below a namespace, in pages: what was put last first, or what answers a question best.
        With a query those that have any of its words, by ts_rank; with an embedding those that have one, by the cosine of the
        nearest of theirs; with both the two lists joined by reciprocal rank. A query of stop words alone is none. Nothing is
        renewed: store_touch() does that.
        Arguments:
          namespace_prefix: the labels that its namespace begins with; {} is every namespace
          filter: {"field": value, ...}, all of which hold of the members of value. A value is equal, an object is contained;
            {"$gt": value} and so on compare: $eq, $ne, $gt, $gte, $lt, $lte; of several in one object all hold. Numbers compare
            as numbers, text by its bytes, and nothing else is greater or less; a missing field is $ne to everything
          query: what to look for, in words
          embedding: what to look for, of the model that the embeddings of items come from
          max_rows: rows of a page, 0 to 1,000
          skip: rows left out before the first
          after_position: the position of the last row of the page before; that row may be gone
        Errors:
          22023: bad input, a position of another search, or an embedding of another length than an item's
          54000: more than 16,000 numbers, or over 1 MB of words
        Answers: LangGraph BaseStore.search.
        """
        return await self._call(
            "store_search",
            rows(ListedStoreItem),
            ("namespace_prefix", "text[]", namespace_prefix),
            ("filter", "jsonb", filter),
            ("query", "text", query),
            ("embedding", "double precision[]", embedding),
            ("max_rows", "bigint", max_rows),
            ("skip", "bigint", skip),
            ("after_position", "text", after_position),
        )

    async def store_touch(self, namespace: Sequence[str], key: str) -> bool:
        """Lets the time to live of an item begin anew; whether it did.
        False for an item that has no time to live, has expired or is not there, and for one that somebody else is writing at
        that moment: this call waits for nobody, so that the items of a search can be renewed in any order.
        Arguments:
          namespace, key: of the item
        Errors:
          22023: bad input
        Answers: LangGraph refresh_ttl.
        """
        return await self._call(
            "store_touch",
            value(bool),
            ("namespace", "text[]", namespace),
            ("key", "text", key),
        )

    async def notify_channel(self) -> str:
        """The channel on which this tenant's news are notified while threadmem.notify is on: LISTEN to it.
        Every role may listen to a channel whose name it knows, so the name has 32 random digits, is made with the first
        call and stays. A transaction that notified cannot be prepared (PREPARE TRANSACTION).
        Errors: none of its own.
        """
        return await self._call("notify_channel", value(str))

    async def thread_add_participant(
        self,
        thread_id: Id,
        participant_id: Id,
        kind: str | None = DEFAULT,
        role: str | None = DEFAULT,
    ) -> Participant:
        """Lets a user or an assistant take part in a thread, or changes its role.
        Arguments:
          thread_id: of the thread
          participant_id: of the user or assistant
          kind: user or assistant
          role: free text
        Errors:
          P0002: no such thread
          23503: no such user or assistant
          22023: bad input
          42501: not the owner's session
        Answers: Entities participants.
        """
        return await self._call(
            "thread_add_participant",
            row(Participant),
            ("thread_id", "text", thread_id),
            ("participant_id", "text", participant_id),
            ("kind", "text", kind),
            ("role", "text", role),
        )

    async def thread_copy(
        self,
        thread_id: Id,
        new_thread_id: Id | None = DEFAULT,
        checkpoint_id: Id | None = DEFAULT,
        history: bool | None = DEFAULT,
    ) -> Thread:
        """A copy of a thread with the same ids and numbers: whole, up to a checkpoint, or without history.
        Its participants, every message, checkpoint and pending write, its working memory; metadata gains thread_id, as LangGraph does it.
        Runs are not copied, and of one that is archived the copy is not. The two are independent afterwards.
        Arguments:
          thread_id: of the source
          new_thread_id: of the copy; generated when null
          checkpoint_id: only up to this checkpoint of the thread's own graph: its ancestors with what ran under them in
            other namespaces, the messages they have seen, no pending writes of its own
          history: false: only the newest checkpoint of each namespace, and no earlier revisions that nothing shows
        Errors:
          P0002: no such thread or checkpoint
          23505: the new id exists
          22023: bad input
          42501: a session narrowed to another user than its owner
        Answers: LangGraph threads.copy.
        """
        return await self._call(
            "thread_copy",
            row(Thread),
            ("thread_id", "text", thread_id),
            ("new_thread_id", "text", new_thread_id),
            ("checkpoint_id", "text", checkpoint_id),
            ("history", "boolean", history),
        )

    async def thread_count(
        self,
        thread_ids: Sequence[Id] | None = DEFAULT,
        metadata: Json = DEFAULT,
        values_match: Json = DEFAULT,
        status: str | None = DEFAULT,
        user_id: Id | None = DEFAULT,
        assistant_id: Id | None = DEFAULT,
        participant_id: Id | None = DEFAULT,
        graph_id: Id | None = DEFAULT,
        created_since: datetime | None = DEFAULT,
        created_until: datetime | None = DEFAULT,
        updated_since: datetime | None = DEFAULT,
        updated_until: datetime | None = DEFAULT,
        archived: bool | None = DEFAULT,
        query: str | None = DEFAULT,
    ) -> int:
        """How many threads thread_search() would find.
        Arguments: as those of thread_search() of these names.
        Errors:
          22023: bad input
        Answers: LangGraph threads.count, total_count of Zep thread.list_all.
        """
        return await self._call(
            "thread_count",
            value(int),
            ("thread_ids", "text[]", thread_ids),
            ("metadata", "jsonb", metadata),
            ("values_match", "jsonb", values_match),
            ("status", "text", status),
            ("user_id", "text", user_id),
            ("assistant_id", "text", assistant_id),
            ("participant_id", "text", participant_id),
            ("graph_id", "text", graph_id),
            ("created_since", "timestamp with time zone", created_since),
            ("created_until", "timestamp with time zone", created_until),
            ("updated_since", "timestamp with time zone", updated_since),
            ("updated_until", "timestamp with time zone", updated_until),
            ("archived", "boolean", archived),
            ("query", "text", query),
        )

    async def thread_create(
        self,
        thread_id: Id | None = DEFAULT,
        user_id: Id | None = DEFAULT,
        assistant_id: Id | None = DEFAULT,
        assistant_pinned: bool | None = DEFAULT,
        graph_id: Id | None = DEFAULT,
        title: str | None = DEFAULT,
        participant_ids: Sequence[Id] | None = DEFAULT,
        metadata: Json = DEFAULT,
        config: Json = DEFAULT,
        tool_resources: Json = DEFAULT,
        messages: Json = DEFAULT,
        ttl: Json = DEFAULT,
        if_exists: str | None = DEFAULT,
        supersteps: Json = DEFAULT,
        created_at: datetime | None = DEFAULT,
        in_memory: bool | None = DEFAULT,
        archived: bool | None = DEFAULT,
        if_deleted: str | None = DEFAULT,
    ) -> Thread:
        """Creates a thread, with participants, messages, a time to live, and supersteps of its state.
        Arguments:
          thread_id: 1 to 255 bytes, generated when null
          user_id: owns it, by default the user the session is narrowed to
          assistant_id: of an assistant
          assistant_pinned: binds assistant_id for life
          graph_id: metadata's graph_id when null
          title: free text
          participant_ids: users
          metadata, config, tool_resources: JSON objects
          messages: an array as message_add_batch() takes it
          ttl: {"ttl": minutes, "strategy": "delete" or "keep_latest", "refresh": true}, or the minutes alone; 1 to
            5,256,000; the rest as in thread_set_ttl()
          if_exists: raise, or do_nothing: an existing thread unchanged, but for the supersteps
          supersteps: [{"updates": [{"values" or "command", "as_node"}]}] run through thread_update_state(), one checkpoint each
          created_at: of one that is imported, else now; last_message_at follows from when its messages were said
          in_memory: false: it reads its user's memory, and nothing said in it becomes memory, whoever stores it
          archived: true: put aside from the beginning, for an import
          if_deleted: create, or raise: P0002 while the tombstone of a deleted thread stands (threadmem.tombstone_ttl), for
            clients that save again what they still have
        Errors:
          P0002: the thread was deleted, and if_deleted is raise
          23505: the id exists
          23503: no such user or assistant
          22023: bad input
          54000: a message over threadmem.max_body
          22003: a sum of supersteps out of range
          42501: the id is that of another user's thread
          55006: supersteps for a thread that is there and busy; then nothing is stored
        Answers: LangGraph threads.create, Zep thread.create, Backboard create thread, Entities create_thread, OpenAI
            threads.create.
        """
        return await self._call(
            "thread_create",
            row(Thread),
            ("thread_id", "text", thread_id),
            ("user_id", "text", user_id),
            ("assistant_id", "text", assistant_id),
            ("assistant_pinned", "boolean", assistant_pinned),
            ("graph_id", "text", graph_id),
            ("title", "text", title),
            ("participant_ids", "text[]", participant_ids),
            ("metadata", "jsonb", metadata),
            ("config", "jsonb", config),
            ("tool_resources", "jsonb", tool_resources),
            ("messages", "jsonb", messages),
            ("ttl", "jsonb", ttl),
            ("if_exists", "text", if_exists),
            ("supersteps", "jsonb", supersteps),
            ("created_at", "timestamp with time zone", created_at),
            ("in_memory", "boolean", in_memory),
            ("archived", "boolean", archived),
            ("if_deleted", "text", if_deleted),
        )

    async def thread_delete(
        self,
        thread_id: Id,
        keep_memory: bool | None = DEFAULT,
        expected_seq: int | None = DEFAULT,
    ) -> list[DeletionCount]:
        """Deletes a thread with all inside; its texts stay in its user's memory (kept counts them) unless keep_memory is false.
        Tells how much of each kind went. What its owner's memory has stays, and of other users what they said in it; it is
        found by memory_search() and thread_context(), as Zep has it, until memory_forget() or user_delete(). A tombstone
        stops late writers for a day (threadmem.tombstone_ttl); thread_create() may use the id again at once.
        Arguments:
          thread_id: of the thread
          keep_memory: true: what memory has of the thread stays, as episodes; false: memory forgets the thread; null goes by
            the setting threadmem.keep_memory (on)
          expected_seq: as in thread_update()
        Errors:
          P0002: no such thread
          55000: something was said meanwhile
          42501: not the owner's session
          22023: bad input
        Answers: LangGraph, Zep, Backboard, Entities and OpenAI thread delete.
        """
        return await self._call(
            "thread_delete",
            rows(DeletionCount),
            ("thread_id", "text", thread_id),
            ("keep_memory", "boolean", keep_memory),
            ("expected_seq", "bigint", expected_seq),
        )

    async def thread_fork(
        self,
        thread_id: Id,
        checkpoint_id: Id | None = DEFAULT,
        message_id: Id | None = DEFAULT,
        new_thread_id: Id | None = DEFAULT,
    ) -> Thread:
        """Another thread that begins as this one was at a checkpoint or a message.
        forked_from names the source; the two are independent afterwards. To go on in the same thread from an older
        checkpoint, use thread_update_state(checkpoint_id).
        Arguments:
          thread_id: of the source
          checkpoint_id: as thread_copy() up to it
          message_id: or a live message: the log up to and with it, and the newest state of the present branch that
            knows nothing said later; what that state has not seen is pending
          new_thread_id: generated when null
        Errors:
          P0002: no such thread, checkpoint or message
          23505: the new id exists
          22023: bad input, or not exactly one of checkpoint_id and message_id
          42501: a session narrowed to another user than its owner
        Answers: the fork of Letta conversations and of chat interfaces.
        """
        return await self._call(
            "thread_fork",
            row(Thread),
            ("thread_id", "text", thread_id),
            ("checkpoint_id", "text", checkpoint_id),
            ("message_id", "text", message_id),
            ("new_thread_id", "text", new_thread_id),
        )

    async def thread_format(self, thread_id: Id, dialect: str | None = DEFAULT) -> Json:
        """A thread as another system's API gives it, in JSON.
        Times are UTC: ISO 8601, or epoch seconds for entities and openai. What the system has and threadmem does not
        store (Zep's second uuid) is left out.
        Arguments:
          thread_id: of the thread
          dialect: langgraph or langchain (the row with the values of its latest state when there are any, its
            interrupts by task, graph_id within metadata), entities (with its users as participants, the owner first),
            zep (with all its messages and their number), backboard (with all its messages), openai
        Errors:
          P0002: no such thread
          22023: unknown dialect
          54000: a state that is too large for jsonb
          0A000: anthropic, responses and ai_sdk, which have no threads of their own
        Answers: LangGraph threads.get, Entities get_thread, Zep thread.get, Backboard get thread, OpenAI
            threads.retrieve.
        """
        return await self._call(
            "thread_format",
            value(Any),
            ("thread_id", "text", thread_id),
            ("dialect", "text", dialect),
        )

    @overload
    async def thread_get(self, thread_id: Id) -> Thread: ...

    @overload
    async def thread_get(self, thread_id: Id, missing_ok: bool) -> Thread | None: ...

    async def thread_get(self, thread_id: Id, missing_ok: bool | None = DEFAULT) -> Thread | None:
        """One thread; thread_format() gives it with its messages in another system's form.
        Arguments:
          thread_id: of the thread
          missing_ok: no row, and no error, when there is none
        Errors:
          P0002: no such thread
          22023: bad input
        Answers: LangGraph threads.get, Entities get_thread, OpenAI threads.retrieve.
        """
        return await self._call(
            "thread_get",
            maybe(Thread),
            ("thread_id", "text", thread_id),
            ("missing_ok", "boolean", missing_ok),
        )

    async def thread_gone(self, thread_ids: Sequence[Id]) -> list[str]:
        """Which of these ids no thread has (any more), each once, in the order of their bytes.
        For a sweep of the application's own rows, which cannot have a foreign key to a thread.
        Arguments:
          thread_ids: the ids
        Errors:
          22023: bad input
          42501: a session narrowed by threadmem.user_id, to which other users' threads would seem gone
        """
        return await self._call("thread_gone", values(str), ("thread_ids", "text[]", thread_ids))

    async def thread_list(
        self,
        user_id: Id | None = DEFAULT,
        assistant_id: Id | None = DEFAULT,
        participant_id: Id | None = DEFAULT,
        sort_by: str | None = DEFAULT,
        sort_order: str | None = DEFAULT,
        max_rows: int | None = DEFAULT,
        after_id: Id | None = DEFAULT,
        page_number: int | None = DEFAULT,
        page_size: int | None = DEFAULT,
        after_position: str | None = DEFAULT,
        archived: bool | None = DEFAULT,
        with_preview: bool | None = DEFAULT,
    ) -> list[ListedThread]:
        """Threads, newest first, in pages: all, or those of a user, an assistant or a participant.
        A filter that is null is none: for the threads of one user call user_threads(), which refuses null. The total is
        thread_count().
        Arguments:
          user_id: owned by this user
          assistant_id: of this assistant
          participant_id: in which this user takes part (owners do)
          sort_by: created_at, updated_at, thread_id, user_id, status, last_message_at or state_updated_at
          sort_order: desc or asc
          max_rows: rows of a page, 0 to 1,000
          after_id: the id of the last row of the page before, which must exist
          page_number: from 1, with page_size, instead of these
          page_size: rows of a page, 1 to 1,000
          after_position: the position of the last row of the page before; that row may be gone
          archived: false: without those put aside by thread_update(); true: only these; null: all
          with_preview: preview is how the last thing begins that a user or an assistant said, the first 200 characters of its
            text (message_preview()): of a message that is coming, the text so far; deleted ones and those without words are
            passed over. Null where there is none among the last 10 messages. One look into each thread of the page
        Errors:
          P0002: unknown after_id
          22023: bad input, or a position of another list or order
        Answers: Zep thread.list_all, Backboard list threads.
        """
        return await self._call(
            "thread_list",
            rows(ListedThread),
            ("user_id", "text", user_id),
            ("assistant_id", "text", assistant_id),
            ("participant_id", "text", participant_id),
            ("sort_by", "text", sort_by),
            ("sort_order", "text", sort_order),
            ("max_rows", "bigint", max_rows),
            ("after_id", "text", after_id),
            ("page_number", "bigint", page_number),
            ("page_size", "bigint", page_size),
            ("after_position", "text", after_position),
            ("archived", "boolean", archived),
            ("with_preview", "boolean", with_preview),
        )

    async def thread_participants(self, thread_id: Id) -> list[Participant]:
        """Who takes part in a thread: its owner, then the others as they joined.
        Arguments:
          thread_id: of the thread
        Errors:
          P0002: no such thread
          22023: bad input
        """
        return await self._call(
            "thread_participants",
            rows(Participant),
            ("thread_id", "text", thread_id),
        )

    async def thread_prune(self, thread_ids: Sequence[Id], strategy: str | None = DEFAULT) -> int:
        """Deletes many threads, or thins them out to their latest state; returns how many it met.
        Unknown ids are skipped.
        Arguments:
          thread_ids: of the threads
          strategy: delete is thread_delete(keep_memory => false) for each; keep_latest keeps the thread, its messages in the
            log and the newest checkpoint of every namespace, as checkpoint_prune() does
        Errors:
          22023: bad input
          42501: not the owner's session
        Answers: LangGraph threads.prune.
        """
        return await self._call(
            "thread_prune",
            value(int),
            ("thread_ids", "text[]", thread_ids),
            ("strategy", "text", strategy),
        )

    async def thread_purge_expired(self, max_rows: int | None = DEFAULT) -> int:
        """Carries expiry out; call it from cron until it returns 0.
        Of threads whose time is over, the longest over first: strategy delete deletes, keep_latest keeps the thread
        with the newest checkpoint of every namespace, and its time begins anew with the next write. Threads in use are
        left for the next call. Then items of the store, as store_purge_expired() does it. Returns how many of both.
        tenants_purge_expired() does it for all tenants.
        Arguments:
          max_rows: threads and items at most, 0 to 1,000
        Errors:
          22023: bad max_rows
        Answers: LangGraph's ttl sweep.
        """
        return await self._call("thread_purge_expired", value(int), ("max_rows", "bigint", max_rows))

    async def thread_remove_participant(self, thread_id: Id, participant_id: Id, kind: str | None = DEFAULT) -> bool:
        """Ends the participation of a user or an assistant.
        The owner is changed by thread_update().
        Arguments:
          thread_id: of the thread
          participant_id: of the user or assistant
          kind: user or assistant
        Errors:
          P0002: no such thread or participant
          22023: bad input
        """
        return await self._call(
            "thread_remove_participant",
            value(bool),
            ("thread_id", "text", thread_id),
            ("participant_id", "text", participant_id),
            ("kind", "text", kind),
        )

    async def thread_search(
        self,
        thread_ids: Sequence[Id] | None = DEFAULT,
        metadata: Json = DEFAULT,
        values_match: Json = DEFAULT,
        status: str | None = DEFAULT,
        user_id: Id | None = DEFAULT,
        assistant_id: Id | None = DEFAULT,
        participant_id: Id | None = DEFAULT,
        graph_id: Id | None = DEFAULT,
        created_since: datetime | None = DEFAULT,
        created_until: datetime | None = DEFAULT,
        updated_since: datetime | None = DEFAULT,
        updated_until: datetime | None = DEFAULT,
        archived: bool | None = DEFAULT,
        query: str | None = DEFAULT,
        sort_by: str | None = DEFAULT,
        sort_order: str | None = DEFAULT,
        max_rows: int | None = DEFAULT,
        skip: int | None = DEFAULT,
        after_id: Id | None = DEFAULT,
        fields: Sequence[str] | None = DEFAULT,
        paths: Json = DEFAULT,
        after_position: str | None = DEFAULT,
    ) -> list[FoundThread]:
        """Threads that meet every filter given, words too, in pages; with values, interrupts or single paths of each state.
        A filter that is null is none, also user_id: a program that has no user sees everybody's, unless the session is
        narrowed by threadmem.user_id. Values, interrupts or extracted that are too large for jsonb, or damaged, are
        null, and left_out names them; the other threads come as ever.
        Arguments:
          thread_ids: these; unknown ids are skipped
          metadata: containment: exactly, types matter; {} matches all
          values_match: the same in the values that the latest checkpoint has, without pending writes and what the log
            has more; a thread without checkpoint has none. A filter by scalars up to 256 bytes is answered from an
            index, any other reads the states of the threads that meet the rest
          status: idle, busy, interrupted or error
          user_id, assistant_id, participant_id, graph_id: as in thread_list()
          created_since, created_until, updated_since, updated_until: the until bounds are exclusive
          archived: false: without those put aside by thread_update(), also where thread_ids names them; true: only these;
            null: all
          query: words that are in the title, or in a live message, as message_search() takes them ("exact phrase", or,
            -without). snippet is then where: the title, else of the message that ranks highest no more than 300 columns
            (a Chinese character takes two), as it was written but for its spaces; what was found stands between the
            characters U+0002 and U+0003, which are nowhere else in it. The order is as ever sort_by
          sort_by, sort_order: as in thread_list()
          max_rows: rows of a page, 0 to 1,000
          skip: rows left out before the first
          after_id: of the last row of the page before
          fields: the columns wanted; the others come as null, thread_id always comes. values and interrupts come only
            when fields names them: the state of each row is read for them. values are as thread_state() shows them,
            interrupts an object from each task that waits to its own; preview, only when named too, is as in thread_list()
          paths: {alias: path} with at most 10 takes single values out of each row into extracted. A path begins with
            values, metadata, config or interrupts and goes on with .name or [number], negative from the end, as in
            values.messages[-1].content; one that leads nowhere gives null
          after_position: the position of the last row of the page before; that row may be gone
        Errors:
          P0002: unknown after_id
          22023: bad input, or a position of another list or order
        Answers: LangGraph threads.search.
        """
        return await self._call(
            "thread_search",
            rows(FoundThread),
            ("thread_ids", "text[]", thread_ids),
            ("metadata", "jsonb", metadata),
            ("values_match", "jsonb", values_match),
            ("status", "text", status),
            ("user_id", "text", user_id),
            ("assistant_id", "text", assistant_id),
            ("participant_id", "text", participant_id),
            ("graph_id", "text", graph_id),
            ("created_since", "timestamp with time zone", created_since),
            ("created_until", "timestamp with time zone", created_until),
            ("updated_since", "timestamp with time zone", updated_since),
            ("updated_until", "timestamp with time zone", updated_until),
            ("archived", "boolean", archived),
            ("query", "text", query),
            ("sort_by", "text", sort_by),
            ("sort_order", "text", sort_order),
            ("max_rows", "bigint", max_rows),
            ("skip", "bigint", skip),
            ("after_id", "text", after_id),
            ("fields", "text[]", fields),
            ("paths", "jsonb", paths),
            ("after_position", "text", after_position),
        )

    async def thread_set_metadata(
        self,
        thread_id: Id,
        metadata: Json,
        expected_version: int | None = DEFAULT,
    ) -> Thread:
        """Replaces a thread's metadata.
        Arguments:
          thread_id: of the thread
          metadata: a JSON object
          expected_version: refuse when the thread has another version by now
        Errors:
          P0002: no such thread
          TM001: it has another version than expected
          22023: not an object
        Answers: Entities PUT threads/{id}/metadata.
        """
        return await self._call(
            "thread_set_metadata",
            row(Thread),
            ("thread_id", "text", thread_id),
            ("metadata", "jsonb", json(metadata)),
            ("expected_version", "bigint", expected_version),
        )

    async def thread_set_ttl(
        self,
        thread_id: Id,
        minutes: int | None = DEFAULT,
        strategy: str | None = DEFAULT,
        refresh: bool | None = DEFAULT,
        expected_seq: int | None = DEFAULT,
    ) -> Thread:
        """Lets a thread expire in so many minutes from now.
        thread_purge_expired() carries it out.
        Arguments:
          thread_id: of the thread
          minutes: 1 to 5,256,000; null takes the limit away
          strategy: what expiry does: delete, or keep_latest: the thread stays with its newest checkpoints, and its time
            begins anew with the next write
          refresh: true: every write begins it anew (what moves updated_at or state_updated_at; not the pieces of a
            stream), and a thread that a run keeps busy does not expire; false: it counts from this call
          expected_seq: as in thread_update()
        Errors:
          P0002: no such thread
          55000: something was said meanwhile
          22023: bad input
          42501: not the owner's session
        Answers: LangGraph ttl.
        """
        return await self._call(
            "thread_set_ttl",
            row(Thread),
            ("thread_id", "text", thread_id),
            ("minutes", "bigint", minutes),
            ("strategy", "text", strategy),
            ("refresh", "boolean", refresh),
            ("expected_seq", "bigint", expected_seq),
        )

    async def thread_update(
        self,
        thread_id: Id,
        metadata: Json = DEFAULT,
        remove_keys: Sequence[str] | None = DEFAULT,
        title: str | None = DEFAULT,
        user_id: Id | None = DEFAULT,
        assistant_id: Id | None = DEFAULT,
        graph_id: Id | None = DEFAULT,
        config: Json = DEFAULT,
        tool_resources: Json = DEFAULT,
        ttl: Json = DEFAULT,
        clear: Sequence[str] | None = DEFAULT,
        expected_version: int | None = DEFAULT,
        in_memory: bool | None = DEFAULT,
        archived: bool | None = DEFAULT,
        expected_seq: int | None = DEFAULT,
        expected_metadata: Json = DEFAULT,
    ) -> Thread:
        """Changes the fields of a thread that are given.
        Arguments:
          thread_id: of the thread
          metadata: merged at its top level (null stores null)
          remove_keys: keys taken out of metadata
          title, assistant_id, graph_id: the new value; null leaves the old
          user_id: hands the thread over (not from a session narrowed to a user)
          config, tool_resources: replaced
          ttl: as in thread_create(), from now
          clear: fields to be emptied: title, user_id, assistant_id, graph_id, ttl
          expected_version: refuse when the thread has another version by now
          in_memory: false takes all that was said in it, and was drawn from that, out of memory, and what will be; true: what
            is said from now on is remembered, and what was taken out stays out
          archived: true puts the thread aside: lists, searches and counts leave it out unless asked. Nothing else goes by it:
            it is read and written as ever, and stays put aside; false takes it out again
          expected_seq: refuse when something was said after this seq, the greatest when the caller looked; edits do not count
          expected_metadata: refuse when the metadata do not contain this object any more
        Errors:
          P0002: no such thread
          23503: no such user or assistant
          TM001: it has another version than expected
          55000: its assistant is pinned; something was said meanwhile; its metadata are others than expected
          22023: bad input
          42501: a session narrowed to one user hands no thread over, and takes none of others out of memory
        Answers: LangGraph threads.update, Entities and OpenAI thread update.
        """
        return await self._call(
            "thread_update",
            row(Thread),
            ("thread_id", "text", thread_id),
            ("metadata", "jsonb", metadata),
            ("remove_keys", "text[]", remove_keys),
            ("title", "text", title),
            ("user_id", "text", user_id),
            ("assistant_id", "text", assistant_id),
            ("graph_id", "text", graph_id),
            ("config", "jsonb", config),
            ("tool_resources", "jsonb", tool_resources),
            ("ttl", "jsonb", ttl),
            ("clear", "text[]", clear),
            ("expected_version", "bigint", expected_version),
            ("in_memory", "boolean", in_memory),
            ("archived", "boolean", archived),
            ("expected_seq", "bigint", expected_seq),
            ("expected_metadata", "jsonb", expected_metadata),
        )

    async def session_add_messages(
        self,
        session_id: Id,
        messages: Json,
        ignore_roles: Sequence[str] | None = DEFAULT,
        run_id: Id | None = DEFAULT,
        if_exists: str | None = DEFAULT,
    ) -> list[Message]:
        """message_add_batch() under the name of Zep's sessions.
        Arguments: as those of message_add_batch(), with session_id for thread_id.
        Errors:
          P0002: as there
          23505: as there
          55000: as there
          22023: as there
          54000: as there
        Answers: Zep memory.add.
        """
        return await self._call(
            "session_add_messages",
            rows(Message),
            ("session_id", "text", session_id),
            ("messages", "jsonb", json(messages)),
            ("ignore_roles", "text[]", ignore_roles),
            ("run_id", "text", run_id),
            ("if_exists", "text", if_exists),
        )

    async def session_create(
        self,
        session_id: Id | None = DEFAULT,
        user_id: Id | None = DEFAULT,
        assistant_id: Id | None = DEFAULT,
        assistant_pinned: bool | None = DEFAULT,
        graph_id: Id | None = DEFAULT,
        title: str | None = DEFAULT,
        participant_ids: Sequence[Id] | None = DEFAULT,
        metadata: Json = DEFAULT,
        config: Json = DEFAULT,
        tool_resources: Json = DEFAULT,
        messages: Json = DEFAULT,
        ttl: Json = DEFAULT,
        if_exists: str | None = DEFAULT,
        supersteps: Json = DEFAULT,
        created_at: datetime | None = DEFAULT,
        in_memory: bool | None = DEFAULT,
        archived: bool | None = DEFAULT,
        if_deleted: str | None = DEFAULT,
    ) -> Thread:
        """thread_create() under the name of Zep's sessions.
        Arguments: as those of thread_create(), with session_id for thread_id.
        Errors:
          P0002: as there
          23505: as there
          23503: as there
          22023: as there
          54000: as there
          22003: as there
          42501: as there
          55006: as there
        Answers: Zep memory.add_session.
        """
        return await self._call(
            "session_create",
            row(Thread),
            ("session_id", "text", session_id),
            ("user_id", "text", user_id),
            ("assistant_id", "text", assistant_id),
            ("assistant_pinned", "boolean", assistant_pinned),
            ("graph_id", "text", graph_id),
            ("title", "text", title),
            ("participant_ids", "text[]", participant_ids),
            ("metadata", "jsonb", metadata),
            ("config", "jsonb", config),
            ("tool_resources", "jsonb", tool_resources),
            ("messages", "jsonb", messages),
            ("ttl", "jsonb", ttl),
            ("if_exists", "text", if_exists),
            ("supersteps", "jsonb", supersteps),
            ("created_at", "timestamp with time zone", created_at),
            ("in_memory", "boolean", in_memory),
            ("archived", "boolean", archived),
            ("if_deleted", "text", if_deleted),
        )

    async def session_delete(
        self,
        session_id: Id,
        keep_memory: bool | None = DEFAULT,
        expected_seq: int | None = DEFAULT,
    ) -> list[DeletionCount]:
        """thread_delete() under the name of Zep's sessions.
        Arguments: as those of thread_delete(), with session_id for thread_id.
        Errors:
          P0002: as there
          55000: as there
          22023: as there
          42501: as there
        Answers: Zep memory.delete.
        """
        return await self._call(
            "session_delete",
            rows(DeletionCount),
            ("session_id", "text", session_id),
            ("keep_memory", "boolean", keep_memory),
            ("expected_seq", "bigint", expected_seq),
        )

    @overload
    async def session_get(self, session_id: Id) -> Thread: ...

    @overload
    async def session_get(self, session_id: Id, missing_ok: bool) -> Thread | None: ...

    async def session_get(self, session_id: Id, missing_ok: bool | None = DEFAULT) -> Thread | None:
        """thread_get() under the name of Zep's sessions.
        Arguments: as those of thread_get(), with session_id for thread_id.
        Errors:
          P0002: as there
          22023: as there
        Answers: Zep memory.get_session.
        """
        return await self._call(
            "session_get",
            maybe(Thread),
            ("session_id", "text", session_id),
            ("missing_ok", "boolean", missing_ok),
        )

    async def session_list(
        self,
        user_id: Id | None = DEFAULT,
        assistant_id: Id | None = DEFAULT,
        participant_id: Id | None = DEFAULT,
        sort_by: str | None = DEFAULT,
        sort_order: str | None = DEFAULT,
        max_rows: int | None = DEFAULT,
        after_id: Id | None = DEFAULT,
        page_number: int | None = DEFAULT,
        page_size: int | None = DEFAULT,
        after_position: str | None = DEFAULT,
        archived: bool | None = DEFAULT,
        with_preview: bool | None = DEFAULT,
    ) -> list[ListedThread]:
        """thread_list() under the name of Zep's sessions.
        Arguments: as those of thread_list().
        Errors:
          P0002: as there
          22023: as there
        Answers: Zep memory.list_sessions.
        """
        return await self._call(
            "session_list",
            rows(ListedThread),
            ("user_id", "text", user_id),
            ("assistant_id", "text", assistant_id),
            ("participant_id", "text", participant_id),
            ("sort_by", "text", sort_by),
            ("sort_order", "text", sort_order),
            ("max_rows", "bigint", max_rows),
            ("after_id", "text", after_id),
            ("page_number", "bigint", page_number),
            ("page_size", "bigint", page_size),
            ("after_position", "text", after_position),
            ("archived", "boolean", archived),
            ("with_preview", "boolean", with_preview),
        )

    async def session_messages(
        self,
        session_id: Id,
        max_rows: int | None = DEFAULT,
        sort_order: str | None = DEFAULT,
        after_id: Id | None = DEFAULT,
        after_seq: int | None = DEFAULT,
        before_id: Id | None = DEFAULT,
        before_seq: int | None = DEFAULT,
        role: str | None = DEFAULT,
        run_id: Id | None = DEFAULT,
        metadata: Json = DEFAULT,
        include_deleted: bool | None = DEFAULT,
        view: str | None = DEFAULT,
        after_position: str | None = DEFAULT,
        before_position: str | None = DEFAULT,
    ) -> list[ListedMessage]:
        """message_list() under the name of Zep's sessions.
        Arguments: as those of message_list(), with session_id for thread_id.
        Errors:
          P0002: as there
          22023: as there
        Answers: Zep memory.get_session_messages.
        """
        return await self._call(
            "session_messages",
            rows(ListedMessage),
            ("session_id", "text", session_id),
            ("max_rows", "bigint", max_rows),
            ("sort_order", "text", sort_order),
            ("after_id", "text", after_id),
            ("after_seq", "bigint", after_seq),
            ("before_id", "text", before_id),
            ("before_seq", "bigint", before_seq),
            ("role", "text", role),
            ("run_id", "text", run_id),
            ("metadata", "jsonb", metadata),
            ("include_deleted", "boolean", include_deleted),
            ("view", "text", view),
            ("after_position", "text", after_position),
            ("before_position", "text", before_position),
        )

    async def session_update(
        self,
        session_id: Id,
        metadata: Json = DEFAULT,
        remove_keys: Sequence[str] | None = DEFAULT,
        title: str | None = DEFAULT,
        user_id: Id | None = DEFAULT,
        assistant_id: Id | None = DEFAULT,
        graph_id: Id | None = DEFAULT,
        config: Json = DEFAULT,
        tool_resources: Json = DEFAULT,
        ttl: Json = DEFAULT,
        clear: Sequence[str] | None = DEFAULT,
        expected_version: int | None = DEFAULT,
        in_memory: bool | None = DEFAULT,
        archived: bool | None = DEFAULT,
        expected_seq: int | None = DEFAULT,
        expected_metadata: Json = DEFAULT,
    ) -> Thread:
        """thread_update() under the name of Zep's sessions.
        Arguments: as those of thread_update(), with session_id for thread_id.
        Errors:
          P0002: as there
          23503: as there
          TM001: as there
          55000: as there
          22023: as there
          42501: as there
        Answers: Zep memory.update_session.
        """
        return await self._call(
            "session_update",
            row(Thread),
            ("session_id", "text", session_id),
            ("metadata", "jsonb", metadata),
            ("remove_keys", "text[]", remove_keys),
            ("title", "text", title),
            ("user_id", "text", user_id),
            ("assistant_id", "text", assistant_id),
            ("graph_id", "text", graph_id),
            ("config", "jsonb", config),
            ("tool_resources", "jsonb", tool_resources),
            ("ttl", "jsonb", ttl),
            ("clear", "text[]", clear),
            ("expected_version", "bigint", expected_version),
            ("in_memory", "boolean", in_memory),
            ("archived", "boolean", archived),
            ("expected_seq", "bigint", expected_seq),
            ("expected_metadata", "jsonb", expected_metadata),
        )

    async def help(self) -> list[FunctionSummary]:
        """The functions by what they are about, each with the first line of its comment; help('thread_copy') shows one.
        Concepts stand in the order in which they build on each other, functions in that of their names. A function belongs
        to the concept that its name begins with (user_threads to user, memory_get to memory), but for those that belong to
        another by what they do: thread_state to state, message_context to context, thread_context to memory. Left out are
        those that serve the extension itself, and the second form of a function for an id of type uuid.
        Errors: none.
        """
        return await self._call("help", rows(FunctionSummary))

    async def help_text(self, function_name: str) -> str:
        """One function, to be read in psql: its arguments, one a line with defaults, its result and its comment.
        \\pset format unaligned and \\t leave out what psql draws around it.
        Arguments:
          function_name: its name, with or without the schema
        Errors:
          P0002: no such function; names those that come near
          22023: bad input
        """
        return await self._call("help", value(str), ("function_name", "text", function_name))

    async def thread_storage(self, thread_id: Id) -> list[Storage]:
        """Where a thread's space goes: rows and bytes by kind and channel.
        total is the sum of messages (bodies, each once), search (their search vectors), embeddings, chunks,
        checkpoints, pending_writes (by channel), runs and run_steps (their documents: input, config, usage and the
        like). Parts of checkpoints are metadata, snapshots and patches; channel_values tells how much of snapshots and
        patches each channel takes, rows being the checkpoints that store its value or a change of it. Messages in a
        state are numbers there.
        Arguments:
          thread_id: of the thread
        Errors:
          P0002: no such thread
          22023: bad input
        Answers: LangGraph GET /threads/{id}/storage: total_bytes is total; checkpoints and pending_writes {count,
            bytes} are rows and bytes of these kinds, checkpoints without the bytes of channel_values;
            channel_values.by_channel {versions, bytes} are rows and bytes.
        """
        return await self._call("thread_storage", rows(Storage), ("thread_id", "text", thread_id))

    async def threadmem_stats(self, all_tenants: bool | None = DEFAULT) -> list[Statistic]:
        """Rows and bytes by kind, of this tenant or of each.
        Reads every row.
        Arguments:
          all_tenants: of each tenant, instead of this one; for superusers and roles of level operator
        Errors:
          42501: all_tenants from another role, one that is bound to a tenant, or a session narrowed to one user
        """
        return await self._call(
            "threadmem_stats",
            rows(Statistic),
            ("all_tenants", "boolean", all_tenants),
        )

    async def threadmem_verify(
        self,
        thread_id: Id | None = DEFAULT,
        all_tenants: bool | None = DEFAULT,
    ) -> list[Finding]:
        """Computes again what the functions keep true, of one thread, a tenant or all; no row means all is well.
        Counters, order, owners, links and states of checkpoints, values for search. Without a thread it also finds what
        is left in no thread and, for a session that is neither bound nor narrowed, members of threadmem_runner and
        threadmem_reader and bindings of roles that do not exist (thread_id is null then). Reads every message and
        restores every checkpoint; what cannot be restored is a finding, not an error.
        Arguments:
          thread_id: this thread only
          all_tenants: every tenant, instead of this one; for superusers and roles of level operator
        Errors:
          P0002: no such thread
          22023: bad input or a thread together with all_tenants
          42501: all_tenants from another role, one that is bound to a tenant, or a session narrowed to one user
        """
        return await self._call(
            "threadmem_verify",
            rows(Finding),
            ("thread_id", "text", thread_id),
            ("all_tenants", "boolean", all_tenants),
        )
