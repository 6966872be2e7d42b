// A conversation with pgx and its pool; what to connect to is in PGHOST, PGUSER and so on.
package main

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

type (
	object  = map[string]any
	message struct {
		Seq        int64
		Role, Text string
		Content    []object
		Body       object
		Position   string
	}
	state struct {
		Status     string
		Values     object
		Next       []string
		Tasks      []object
		Interrupts []object
		Checkpoint object
	}
	// What a pool, a connection and a transaction have in common.
	db interface {
		Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
		Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	}
)

var ctx = context.Background()

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func same(got, want any) {
	if !reflect.DeepEqual(got, want) {
		panic(fmt.Sprintf("got %v, not %v", got, want))
	}
}

// rows reads the columns into fields of T of the same names; T may have more.
func rows[T any](db db, sql string, args ...any) []T {
	found, err := db.Query(ctx, sql, args...)
	check(err)
	all, err := pgx.CollectRows(found, pgx.RowToStructByNameLax[T])
	check(err)
	return all
}

func values[T any](db db, sql string, args ...any) []T {
	found, err := db.Query(ctx, sql, args...)
	check(err)
	all, err := pgx.CollectRows(found, pgx.RowTo[T])
	check(err)
	return all
}

func exec(db db, sql string, args ...any) {
	_, err := db.Exec(ctx, sql, args...)
	check(err)
}

func roles(messages []message) (all []string) {
	for _, m := range messages {
		all = append(all, m.Role)
	}
	return
}

func main() {
	pool, err := pgxpool.New(ctx, "pool_max_conns=1")
	check(err)
	defer pool.Close()
	chat := uuid.New()      // a key of the application
	thread := chat.String() // the same for threadmem, whose ids are text

	exec(pool, "CREATE TABLE chats (id uuid PRIMARY KEY, label text)")
	exec(pool, "SELECT FROM threadmem.user_create('ada', metadata => $1)", object{"plan": "free"})
	exec(pool, "SELECT FROM threadmem.thread_create($1, user_id => 'ada', graph_id => 'guide')", thread)

	// Messages: parts, a call of a tool and its output. The id is chosen before, so that the call can be repeated.
	question := uuid.NewString()
	parts := []object{{"type": "text", "text": "Where is the Roman theatre?"}}
	calls := []any{object{"id": "c1", "type": "function", "function": object{"name": "map", "arguments": "{}"}}}
	for range 2 {
		added := rows[message](pool, "SELECT seq, text, content FROM threadmem.message_add($1, 'user', parts => $2, message_id => $3)", thread, parts, question)
		same([]any{added[0].Seq, added[0].Text, added[0].Content}, []any{int64(1), parts[0]["text"], parts})
	}
	exec(pool, "SELECT FROM threadmem.message_add($1, 'assistant', tool_calls => $2)", thread, calls)
	exec(pool, "SELECT FROM threadmem.message_add($1, 'tool', 'On the hill.', tool_call_id => 'c1')", thread)
	exec(pool, "SELECT threadmem.memory_set_embedding('ada', $1, thread_id => $2, message_id => $3)", []float32{0.1, 0.2, 0.3}, thread, question)
	conversation(pool, thread, question, calls)
	run(pool, thread)

	// Errors are told apart by code, table and column.
	failure := func(sql string, args ...any) (string, string, string) {
		var e *pgconn.PgError
		if _, err := pool.Exec(ctx, sql, args...); !errors.As(err, &e) {
			panic("no error of the server")
		}
		return e.Code, e.TableName, e.ColumnName
	}
	code, table, column := failure("SELECT FROM threadmem.thread_get($1)", "none")
	same([]string{code, table, column}, []string{"P0002", "threads", "thread_id"})
	code, _, column = failure("SELECT FROM threadmem.message_list($1, max_rows => $2)", thread, 5_000_000_000)
	same([]string{code, column}, []string{"22023", "max_rows"})
	code, _, _ = failure("SELECT FROM threadmem.thread_update($1, expected_version => $2)", thread, 99)
	same(code, "TM001")

	// A row of one's own and a message: both or none. What is joined may be gone.
	no := errors.New("no")
	same(pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		exec(tx, "INSERT INTO chats VALUES ($1, 'lost')", chat)
		exec(tx, "SELECT FROM threadmem.message_add($1, 'user', 'lost')", thread)
		return no
	}), no)
	exec(pool, "INSERT INTO chats VALUES ($1, 'mine'), ($2, 'gone')", chat, uuid.New())
	type joined struct {
		Label        string
		MessageCount *int
	}
	three := 3
	same(rows[joined](pool, `SELECT c.label, t.message_count FROM chats c
		LEFT JOIN LATERAL threadmem.thread_get(c.id, missing_ok => true) t ON true ORDER BY 1`),
		[]joined{{"gone", nil}, {"mine", &three}})

	// A tenant for one transaction: the pool's only connection goes from one to the other, and back as it was.
	list := "SELECT thread_id FROM threadmem.thread_list()"
	threads := func(tenant, create string) (all []string) {
		check(pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			exec(tx, "SELECT set_config('threadmem.tenant', $1, true)", tenant)
			if create != "" {
				exec(tx, "SELECT FROM threadmem.thread_create($1)", create)
			}
			all = values[string](tx, list)
			return nil
		}))
		return
	}
	same(threads("north", "of north"), []string{"of north"})
	same(threads("south", "of south"), []string{"of south"})
	same(threads("north", ""), []string{"of north"})
	same(values[string](pool, list), []string{thread})
	fmt.Println("ok pgx")
}

// A page, and the next from where it ended; what fits the window of a model; a search in what is one user's.
func conversation(db db, thread, question string, calls []any) {
	all := []string{"user", "assistant", "tool"}
	page := rows[message](db, "SELECT role, body, position FROM threadmem.message_list($1, max_rows => $2)", thread, 2)
	rest := rows[message](db, "SELECT role, body, position FROM threadmem.message_list($1, after_position => $2)", thread, page[1].Position)
	same(roles(append(page, rest...)), all)
	same(page[1].Body["tool_calls"], calls)
	same(values[string](db, "SELECT role FROM threadmem.message_context($1, max_tokens => $2)", thread, 4000), all)
	same(values[string](db, "SELECT message_id FROM threadmem.message_search('roman theatre', user_id => $1)", "ada"), []string{question})
	same(values[string](db, "SELECT message_id FROM threadmem.memory_search('ada', $1)", "where was the theatre")[0], question)
}

// A worker's run updates the state, asks a person, and ends; a second run brings the answer.
func run(db db, thread string) {
	lease := 5 * time.Minute
	now := func() state {
		return rows[state](db, `SELECT t.status, s."values", s.next, s.tasks, s.interrupts, s.checkpoint
			FROM threadmem.thread_get($1) t, threadmem.thread_state($1) s`, thread)[0]
	}
	exec(db, "SELECT FROM threadmem.run_create($1, run_id => 'r1', graph_id => 'guide')", thread)
	claim := "SELECT thread_id FROM threadmem.run_claim('worker 1', lease => $1, graph_id => 'guide')"
	same(values[string](db, claim, lease), []string{thread})
	exec(db, "SELECT FROM threadmem.run_heartbeat($1, 'r1', 'worker 1', $2)", thread, lease)
	exec(db, "SELECT FROM threadmem.thread_update_state($1, $2, as_node => 'plan', next => $3, run_id => 'r1')",
		thread, object{"stops": []string{"hill"}}, []string{"approve"})
	planned := now()
	same([]any{planned.Values["stops"], planned.Next}, []any{[]any{"hill"}, []string{"approve"}})
	exec(db, "SELECT threadmem.checkpoint_put_writes($1, $2, $3, $4)", thread, planned.Checkpoint["checkpoint_id"], planned.Tasks[0]["id"],
		[]any{[]any{"__interrupt__", []object{{"id": "i1", "value": "Shall I book?"}}}})
	exec(db, "SELECT FROM threadmem.run_interrupt($1, 'r1', worker => 'worker 1')", thread)
	waiting := now()
	same([]any{waiting.Status, waiting.Interrupts[0]["value"]}, []any{"interrupted", "Shall I book?"})
	exec(db, "SELECT FROM threadmem.run_create($1, run_id => 'r2', graph_id => 'guide')", thread)
	same(values[string](db, claim, lease), []string{thread})
	exec(db, "SELECT FROM threadmem.thread_update_state($1, $2, as_node => 'approve', run_id => 'r2')", thread, object{"approved": true})
	exec(db, "SELECT FROM threadmem.run_complete($1, 'r2', usage => $2, worker => 'worker 1')", thread, object{"total_tokens": 12})
	done := now()
	same([]any{done.Status, done.Values["approved"], len(done.Next), len(done.Interrupts)}, []any{"idle", true, 0, 0})
}
