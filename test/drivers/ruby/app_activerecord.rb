# A conversation with ActiveRecord, from the migration to the test database; what to connect to is in DATABASE_URL.
require "active_record"
require "securerandom"

Base = ActiveRecord::Base
Base.establish_connection(ENV.fetch("DATABASE_URL"))
ActiveRecord::Schema.verbose = false
ActiveRecord::Schema.define do
  execute "CREATE EXTENSION IF NOT EXISTS threadmem" # from template1 it is there already, so the owner of the database may
  create_table(:chats, id: :uuid, default: nil) { |t| t.string :label }
end

# Functions give rows of these views. The models are for calls alone: to read the views takes another right.
class Chat < Base; end
class Message < Base; self.table_name = "threadmem.messages"; end
class Run < Base; self.table_name = "threadmem.runs"; end
class State < Base; self.table_name = "threadmem.state_snapshot"; end

# ? is replaced by the value, quoted: a list is ARRAY[?], JSON is to_json.
Base.define_singleton_method(:call) { |sql, *values| find_by_sql([sql, *values]) }
def call(sql, *values) = Base.connection.exec_query(Base.sanitize_sql([sql, *values]))
def same(expected, actual) = expected == actual || raise("#{actual.inspect}, not #{expected.inspect}")

chat = SecureRandom.uuid # a key of the application, and the same for threadmem, whose ids are text
call("SELECT FROM threadmem.user_create('ada', metadata => ?)", { plan: "free" }.to_json)
call("SELECT FROM threadmem.thread_create(?, user_id => 'ada', graph_id => 'guide')", chat)

# Messages: parts, a call of a tool and its output. The id is chosen before, so that the call can be repeated.
question = SecureRandom.uuid
calls = [{ "id" => "c1", "type" => "function", "function" => { "name" => "map", "arguments" => "{}" } }]
2.times do
  added, = Message.call("SELECT * FROM threadmem.message_add(?, 'user', parts => ?, message_id => ?)",
                        chat, [{ type: "text", text: "Where is the Roman theatre?" }].to_json, question)
  same([1, "Where is the Roman theatre?", "text"], [added.seq, added.text, added.content[0]["type"]])
end
call("SELECT FROM threadmem.message_add(?, 'assistant', tool_calls => ?)", chat, calls.to_json)
call("SELECT FROM threadmem.message_add(?, 'tool', 'On the hill.', tool_call_id => 'c1')", chat)

# A page, and the next from where it ended; what fits the window of a model; a search in what is one user's.
page = Message.call("SELECT * FROM threadmem.message_list(?, max_rows => ?)", chat, 2)
rest = Message.call("SELECT * FROM threadmem.message_list(?, after_position => ?)", chat, page.last.position)
same([%w[user assistant tool], calls], [(page + rest).map(&:role), page.last.body["tool_calls"]])
window = Message.call("SELECT * FROM threadmem.message_context(?, max_tokens => ?)", chat, 4000)
same([%w[user assistant tool], true], [window.map(&:role), window.first.used_tokens.positive?])
found = Message.call("SELECT * FROM threadmem.message_search('roman theatre', user_id => ?)", "ada")
same([[chat, question]], found.map { |m| [m.thread_id, m.message_id] })

# A worker's run updates the state, asks a person, and ends; a second run brings the answer.
call("SELECT FROM threadmem.run_create(?, run_id => 'r1', graph_id => 'guide')", chat)
run, = Run.call("SELECT * FROM threadmem.run_claim('worker 1', lease => ?, graph_id => 'guide')", "5 minutes")
same([chat, "r1", "in_progress"], [run.thread_id, run.run_id, run.status])
beat, = Run.call("SELECT * FROM threadmem.run_heartbeat(?, 'r1', 'worker 1', ?)", chat, "5 minutes")
same(true, beat.lease_until >= run.lease_until)
call("SELECT FROM threadmem.thread_update_state(?, ?, as_node => 'plan', next => ARRAY[?], run_id => 'r1')",
     chat, { stops: ["hill"] }.to_json, ["approve"])
state, = State.call('SELECT s."values" AS state, s.* FROM threadmem.thread_state(?) s', chat)
same([["hill"], ["approve"]], [state.state["stops"], state.next])
call("SELECT threadmem.checkpoint_put_writes(?, ?, ?, ?)", chat, state.checkpoint["checkpoint_id"], state.tasks[0]["id"],
     [["__interrupt__", [{ id: "i1", value: "Shall I book?" }]]].to_json)
call("SELECT FROM threadmem.run_interrupt(?, 'r1', worker => 'worker 1')", chat)
asked = 'SELECT t.status, s."values" AS state, s.interrupts ' \
        "FROM threadmem.thread_get(?) t, threadmem.thread_state(t.thread_id) s"
waiting, = State.call(asked, chat)
same(["interrupted", "Shall I book?"], [waiting.status, waiting.interrupts[0]["value"]])
call("SELECT FROM threadmem.run_create(?, run_id => 'r2', graph_id => 'guide')", chat)
call("SELECT FROM threadmem.run_claim('worker 1', graph_id => 'guide')")
call("SELECT FROM threadmem.thread_update_state(?, ?, as_node => 'approve', run_id => 'r2')", chat, { approved: true }.to_json)
call("SELECT FROM threadmem.run_complete(?, 'r2', usage => ?, worker => 'worker 1')", chat, { total_tokens: 12 }.to_json)
done, = State.call(asked, chat)
same(["idle", [], true], [done.status, done.interrupts, done.state["approved"]])

# An embedding is the list that the model gave.
call("SELECT threadmem.memory_set_embedding('ada', ARRAY[?], thread_id => ?, message_id => ?)", [0.1, 0.2, 0.3], chat, question)
same(question, call("SELECT * FROM threadmem.memory_search('ada', ?)", "where was the theatre").first["message_id"])

def error(sql, *values)
  call(sql, *values) && nil
rescue ActiveRecord::StatementInvalid => e
  [PG::Result::PG_DIAG_SQLSTATE, PG::Result::PG_DIAG_TABLE_NAME, PG::Result::PG_DIAG_COLUMN_NAME]
    .map { |field| e.cause.result.error_field(field) }
end
same(%w[P0002 threads thread_id], error("SELECT FROM threadmem.thread_get(?)", "none"))
same(["22023", nil, "max_rows"], error("SELECT FROM threadmem.message_list(?, max_rows => ?)", chat, 5_000_000_000))
same("TM001", error("SELECT FROM threadmem.thread_update(?, title => 'x', expected_version => ?)", chat, 99)[0])

# A row of one's own and a message: both or none. What is joined may be gone.
Base.transaction do
  Chat.create!(id: chat, label: "lost")
  call("SELECT FROM threadmem.message_add(?, 'user', 'lost')", chat)
  raise ActiveRecord::Rollback
end
Chat.create!([{ id: chat, label: "mine" }, { id: SecureRandom.uuid, label: "gone" }])
rows = Chat.joins("LEFT JOIN LATERAL threadmem.thread_get(chats.id, missing_ok => true) t ON true")
same([["gone", nil], ["mine", 3]], rows.order(:label).pluck(:label, "t.message_count"))

# A tenant for one transaction: the pool hands the connection on as it was.
def threads(tenant, create: nil)
  Base.transaction do
    call("SELECT set_config('threadmem.tenant', ?, true)", tenant)
    call("SELECT FROM threadmem.thread_create(?)", create) if create
    call("SELECT * FROM threadmem.thread_list()").pluck("thread_id")
  end
end
same(["of north"], threads("north", create: "of north"))
same(["of south"], threads("south", create: "of south"))
same(["of north"], threads("north"))
same([chat], call("SELECT * FROM threadmem.thread_list()").pluck("thread_id"))

# db:schema:dump and db:test:prepare with schema_format = :sql. A comment on an extension takes its owner.
ActiveRecord::Tasks::DatabaseTasks.structure_dump_flags = ["--no-comments"]
tasks = ["", "_test"].map do |suffix|
  url = ENV.fetch("DATABASE_URL") + suffix
  ActiveRecord::Tasks::PostgreSQLDatabaseTasks.new(ActiveRecord::DatabaseConfigurations::UrlConfig.new("test", "primary", url))
end
tasks[0].structure_dump("structure.sql", ActiveRecord::Tasks::DatabaseTasks.structure_dump_flags)
tasks[1].create
tasks[1].structure_load("structure.sql", nil)
same([0, 0], [Chat.count, call("SELECT * FROM threadmem.thread_list()").count])
puts "ok activerecord"
