// A conversation with what sqlc generates from query.sql; what to connect to is in PGHOST, PGUSER and so on.
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"drivers/sqlc/db"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed schema.sql
var schema string

var ctx = context.Background()

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func same(got, want any) {
	if !reflect.DeepEqual(got, want) {
		panic(fmt.Sprintf("got %v, not %v", got, want))
	}
}

// encode and decode: sqlc has JSON as bytes.
func encode(value any) []byte { return must(json.Marshal(value)) }

func decode[T any](bytes []byte) (value T) {
	check(json.Unmarshal(bytes, &value))
	return
}

func text(s string) pgtype.Text { return pgtype.Text{String: s, Valid: true} }

func main() {
	pool := must(pgxpool.New(ctx, "pool_max_conns=1"))
	defer pool.Close()
	must(pool.Exec(ctx, schema))
	q := db.New(pool)
	chat := uuid.New()
	thread, question := chat.String(), uuid.NewString()
	must(q.CreateUser(ctx, db.CreateUserParams{UserID: "ada", Metadata: encode(map[string]any{"plan": "free"})}))
	must(q.CreateThread(ctx, db.CreateThreadParams{ThreadID: thread, UserID: text("ada")}))

	// Messages: parts, a call of a tool and its output; a page, and the next; the window of a model; searches.
	for range 2 {
		added := must(q.AddParts(ctx, db.AddPartsParams{ThreadID: thread, Role: "user", MessageID: question,
			Parts: encode([]any{map[string]any{"type": "text", "text": "Where is the Roman theatre?"}})}))
		same([]any{added.Seq, added.Role}, []any{int64(1), "user"})
	}
	must(q.AddCalls(ctx, db.AddCallsParams{ThreadID: thread, ToolCalls: encode([]any{map[string]any{"id": "c1", "function": map[string]any{"name": "map"}}})}))
	must(q.AddOutput(ctx, db.AddOutputParams{ThreadID: thread, Content: "On the hill.", ToolCallID: "c1"}))
	page := must(q.Page(ctx, db.PageParams{ThreadID: thread, MaxRows: 2}))
	rest := must(q.Page(ctx, db.PageParams{ThreadID: thread, MaxRows: 2, AfterPosition: text(page[1].Position)}))
	same([]any{len(page), len(rest), page[0].Role, rest[0].Role}, []any{2, 1, "user", "tool"})
	window := must(q.Window(ctx, db.WindowParams{ThreadID: thread, MaxTokens: 4000}))
	same([]any{len(window), window[2].Content}, []any{3, text("On the hill.")})
	same(must(q.SearchMessages(ctx, db.SearchMessagesParams{Query: "roman theatre", UserID: "ada"}))[0].MessageID, question)
	must(q.SetEmbedding(ctx, db.SetEmbeddingParams{UserID: "ada", Embedding: []float64{0.1, 0.2, 0.3}, ThreadID: thread, MessageID: question}))
	same(must(q.SearchMemory(ctx, db.SearchMemoryParams{UserID: "ada", Query: "where was the theatre"}))[0].MessageID, text(question))

	// A worker's run updates the state, asks a person, and ends; a second run brings the answer.
	lease := pgtype.Interval{Microseconds: (5 * time.Minute).Microseconds(), Valid: true}
	must(q.CreateRun(ctx, db.CreateRunParams{ThreadID: thread, RunID: "r1"}))
	same(must(q.ClaimRun(ctx, db.ClaimRunParams{Worker: "worker 1", Lease: lease})).ThreadID, thread)
	must(q.Heartbeat(ctx, db.HeartbeatParams{ThreadID: thread, RunID: "r1", Worker: "worker 1", Lease: lease}))
	must(q.UpdateState(ctx, db.UpdateStateParams{ThreadID: thread, RunID: "r1", AsNode: "plan", NextNodes: []string{"approve"},
		Input: encode(map[string]any{"stops": []string{"hill"}})}))
	planned := must(q.State(ctx, thread))
	same(planned.Next, []string{"approve"})
	task := decode[[]map[string]any](planned.Tasks)[0]["id"].(string)
	must(q.PutWrites(ctx, db.PutWritesParams{ThreadID: thread, TaskID: task,
		CheckpointID: decode[map[string]any](planned.Checkpoint)["checkpoint_id"].(string),
		Writes:       encode([]any{[]any{"__interrupt__", []any{map[string]any{"id": "i1", "value": "Shall I book?"}}}})}))
	must(q.InterruptRun(ctx, db.InterruptRunParams{ThreadID: thread, RunID: "r1", Worker: "worker 1"}))
	waiting := must(q.State(ctx, thread))
	same([]any{waiting.Status, decode[[]map[string]any](waiting.Interrupts)[0]["value"]}, []any{"interrupted", "Shall I book?"})
	must(q.CreateRun(ctx, db.CreateRunParams{ThreadID: thread, RunID: "r2"}))
	must(q.ClaimRun(ctx, db.ClaimRunParams{Worker: "worker 1", Lease: lease}))
	must(q.UpdateState(ctx, db.UpdateStateParams{ThreadID: thread, RunID: "r2", AsNode: "approve", Input: encode(map[string]any{"approved": true})}))
	must(q.CompleteRun(ctx, db.CompleteRunParams{ThreadID: thread, RunID: "r2", Worker: "worker 1", Usage: encode(map[string]any{"total_tokens": 12})}))
	done := must(q.State(ctx, thread))
	same([]any{done.Status, string(done.Interrupts), decode[map[string]any](done.State)["approved"]}, []any{"idle", "[]", true})

	// Errors are told apart by code, table and column.
	var e *pgconn.PgError
	_, err := q.GetThread(ctx, "none")
	same([]any{errors.As(err, &e), e.Code, e.TableName, e.ColumnName}, []any{true, "P0002", "threads", "thread_id"})
	_, err = q.Page(ctx, db.PageParams{ThreadID: thread, MaxRows: 5_000_000_000})
	same([]any{errors.As(err, &e), e.Code, e.ColumnName}, []any{true, "22023", "max_rows"})
	_, err = q.RenameThread(ctx, db.RenameThreadParams{ThreadID: thread, Title: "x", ExpectedVersion: 99})
	same([]any{errors.As(err, &e), e.Code}, []any{true, "TM001"})

	// A row of one's own and a message: both or none. What is joined may be gone.
	no := errors.New("no")
	mine, gone := pgtype.UUID{Bytes: chat, Valid: true}, pgtype.UUID{Bytes: uuid.New(), Valid: true}
	same(pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		check(q.WithTx(tx).InsertChat(ctx, db.InsertChatParams{ID: mine, Label: "lost"}))
		must(q.WithTx(tx).AddOutput(ctx, db.AddOutputParams{ThreadID: thread, Content: "lost", ToolCallID: "c2"}))
		return no
	}), no)
	check(q.InsertChat(ctx, db.InsertChatParams{ID: mine, Label: "mine"}))
	check(q.InsertChat(ctx, db.InsertChatParams{ID: gone, Label: "gone"}))
	same(must(q.ChatsWithThreads(ctx)), []db.ChatsWithThreadsRow{{ID: gone, Label: "gone", MessageCount: -1}, {ID: mine, Label: "mine", MessageCount: 3}})

	// A tenant for one transaction: the pool's only connection goes from one to the other, and back as it was.
	threads := func(tenant, create string) (all []string) {
		check(pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			q := q.WithTx(tx)
			check(q.SetTenant(ctx, tenant))
			if create != "" {
				must(q.CreateThread(ctx, db.CreateThreadParams{ThreadID: create}))
			}
			all = must(q.ListThreads(ctx))
			return nil
		}))
		return
	}
	same(threads("north", "of north"), []string{"of north"})
	same(threads("south", "of south"), []string{"of south"})
	same(threads("north", ""), []string{"of north"})
	same(must(q.ListThreads(ctx)), []string{thread})
	fmt.Println("ok sqlc")
}
