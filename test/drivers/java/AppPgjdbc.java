import java.sql.*;
import java.util.*;
import org.postgresql.util.PSQLException;

/** A conversation with pgjdbc; what to connect to is in PGHOST, PGUSER and so on. JSON and intervals are strings with a cast. */
class AppPgjdbc {
    static Connection db;

    static List<Map<String, Object>> query(String sql, Object... values) throws SQLException {
        try (var statement = db.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) statement.setObject(i + 1, values[i]);
            var rows = new ArrayList<Map<String, Object>>();
            if (!statement.execute()) return rows;
            var result = statement.getResultSet();
            var columns = result.getMetaData();
            while (result.next()) {
                var row = new HashMap<String, Object>();
                for (int i = 1; i <= columns.getColumnCount(); i++) {
                    var json = columns.getColumnTypeName(i).equals("jsonb"); // else a PGobject
                    row.put(columns.getColumnLabel(i), json ? result.getString(i) : result.getObject(i));
                }
                rows.add(row);
            }
            return rows;
        }
    }

    static Map<String, Object> row(String sql, Object... values) throws SQLException { return query(sql, values).get(0); }

    static List<Object> column(String name, List<Map<String, Object>> rows) { return rows.stream().map(row -> row.get(name)).toList(); }

    static void same(Object expected, Object actual) {
        if (!Objects.equals(expected, actual)) throw new AssertionError(actual + ", not " + expected);
    }

    /** SQLSTATE, table and column. */
    static List<String> error(String sql, Object... values) throws SQLException {
        try {
            query(sql, values);
        } catch (PSQLException e) {
            return Arrays.asList(e.getSQLState(), e.getServerErrorMessage().getTable(), e.getServerErrorMessage().getColumn());
        }
        return List.of();
    }

    /** The threads of a tenant, which is set for one transaction: a pool may hand the connection on. */
    static List<Object> threads(String tenant, String create) throws SQLException {
        db.setAutoCommit(false);
        query("SELECT set_config('threadmem.tenant', ?, true)", tenant);
        if (create != null) query("SELECT FROM threadmem.thread_create(?)", create);
        var threads = query("SELECT * FROM threadmem.thread_list()");
        db.commit();
        db.setAutoCommit(true);
        return column("thread_id", threads);
    }

    public static void main(String[] args) throws SQLException {
        var env = System.getenv();
        db = DriverManager.getConnection("jdbc:postgresql://%s:%s/%s".formatted(env.get("PGHOST"), env.get("PGPORT"), env.get("PGDATABASE")),
            env.get("PGUSER"), env.get("PGPASSWORD"));
        var chat = UUID.randomUUID(); // a key of the application
        var thread = chat.toString(); // the same for threadmem, whose ids are text
        query("CREATE TABLE chats (id uuid PRIMARY KEY, label text)");
        query("SELECT FROM threadmem.user_create('ada', metadata => ?::jsonb)", "{\"plan\": \"free\"}");
        query("SELECT FROM threadmem.thread_create(?, user_id => 'ada', graph_id => 'guide')", thread);

        // Messages: parts, a call of a tool and its output. The id is chosen before, so that the call can be repeated.
        var question = UUID.randomUUID().toString();
        var parts = "[{\"text\": \"Where is the Roman theatre?\", \"type\": \"text\"}]";
        for (int i = 0; i < 2; i++) {
            var added = row("SELECT * FROM threadmem.message_add(?, 'user', parts => ?::jsonb, message_id => ?)", thread, parts, question);
            same(List.of(1L, "Where is the Roman theatre?", parts), List.of(added.get("seq"), added.get("text"), added.get("content")));
        }
        var calls = "[{\"id\": \"c1\", \"type\": \"function\", \"function\": {\"name\": \"map\", \"arguments\": \"{}\"}}]";
        query("SELECT FROM threadmem.message_add(?, 'assistant', tool_calls => ?::jsonb)", thread, calls);
        query("SELECT FROM threadmem.message_add(?, 'tool', 'On the hill.', tool_call_id => 'c1')", thread);

        // A page, and the next from where it ended; what fits the window of a model; a search in what is one user's.
        var page = query("SELECT * FROM threadmem.message_list(?, max_rows => ?)", thread, 2L);
        var rest = query("SELECT * FROM threadmem.message_list(?, after_position => ?)", thread, page.get(1).get("position"));
        same(List.of("user", "assistant"), column("role", page));
        same(List.of("tool"), column("role", rest));
        same(true, page.get(1).get("body").toString().contains(calls));
        var window = query("SELECT * FROM threadmem.message_context(?, max_tokens => ?)", thread, 4000);
        same(List.of("user", "assistant", "tool"), column("role", window));
        same(true, (Integer) window.get(0).get("used_tokens") > 0);
        same(List.of(question), column("message_id", query("SELECT * FROM threadmem.message_search('roman theatre', user_id => ?)", "ada")));

        // A worker's run updates the state, asks a person, and ends; a second run brings the answer.
        query("SELECT FROM threadmem.run_create(?, run_id => 'r1', graph_id => 'guide')", thread);
        var run = row("SELECT * FROM threadmem.run_claim('worker 1', lease => ?::interval, graph_id => 'guide')", "5 minutes");
        same(List.of(thread, "r1", "in_progress"), List.of(run.get("thread_id"), run.get("run_id"), run.get("status")));
        var beat = row("SELECT * FROM threadmem.run_heartbeat(?, 'r1', 'worker 1', ?::interval)", thread, "5 minutes");
        same(false, ((Timestamp) beat.get("lease_until")).before((Timestamp) run.get("lease_until")));
        query("SELECT FROM threadmem.thread_update_state(?, ?::jsonb, as_node => 'plan', next => ?, run_id => 'r1')",
            thread, "{\"stops\": [\"hill\"]}", db.createArrayOf("text", new String[] {"approve"}));
        var state = row("SELECT s.\"values\" ->> 'stops' AS stops, next[1] AS next, checkpoint ->> 'checkpoint_id' AS checkpoint_id, "
            + "tasks -> 0 ->> 'id' AS task_id FROM threadmem.thread_state(?) s", thread);
        same(List.of("[\"hill\"]", "approve"), List.of(state.get("stops"), state.get("next")));
        query("SELECT threadmem.checkpoint_put_writes(?, ?, ?, ?::jsonb)", thread, state.get("checkpoint_id"), state.get("task_id"),
            "[[\"__interrupt__\", [{\"id\": \"i1\", \"value\": \"Shall I book?\"}]]]");
        query("SELECT FROM threadmem.run_interrupt(?, 'r1', worker => 'worker 1')", thread);
        var asked = "SELECT t.status, s.\"values\" ->> 'approved' AS approved, interrupts FROM threadmem.thread_get(?) t, threadmem.thread_state(t.thread_id) s";
        var waiting = row(asked, thread);
        same(List.of("interrupted", "[{\"id\": \"i1\", \"value\": \"Shall I book?\"}]"), List.of(waiting.get("status"), waiting.get("interrupts")));
        query("SELECT FROM threadmem.run_create(?, run_id => 'r2', graph_id => 'guide')", thread);
        query("SELECT FROM threadmem.run_claim('worker 1', graph_id => 'guide')");
        query("SELECT FROM threadmem.thread_update_state(?, ?::jsonb, as_node => 'approve', run_id => 'r2')", thread, "{\"approved\": true}");
        query("SELECT FROM threadmem.run_complete(?, 'r2', usage => ?::jsonb, worker => 'worker 1')", thread, "{\"total_tokens\": 12}");
        var done = row(asked, thread);
        same(List.of("idle", "true", "[]"), List.of(done.get("status"), done.get("approved"), done.get("interrupts")));

        // An embedding is the array that the model gave, of doubles or floats.
        query("SELECT threadmem.memory_set_embedding('ada', ?, thread_id => ?, message_id => ?)", new double[] {0.1, 0.2, 0.3}, thread, question);
        same(question, row("SELECT * FROM threadmem.memory_search('ada', ?)", "where was the theatre").get("message_id"));

        same(List.of("P0002", "threads", "thread_id"), error("SELECT FROM threadmem.thread_get(?)", "none"));
        same(Arrays.asList("22023", null, "max_rows"), error("SELECT FROM threadmem.message_list(?, max_rows => ?)", thread, 5_000_000_000L));
        same("TM001", error("SELECT FROM threadmem.thread_update(?, title => 'x', expected_version => ?)", thread, 99).get(0));

        // A row of one's own and a message: both or none. What is joined may be gone.
        db.setAutoCommit(false);
        query("INSERT INTO chats VALUES (?, 'lost')", chat);
        query("SELECT FROM threadmem.message_add(?, 'user', 'lost')", thread);
        db.rollback();
        db.setAutoCommit(true);
        query("INSERT INTO chats VALUES (?, 'mine'), (?, 'gone')", chat, UUID.randomUUID());
        var rows = query("SELECT c.label, t.message_count FROM chats c LEFT JOIN LATERAL threadmem.thread_get(c.id, missing_ok => true) t ON true ORDER BY 1");
        same(List.of("gone", "mine"), column("label", rows));
        same(Arrays.asList(null, 3), column("message_count", rows));

        same(List.of("of north"), threads("north", "of north"));
        same(List.of("of south"), threads("south", "of south"));
        same(List.of("of north"), threads("north", null));
        same(List.of(thread), column("thread_id", query("SELECT * FROM threadmem.thread_list()")));
        System.out.println("ok pgjdbc");
    }
}
