// A conversation with database/sql over pgx; what to connect to is in DATABASE_URL.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib"
)

// What a pool and a transaction have in common.
type db interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

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

func exec(db db, query string, args ...any) {
	_, err := db.ExecContext(ctx, query, args...)
	check(err)
}

// values reads the only column.
func values[T any](db db, query string, args ...any) (all []T) {
	rows, err := db.QueryContext(ctx, query, args...)
	check(err)
	defer rows.Close()
	for rows.Next() {
		var value T
		check(rows.Scan(&value))
		all = append(all, value)
	}
	check(rows.Err())
	return
}

// encode makes the text that a parameter of type jsonb takes.
func encode(value any) string {
	text, err := json.Marshal(value)
	check(err)
	return string(text)
}

func main() {
	pool, err := sql.Open("pgx", os.Getenv("DATABASE_URL"))
	check(err)
	pool.SetMaxOpenConns(1)
	defer pool.Close()
	chat := uuid.New()      // a key of the application
	thread := chat.String() // the same for threadmem, whose ids are text

	exec(pool, "CREATE TABLE chats (id uuid PRIMARY KEY, label text)")
	exec(pool, "SELECT FROM threadmem.user_create('ada', metadata => $1)", encode(map[string]any{"plan": "free"}))
	exec(pool, "SELECT FROM threadmem.thread_create($1, user_id => 'ada', graph_id => 'guide')", thread)

	// Messages: parts, a call of a tool and its output; a page, and the next; the window of a model; searches.
	question := uuid.NewString()
	parts := encode([]any{map[string]any{"type": "text", "text": "Where is the Roman theatre?"}})
	for range 2 {
		same(values[int64](pool, "SELECT seq FROM threadmem.message_add($1, 'user', parts => $2, message_id => $3)", thread, parts, question), []int64{1})
	}
	exec(pool, "SELECT FROM threadmem.message_add($1, 'assistant', tool_calls => $2)", thread, encode([]any{map[string]any{"id": "c1", "function": map[string]any{"name": "map"}}}))
	exec(pool, "SELECT FROM threadmem.message_add($1, 'tool', 'On the hill.', tool_call_id => 'c1')", thread)
	position := values[string](pool, "SELECT position FROM threadmem.message_list($1, max_rows => $2)", thread, 2)[1]
	same(values[string](pool, "SELECT role FROM threadmem.message_list($1, after_position => $2)", thread, position), []string{"tool"})
	same(values[string](pool, "SELECT role FROM threadmem.message_context($1, max_tokens => $2)", thread, 4000), []string{"user", "assistant", "tool"})
	same(values[string](pool, "SELECT message_id FROM threadmem.message_search('roman theatre', user_id => $1)", "ada"), []string{question})
	exec(pool, "SELECT threadmem.memory_set_embedding('ada', $1, thread_id => $2, message_id => $3)", []float64{0.1, 0.2, 0.3}, thread, question)
	same(values[string](pool, "SELECT message_id FROM threadmem.memory_search('ada', $1)", "where was the theatre")[0], question)

	// A worker's run updates the state, asks a person, and ends; a second run brings the answer. A duration is text.
	claim := "SELECT run_id FROM threadmem.run_claim('worker 1', lease => $1, graph_id => 'guide')"
	interrupts := "SELECT t.status || ' ' || s.interrupts::text FROM threadmem.thread_get($1) t, threadmem.thread_state($1) s"
	exec(pool, "SELECT FROM threadmem.run_create($1, run_id => 'r1', graph_id => 'guide')", thread)
	same(values[string](pool, claim, "5 minutes"), []string{"r1"})
	exec(pool, "SELECT FROM threadmem.run_heartbeat($1, 'r1', 'worker 1', $2)", thread, "5 minutes")
	exec(pool, "SELECT FROM threadmem.thread_update_state($1, $2, as_node => 'plan', next => $3, run_id => 'r1')", thread,
		encode(map[string]any{"stops": []string{"hill"}}), []string{"approve"})
	exec(pool, "SELECT threadmem.checkpoint_put_writes($1, s.checkpoint ->> 'checkpoint_id', s.tasks -> 0 ->> 'id', $2) FROM threadmem.thread_state($1) s",
		thread, encode([]any{[]any{"__interrupt__", []any{map[string]any{"id": "i1", "value": "Shall I book?"}}}}))
	exec(pool, "SELECT FROM threadmem.run_interrupt($1, 'r1', worker => 'worker 1')", thread)
	same(values[string](pool, interrupts, thread), []string{`interrupted [{"id": "i1", "value": "Shall I book?"}]`})
	exec(pool, "SELECT FROM threadmem.run_create($1, run_id => 'r2', graph_id => 'guide')", thread)
	same(values[string](pool, claim, "5 minutes"), []string{"r2"})
	exec(pool, "SELECT FROM threadmem.thread_update_state($1, $2, as_node => 'approve', run_id => 'r2')", thread, encode(map[string]any{"approved": true}))
	exec(pool, "SELECT FROM threadmem.run_complete($1, 'r2', usage => $2, worker => 'worker 1')", thread, encode(map[string]any{"total_tokens": 12}))
	same(values[string](pool, interrupts, thread), []string{"idle []"})
	var state struct{ Approved bool }
	check(json.Unmarshal(values[[]byte](pool, `SELECT s."values" FROM threadmem.thread_state($1) s`, thread)[0], &state))
	same(state.Approved, true)

	// Errors are told apart by code, table and column.
	failure := func(query string, args ...any) []string {
		var e *pgconn.PgError
		if _, err := pool.ExecContext(ctx, query, args...); !errors.As(err, &e) {
			panic("no error of the server")
		}
		return []string{e.Code, e.TableName, e.ColumnName}
	}
	same(failure("SELECT FROM threadmem.thread_get($1)", "none"), []string{"P0002", "threads", "thread_id"})
	same(failure("SELECT FROM threadmem.message_list($1, max_rows => $2)", thread, 5_000_000_000), []string{"22023", "", "max_rows"})
	same(failure("SELECT FROM threadmem.thread_update($1, expected_version => $2)", thread, 99)[0], "TM001")

	// A row of one's own and a message: both or none. What is joined may be gone.
	transaction(pool, func(tx *sql.Tx) bool {
		exec(tx, "INSERT INTO chats VALUES ($1, 'lost')", chat)
		exec(tx, "SELECT FROM threadmem.message_add($1, 'user', 'lost')", thread)
		return false
	})
	exec(pool, "INSERT INTO chats VALUES ($1, 'mine'), ($2, 'gone')", chat, uuid.New())
	same(values[sql.Null[int]](pool, `SELECT t.message_count FROM chats c
		LEFT JOIN LATERAL threadmem.thread_get(c.id, missing_ok => true) t ON true ORDER BY label`), []sql.Null[int]{{}, {V: 3, Valid: true}})

	// A tenant for one transaction: the pool's only connection goes from one to the other, and back as it was.
	list := "SELECT thread_id FROM threadmem.thread_list()"
	threads := func(tenant, create string) (all []string) {
		transaction(pool, func(tx *sql.Tx) bool {
			exec(tx, "SELECT set_config('threadmem.tenant', $1, true)", tenant)
			if create != "" {
				exec(tx, "SELECT FROM threadmem.thread_create($1)", create)
			}
			all = values[string](tx, list)
			return true
		})
		return
	}
	same(threads("north", "of north"), []string{"of north"})
	same(threads("south", "of south"), []string{"of south"})
	same(threads("north", ""), []string{"of north"})
	same(values[string](pool, list), []string{thread})
	fmt.Println("ok databasesql")
}

// transaction commits when work says so.
func transaction(pool *sql.DB, work func(tx *sql.Tx) bool) {
	tx, err := pool.BeginTx(ctx, nil)
	check(err)
	defer tx.Rollback()
	if work(tx) {
		check(tx.Commit())
	}
}
