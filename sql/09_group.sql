-- group: who belongs to a group, whose memory is then the member's to read.

CREATE TABLE threadmem_data.group_members (
    tenant_id   text COLLATE "C" NOT NULL DEFAULT threadmem.current_tenant(),
    group_id    text COLLATE "C" NOT NULL,
    kind        text COLLATE "C" NOT NULL CONSTRAINT group_members_kind CHECK (kind OPERATOR(pg_catalog.=) ANY (ARRAY['user', 'assistant'])),
    member_id   text COLLATE "C" NOT NULL,
    joined_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, group_id, kind, member_id),
    CONSTRAINT group_members_times CHECK (pg_catalog.isfinite(joined_at))
);
CREATE INDEX group_members_of ON threadmem_data.group_members (tenant_id, member_id, kind, group_id);
COMMENT ON TABLE threadmem_data.group_members IS
$$Users and assistants that belong to a group, which is a user of kind group. Written by the group_ functions.$$;
ALTER TABLE threadmem_data.group_members ENABLE ROW LEVEL SECURITY;
-- Its own columns only, so that the policies of others may consult it without a circle.
CREATE POLICY read_rows ON threadmem_data.group_members FOR SELECT
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant()
           AND (threadmem.current_user_id() IS NULL OR kind OPERATOR(pg_catalog.=) 'assistant'
                OR member_id OPERATOR(pg_catalog.=) threadmem.current_user_id()));
COMMENT ON POLICY read_rows ON threadmem_data.group_members IS
$$The rows of this tenant; a narrowed session sees where its own user belongs, and assistants, and no other members.$$;
CREATE POLICY insert_rows ON threadmem_data.group_members FOR INSERT
    WITH CHECK (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant() AND threadmem.current_user_id() IS NULL);
COMMENT ON POLICY insert_rows ON threadmem_data.group_members IS 'A session narrowed to a user lets nobody into a group.';
CREATE POLICY update_rows ON threadmem_data.group_members FOR UPDATE
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant())
    WITH CHECK (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant() AND threadmem.current_user_id() IS NULL);
COMMENT ON POLICY update_rows ON threadmem_data.group_members IS 'A session narrowed to a user changes no membership.';
CREATE POLICY delete_rows ON threadmem_data.group_members FOR DELETE
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant() AND threadmem.current_user_id() IS NULL);
COMMENT ON POLICY delete_rows ON threadmem_data.group_members IS 'A session narrowed to a user ends no membership.';
SELECT pg_catalog.pg_extension_config_dump('threadmem_data.group_members', '');

CREATE FUNCTION threadmem.shares_memory(user_id text) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_shares_memory' LANGUAGE c STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION threadmem.shares_memory(text) IS
$$Whether the memory of a group is for the user whom this session is narrowed to: it belongs to it, or an assistant does.
False in a session that is not narrowed. For row security policies.
Arguments:
  user_id: of the group
Errors:
  22023: threadmem.user_id is no id$$;

CREATE POLICY group_rows ON threadmem_data.users FOR SELECT
    USING (tenant_id OPERATOR(pg_catalog.=) threadmem.current_tenant() AND threadmem.shares_memory(user_id));
COMMENT ON POLICY group_rows ON threadmem_data.users IS 'A narrowed session reads the groups that its user belongs to.';

CREATE VIEW threadmem.memberships WITH (security_barrier = true) AS
    SELECT m.group_id, CASE m.kind WHEN 'user' THEN m.member_id END AS user_id,
           CASE m.kind WHEN 'assistant' THEN m.member_id END AS assistant_id, m.joined_at
      FROM threadmem_data.group_members m, (VALUES (1)) AS one;
ALTER VIEW threadmem.memberships OWNER TO threadmem_runner;
COMMENT ON VIEW threadmem.memberships IS 'Which user or assistant belongs to which group. For joins; read only.';
CREATE VIEW threadmem.listed_membership WITH (security_invoker = true) AS
    SELECT c.*, ''::text AS position, false AS has_more FROM threadmem.memberships c WHERE false;
COMMENT ON VIEW threadmem.listed_membership IS
$$One membership of a list; position is where the next page goes on (after_position), has_more whether there is one,
on every row. Has no rows: the type of a result.$$;

CREATE FUNCTION threadmem.group_add_member(group_id text, user_id text DEFAULT NULL, assistant_id text DEFAULT NULL) RETURNS threadmem.memberships
    AS 'MODULE_PATHNAME', 'threadmem_group_add_member' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.group_add_member(text, text, text) IS
$$Lets a user or an assistant into a group, a user of kind group; who belongs to it already stays.
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
  54000: it belongs to 100 groups already$$;

CREATE FUNCTION threadmem.group_remove_member(group_id text, user_id text DEFAULT NULL, assistant_id text DEFAULT NULL) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_group_remove_member' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.group_remove_member(text, text, text) IS
$$Takes a user or an assistant out of a group; what it said in the group's threads stays the group's memory.
Arguments:
  group_id: of the group
  user_id: of the user
  assistant_id: or of the assistant
Errors:
  P0002: it does not belong to the group
  22023: bad input
  42501: a session narrowed by threadmem.user_id$$;

CREATE FUNCTION threadmem.group_members(group_id text, max_rows bigint DEFAULT 20, after_position text DEFAULT NULL) RETURNS SETOF threadmem.listed_membership
    AS 'MODULE_PATHNAME', 'threadmem_group_members' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.group_members(text, bigint, text) IS
$$Who belongs to a group, assistants first and by their ids, in pages; a narrowed session sees assistants and itself.
Arguments:
  group_id: of the group
  max_rows: rows of a page, 0 to 1,000
  after_position: the position of the last row of the page before; that row may be gone
Errors:
  P0002: no such group
  22023: bad input, or a position of another list$$;

CREATE FUNCTION threadmem.user_groups(
    user_id text DEFAULT NULL, assistant_id text DEFAULT NULL, max_rows bigint DEFAULT 20, after_position text DEFAULT NULL) RETURNS SETOF threadmem.listed_membership
    AS 'MODULE_PATHNAME', 'threadmem_user_groups' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.user_groups(text, text, bigint, text) IS
$$The groups that a user or an assistant belongs to, by their ids, in pages.
Arguments:
  user_id: of the user
  assistant_id: or of the assistant
  max_rows: rows of a page, 0 to 1,000
  after_position: the position of the last row of the page before; that row may be gone
Errors:
  P0002: no such user or assistant
  22023: bad input, or a position of another list$$;
