import static org.jooq.impl.DSL.*;
import static threadmem.Tables.*;

import java.time.Duration;
import java.util.*;
import java.util.function.Consumer;
import org.jooq.*;
import org.jooq.exception.DataAccessException;
import org.jooq.impl.AbstractRoutine;
import org.jooq.types.YearToSecond;
import org.postgresql.util.PSQLException;
import threadmem.routines.*;

/** A conversation with what jOOQ generates of the schema threadmem: functions that give rows are tables, the others routines. */
class AppJooq {
    /** A routine with the arguments that are set; those of table functions all stand in their order, null is the default. */
    static <T, R extends AbstractRoutine<T>> T call(DSLContext db, R routine, Consumer<R> arguments) {
        arguments.accept(routine);
        routine.execute(db.configuration());
        return routine.getReturnValue();
    }

    static void same(Object expected, Object actual) {
        if (!Objects.equals(expected, actual)) throw new AssertionError(actual + ", not " + expected);
    }

    /** SQLSTATE, table and column. */
    static List<String> error(Runnable work) {
        try {
            work.run();
        } catch (DataAccessException e) {
            var of = e.getCause(PSQLException.class).getServerErrorMessage();
            return Arrays.asList(e.sqlState(), of.getTable(), of.getColumn());
        }
        return List.of();
    }

    /** The threads of a tenant, which is set for one transaction: a pool may hand the connection on. */
    static List<String> threads(DSLContext pool, String tenant, String create) {
        return pool.transactionResult(tx -> {
            tx.dsl().fetch("SELECT set_config('threadmem.tenant', ?, true)", tenant);
            if (create != null) call(tx.dsl(), new ThreadCreate(), f -> f.setThreadId(create));
            return tx.dsl().selectFrom(THREAD_LIST).fetch(THREAD_LIST.THREAD_ID);
        });
    }

    public static void main(String[] args) {
        var env = System.getenv();
        var db = using("jdbc:postgresql://%s:%s/%s".formatted(env.get("PGHOST"), env.get("PGPORT"), env.get("PGDATABASE")),
            env.get("PGUSER"), env.get("PGPASSWORD"));
        var chat = UUID.randomUUID(); // a key of the application
        var thread = chat.toString(); // the same for threadmem, whose ids are text
        var chats = table("chats").as("c");
        var id = field(name("c", "id"), UUID.class);
        var label = field(name("c", "label"), String.class);
        db.execute("CREATE TABLE chats (id uuid PRIMARY KEY, label text)");
        call(db, new UserCreate(), f -> { f.setUserId("ada"); f.setMetadata(JSONB.valueOf("{\"plan\": \"free\"}")); });
        call(db, new ThreadCreate(), f -> { f.setThreadId(thread); f.setUserId("ada"); f.setGraphId("guide"); });

        // Messages: parts, a call of a tool and its output. The id is chosen before, so that the call can be repeated.
        var question = UUID.randomUUID().toString();
        var parts = JSONB.valueOf("[{\"text\": \"Where is the Roman theatre?\", \"type\": \"text\"}]");
        for (int i = 0; i < 2; i++) {
            var added = call(db, new MessageAdd(), f -> { f.setThreadId(thread); f.setRole("user"); f.setParts(parts); f.setMessageId(question); });
            same(List.of(1L, "Where is the Roman theatre?", parts), List.of(added.getSeq(), added.getText(), added.getContent()));
        }
        var calls = "[{\"id\": \"c1\", \"type\": \"function\", \"function\": {\"name\": \"map\", \"arguments\": \"{}\"}}]";
        call(db, new MessageAdd(), f -> { f.setThreadId(thread); f.setRole("assistant"); f.setToolCalls(JSONB.valueOf(calls)); });
        call(db, new MessageAdd(), f -> { f.setThreadId(thread); f.setRole("tool"); f.setContent("On the hill."); f.setToolCallId("c1"); });

        // A page, and the next from where it ended; what fits the window of a model; a search in what is one user's.
        var page = db.fetch(MESSAGE_LIST.call(thread, 2L, null, null, null, null, null, null, null, null, null, null, null, null));
        var rest = db.fetch(MESSAGE_LIST.call(thread, null, null, null, null, null, null, null, null, null, null, null, page.get(1).getPosition(), null));
        same(List.of("user", "assistant"), page.getValues(MESSAGE_LIST.ROLE));
        same(List.of("tool"), rest.getValues(MESSAGE_LIST.ROLE));
        same(true, page.get(1).getBody().data().contains(calls));
        var window = db.fetch(MESSAGE_CONTEXT.call(thread, 4000L, null, null, null, null, null, null));
        same(List.of("user", "assistant", "tool"), window.getValues(MESSAGE_CONTEXT.ROLE));
        same(true, window.get(0).getUsedTokens() > 0);
        var found = db.fetch(MESSAGE_SEARCH.call("roman theatre", "ada", null, null, null, null, null, null, null));
        same(List.of(question), found.getValues(MESSAGE_SEARCH.MESSAGE_ID));

        // A worker's run updates the state, asks a person, and ends; a second run brings the answer.
        var minutes = YearToSecond.valueOf(Duration.ofMinutes(5));
        call(db, new RunCreate(), f -> { f.setThreadId(thread); f.setRunId("r1"); f.setGraphId("guide"); });
        var run = db.fetchSingle(RUN_CLAIM.call("worker 1", minutes, null, "guide"));
        same(List.of(thread, "r1", "in_progress"), List.of(run.getThreadId(), run.getRunId(), run.getStatus()));
        var beat = call(db, new RunHeartbeat(), f -> { f.setThreadId(thread); f.setRunId("r1"); f.setWorker("worker 1"); f.setLease(minutes); });
        same(false, beat.getLeaseUntil().isBefore(run.getLeaseUntil()));
        call(db, new ThreadUpdateState(), f -> {
            f.setThreadId(thread); f.setInput(JSONB.valueOf("{\"stops\": [\"hill\"]}")); f.setAsNode("plan"); f.setNext(new String[] {"approve"}); f.setRunId("r1");
        });
        var state = db.fetchSingle(THREAD_STATE_UUID.call(chat, null, null, null, null));
        same(List.of("approve"), List.of(state.getNext()));
        var at = db.select(jsonbGetAttributeAsText(val(state.getCheckpoint()), "checkpoint_id"),
            jsonbGetAttributeAsText(jsonbGetElement(val(state.getTasks()), 0), "id")).fetchSingle();
        call(db, new CheckpointPutWrites(), f -> {
            f.setThreadId(thread); f.setCheckpointId(at.value1()); f.setTaskId(at.value2());
            f.setWrites(JSONB.valueOf("[[\"__interrupt__\", [{\"id\": \"i1\", \"value\": \"Shall I book?\"}]]]"));
        });
        call(db, new RunInterrupt(), f -> { f.setThreadId(thread); f.setRunId("r1"); f.setWorker("worker 1"); });
        var waiting = call(db, new ThreadState(), f -> f.setThreadId(thread));
        same("[{\"id\": \"i1\", \"value\": \"Shall I book?\"}]", waiting.getInterrupts().data());
        same("interrupted", db.fetchSingle(THREAD_GET.call(thread, null)).getStatus());
        call(db, new RunCreate(), f -> { f.setThreadId(thread); f.setRunId("r2"); f.setGraphId("guide"); });
        db.fetchSingle(RUN_CLAIM.call("worker 1", null, null, "guide"));
        call(db, new ThreadUpdateState(), f -> { f.setThreadId(thread); f.setInput(JSONB.valueOf("{\"approved\": true}")); f.setAsNode("approve"); f.setRunId("r2"); });
        call(db, new RunComplete(), f -> { f.setThreadId(thread); f.setRunId("r2"); f.setUsage(JSONB.valueOf("{\"total_tokens\": 12}")); });
        var done = call(db, new ThreadState(), f -> f.setThreadId(thread));
        same(List.of("[]", true), List.of(done.getInterrupts().data(), done.getValues().data().contains("\"approved\": true")));

        // An embedding is the array that the model gave.
        call(db, new MemorySetEmbedding(), f -> { f.setUserId("ada"); f.setEmbedding(new Double[] {0.1, 0.2, 0.3}); f.setThreadId(thread); f.setMessageId(question); });
        var hits = db.fetch(MEMORY_SEARCH.call("ada", "where was the theatre", null, null, null, null, null, null, null));
        same(question, hits.get(0).getMessageId());

        same(List.of("P0002", "threads", "thread_id"), error(() -> db.fetch(THREAD_GET.call("none", null))));
        same(Arrays.asList("22023", null, "max_rows"), error(() -> db.fetch(MESSAGE_LAST.call(thread, 5_000_000_000L))));
        same("TM001", error(() -> call(db, new ThreadUpdate(), f -> { f.setThreadId(thread); f.setTitle("x"); f.setExpectedVersion(99L); })).get(0));

        // A row of one's own and a message: both or none. What is joined may be gone.
        try {
            db.transaction(tx -> {
                tx.dsl().execute("INSERT INTO chats VALUES (?, 'lost')", chat);
                call(tx.dsl(), new MessageAdd(), f -> { f.setThreadId(thread); f.setRole("user"); f.setContent("lost"); });
                throw new NoSuchElementException();
            });
        } catch (NoSuchElementException e) {
            db.execute("INSERT INTO chats VALUES (?, 'mine'), (?, 'gone')", chat, UUID.randomUUID());
        }
        var t = THREAD_GET_UUID.call(id, val(true)).as("t");
        var rows = db.select(label, t.MESSAGE_COUNT).from(chats).leftJoin(lateral(t)).on(trueCondition()).orderBy(label).fetch();
        same(List.of("gone", "mine"), rows.getValues(label));
        same(Arrays.asList(null, 3), rows.getValues(t.MESSAGE_COUNT));

        same(List.of("of north"), threads(db, "north", "of north"));
        same(List.of("of south"), threads(db, "south", "of south"));
        same(List.of("of north"), threads(db, "north", null));
        same(List.of(thread), db.selectFrom(THREAD_LIST).fetch(THREAD_LIST.THREAD_ID));
        System.out.println("ok jooq");
        db.close();
    }
}
