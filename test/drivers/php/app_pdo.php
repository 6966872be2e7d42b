<?php
// A conversation with PDO; what to connect to is in PGHOST, PGUSER and so on.
declare(strict_types=1);

$db = new PDO('pgsql:', options: [PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC]);

function query(string $sql, mixed ...$values): array
{
    global $db;
    $statement = $db->prepare($sql);
    $statement->execute($values);
    return $statement->fetchAll();
}

function row(string $sql, mixed ...$values): array
{
    return query($sql, ...$values)[0];
}

// An empty array is [] in PHP, where an object is wanted: metadata and state, that may be empty, go this way.
function object(array $value): string
{
    return json_encode($value ?: new stdClass, JSON_THROW_ON_ERROR);
}

function same(mixed $expected, mixed $actual): void
{
    if ($expected !== $actual) {
        throw new LogicException(sprintf('%s, not %s', var_export($actual, true), var_export($expected, true)));
    }
}

function uuid(): string
{
    return vsprintf('%s%s-%s-4%.3s-a%.3s-%s%s%s', str_split(bin2hex(random_bytes(16)), 4));
}

$chat = uuid(); // a key of the application, and the same for threadmem, whose ids are text
query('CREATE TABLE chats (id uuid PRIMARY KEY, label text)');
query("SELECT FROM threadmem.user_create('ada', metadata => ?)", object([]));
query("SELECT FROM threadmem.thread_create(?, user_id => 'ada', graph_id => 'guide')", $chat);

// Messages: parts, a call of a tool and its output. The id is chosen before, so that the call can be repeated.
$question = uuid();
$calls = [['id' => 'c1', 'type' => 'function', 'function' => ['name' => 'map', 'arguments' => '{}']]];
$parts = json_encode([['type' => 'text', 'text' => 'Where is the Roman theatre?']]);
for ($i = 0; $i < 2; $i++) {
    $added = row("SELECT * FROM threadmem.message_add(?, 'user', parts => ?, message_id => ?)", $chat, $parts, $question);
    same([1, 'Where is the Roman theatre?'], [$added['seq'], $added['text']]);
    same('text', json_decode($added['content'], true)[0]['type']);
}
query("SELECT FROM threadmem.message_add(?, 'assistant', tool_calls => ?)", $chat, json_encode($calls));
query("SELECT FROM threadmem.message_add(?, 'tool', 'On the hill.', tool_call_id => 'c1')", $chat);

// A page, and the next from where it ended; what fits the window of a model; a search in what is one user's.
$page = query('SELECT * FROM threadmem.message_list(?, max_rows => ?)', $chat, 2);
$rest = query('SELECT * FROM threadmem.message_list(?, after_position => ?)', $chat, $page[1]['position']);
same(['user', 'assistant', 'tool'], array_column([...$page, ...$rest], 'role'));
same('c1', json_decode($page[1]['body'])->tool_calls[0]->id);
$window = query('SELECT * FROM threadmem.message_context(?, max_tokens => ?)', $chat, 4000);
same(['user', 'assistant', 'tool'], array_column($window, 'role'));
same(true, $window[0]['used_tokens'] > 0);
$found = query("SELECT * FROM threadmem.message_search('roman theatre', user_id => ?)", 'ada');
same([[$chat, $question]], array_map(fn ($m) => [$m['thread_id'], $m['message_id']], $found));

// A worker's run updates the state, asks a person, and ends; a second run brings the answer.
query("SELECT FROM threadmem.run_create(?, run_id => 'r1', graph_id => 'guide')", $chat);
$run = row("SELECT * FROM threadmem.run_claim('worker 1', lease => ?, graph_id => 'guide')", '5 minutes');
same([$chat, 'r1', 'in_progress'], [$run['thread_id'], $run['run_id'], $run['status']]);
$beat = row("SELECT * FROM threadmem.run_heartbeat(?, 'r1', 'worker 1', ?)", $chat, '5 minutes');
same(true, $beat['lease_until'] >= $run['lease_until']);
query("SELECT FROM threadmem.thread_update_state(?, ?, as_node => 'plan', next => ?, run_id => 'r1')",
    $chat, object(['stops' => ['hill']]), '{approve}');
$state = row('SELECT s."values" AS state, s.* FROM threadmem.thread_state(?) s', $chat);
same([['hill'], '{approve}'], [json_decode($state['state'])->stops, $state['next']]);
$at = json_decode($state['checkpoint'])->checkpoint_id;
$writes = json_encode([['__interrupt__', [['id' => 'i1', 'value' => 'Shall I book?']]]]);
query('SELECT threadmem.checkpoint_put_writes(?, ?, ?, ?)', $chat, $at, json_decode($state['tasks'])[0]->id, $writes);
query("SELECT FROM threadmem.run_interrupt(?, 'r1', worker => 'worker 1')", $chat);
$asked = 'SELECT t.status, s."values" AS state, s.interrupts FROM threadmem.thread_get(?) t, threadmem.thread_state(t.thread_id) s';
$waiting = row($asked, $chat);
same(['interrupted', 'Shall I book?'], [$waiting['status'], json_decode($waiting['interrupts'])[0]->value]);
query("SELECT FROM threadmem.run_create(?, run_id => 'r2', graph_id => 'guide')", $chat);
query("SELECT FROM threadmem.run_claim('worker 1', graph_id => 'guide')");
query("SELECT FROM threadmem.thread_update_state(?, ?, as_node => 'approve', run_id => 'r2')", $chat, object(['approved' => true]));
query("SELECT FROM threadmem.run_complete(?, 'r2', usage => ?, worker => 'worker 1')", $chat, object(['total_tokens' => 12]));
$done = row($asked, $chat);
same(['idle', '[]', true], [$done['status'], $done['interrupts'], json_decode($done['state'])->approved]);

// An embedding is the list that the model gave, as an array of PostgreSQL: the JSON of it with other brackets.
query("SELECT threadmem.memory_set_embedding('ada', ?, thread_id => ?, message_id => ?)",
    strtr(json_encode([0.1, 0.2, 0.3]), '[]', '{}'), $chat, $question);
same($question, row("SELECT * FROM threadmem.memory_search('ada', ?)", 'where was the theatre')['message_id']);

// SQLSTATE and message are all that PDO tells of an error, without table and column: there the message has the name.
function error(string $sql, mixed ...$values): array
{
    try {
        query($sql, ...$values);
    } catch (PDOException $e) {
        return [$e->errorInfo[0], preg_match('/ERROR:  (.*)/', $e->errorInfo[2], $m) ? $m[1] : null];
    }
    return [null, null];
}
same(['P0002', 'thread not found'], error('SELECT FROM threadmem.thread_get(?)', 'none'));
same(['22023', 'invalid value for argument "max_rows"'], error('SELECT FROM threadmem.message_list(?, max_rows => ?)', $chat, 5_000_000_000));
same('TM001', error("SELECT FROM threadmem.thread_update(?, title => 'x', expected_version => ?)", $chat, 99)[0]);

// A row of one's own and a message: both or none. What is joined may be gone.
$db->beginTransaction();
query("INSERT INTO chats VALUES (?, 'lost')", $chat);
query("SELECT FROM threadmem.message_add(?, 'user', 'lost')", $chat);
$db->rollBack();
query("INSERT INTO chats VALUES (?, 'mine'), (?, 'gone')", $chat, uuid());
$rows = query('SELECT c.label, t.message_count FROM chats c
    LEFT JOIN LATERAL threadmem.thread_get(c.id, missing_ok => true) t ON true ORDER BY 1');
same([['label' => 'gone', 'message_count' => null], ['label' => 'mine', 'message_count' => 3]], $rows);

// A tenant for one transaction: a persistent connection goes on to the next request as it was.
function threads(string $tenant, ?string $create = null): array
{
    global $db;
    $db->beginTransaction();
    query("SELECT set_config('threadmem.tenant', ?, true)", $tenant);
    if ($create !== null) {
        query('SELECT FROM threadmem.thread_create(?)', $create);
    }
    $rows = query('SELECT * FROM threadmem.thread_list()');
    $db->commit();
    return array_column($rows, 'thread_id');
}
same(['of north'], threads('north', 'of north'));
same(['of south'], threads('south', 'of south'));
same(['of north'], threads('north'));
same([$chat], array_column(query('SELECT * FROM threadmem.thread_list()'), 'thread_id'));
echo "ok pdo\n";
