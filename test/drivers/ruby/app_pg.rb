# A conversation with ruby-pg; what to connect to is in PGHOST, PGUSER and so on.
require "json"
require "pg"
require "securerandom"

# With this type map numbers, times, lists and JSON come as such; what goes is text: to_json, or an encoder of arrays.
Db = PG.connect
Db.type_map_for_results = PG::BasicTypeMapForResults.new(Db)
Floats = PG::TextEncoder::Array.new(elements_type: PG::TextEncoder::Float.new)
Texts = PG::TextEncoder::Array.new

def query(sql, *values) = Db.exec_params(sql, values).to_a
def same(expected, actual) = expected == actual || raise("#{actual.inspect}, not #{expected.inspect}")

chat = SecureRandom.uuid # a key of the application, and the same for threadmem, whose ids are text
query("CREATE TABLE chats (id uuid PRIMARY KEY, label text)")
query("SELECT FROM threadmem.user_create('ada', metadata => $1)", { plan: "free" }.to_json)
query("SELECT FROM threadmem.thread_create($1, user_id => 'ada', graph_id => 'guide')", chat)

# Messages: parts, a call of a tool and its output. The id is chosen before, so that the call can be repeated.
question = SecureRandom.uuid
calls = [{ "id" => "c1", "type" => "function", "function" => { "name" => "map", "arguments" => "{}" } }]
2.times do
  added, = query("SELECT * FROM threadmem.message_add($1, 'user', parts => $2, message_id => $3)",
                 chat, [{ type: "text", text: "Where is the Roman theatre?" }].to_json, question)
  same([1, "Where is the Roman theatre?", "text"], [added["seq"], added["text"], added["content"][0]["type"]])
end
query("SELECT FROM threadmem.message_add($1, 'assistant', tool_calls => $2)", chat, calls.to_json)
query("SELECT FROM threadmem.message_add($1, 'tool', 'On the hill.', tool_call_id => 'c1')", chat)

# A page, and the next from where it ended; what fits the window of a model; a search in what is one user's.
page = query("SELECT * FROM threadmem.message_list($1, max_rows => $2)", chat, 2)
rest = query("SELECT * FROM threadmem.message_list($1, after_position => $2)", chat, page.last["position"])
same(%w[user assistant tool], (page + rest).map { |m| m["role"] })
same(calls, page.last["body"]["tool_calls"])
window = query("SELECT * FROM threadmem.message_context($1, max_tokens => $2)", chat, 4000)
same([%w[user assistant tool], true], [window.map { |m| m["role"] }, window[0]["used_tokens"].positive?])
found = query("SELECT * FROM threadmem.message_search('roman theatre', user_id => $1)", "ada")
same([[chat, question]], found.map { |m| m.values_at("thread_id", "message_id") })

# A worker's run updates the state, asks a person, and ends; a second run brings the answer.
query("SELECT FROM threadmem.run_create($1, run_id => 'r1', graph_id => 'guide')", chat)
run, = query("SELECT * FROM threadmem.run_claim('worker 1', lease => $1, graph_id => 'guide')", "5 minutes")
same([chat, "r1", "in_progress"], run.values_at("thread_id", "run_id", "status"))
beat, = query("SELECT * FROM threadmem.run_heartbeat($1, 'r1', 'worker 1', $2)", chat, "5 minutes")
same(true, beat["lease_until"] >= run["lease_until"])
query("SELECT FROM threadmem.thread_update_state($1, $2, as_node => 'plan', next => $3, run_id => 'r1')",
      chat, { stops: ["hill"] }.to_json, Texts.encode(["approve"]))
state, = query('SELECT s."values" AS state, s.* FROM threadmem.thread_state($1) s', chat)
same([["hill"], ["approve"]], [state["state"]["stops"], state["next"]])
query("SELECT threadmem.checkpoint_put_writes($1, $2, $3, $4)", chat, state["checkpoint"]["checkpoint_id"],
      state["tasks"][0]["id"], [["__interrupt__", [{ id: "i1", value: "Shall I book?" }]]].to_json)
query("SELECT FROM threadmem.run_interrupt($1, 'r1', worker => 'worker 1')", chat)
asked = 'SELECT t.status, s."values" AS state, s.interrupts FROM threadmem.thread_get($1) t, threadmem.thread_state($1) s'
waiting, = query(asked, chat)
same(["interrupted", "Shall I book?"], [waiting["status"], waiting["interrupts"][0]["value"]])
query("SELECT FROM threadmem.run_create($1, run_id => 'r2', graph_id => 'guide')", chat)
query("SELECT FROM threadmem.run_claim('worker 1', graph_id => 'guide')")
query("SELECT FROM threadmem.thread_update_state($1, $2, as_node => 'approve', run_id => 'r2')", chat, { approved: true }.to_json)
query("SELECT FROM threadmem.run_complete($1, 'r2', usage => $2, worker => 'worker 1')", chat, { total_tokens: 12 }.to_json)
done, = query(asked, chat)
same(["idle", [], true], [done["status"], done["interrupts"], done["state"]["approved"]])

# An embedding is the list that the model gave.
query("SELECT threadmem.memory_set_embedding('ada', $1, thread_id => $2, message_id => $3)",
      Floats.encode([0.1, 0.2, 0.3]), chat, question)
same(question, query("SELECT * FROM threadmem.memory_search('ada', $1)", "where was the theatre")[0]["message_id"])

def error(sql, *values)
  query(sql, *values) && nil
rescue PG::Error => e
  [PG::Result::PG_DIAG_SQLSTATE, PG::Result::PG_DIAG_TABLE_NAME, PG::Result::PG_DIAG_COLUMN_NAME].map { |f| e.result.error_field(f) }
end
same(%w[P0002 threads thread_id], error("SELECT FROM threadmem.thread_get($1)", "none"))
same(["22023", nil, "max_rows"], error("SELECT FROM threadmem.message_list($1, max_rows => $2)", chat, 5_000_000_000))
same("TM001", error("SELECT FROM threadmem.thread_update($1, title => 'x', expected_version => $2)", chat, 99)[0])

# A row of one's own and a message: both or none. What is joined may be gone.
begin
  Db.transaction do
    query("INSERT INTO chats VALUES ($1, 'lost')", chat)
    query("SELECT FROM threadmem.message_add($1, 'user', 'lost')", chat)
    raise KeyError
  end
rescue KeyError
  query("INSERT INTO chats VALUES ($1, 'mine'), ($2, 'gone')", chat, SecureRandom.uuid)
end
rows = query("SELECT c.label, t.message_count FROM chats c " \
             "LEFT JOIN LATERAL threadmem.thread_get(c.id, missing_ok => true) t ON true ORDER BY 1")
same([["gone", nil], ["mine", 3]], rows.map(&:values))

# A tenant for one transaction: a pool may hand the connection on.
def threads(tenant, create: nil)
  Db.transaction do
    query("SELECT set_config('threadmem.tenant', $1, true)", tenant)
    query("SELECT FROM threadmem.thread_create($1)", create) if create
    query("SELECT * FROM threadmem.thread_list()").map { |t| t["thread_id"] }
  end
end
same(["of north"], threads("north", create: "of north"))
same(["of south"], threads("south", create: "of south"))
same(["of north"], threads("north"))
same([chat], query("SELECT * FROM threadmem.thread_list()").map { |t| t["thread_id"] })
puts "ok ruby-pg"
