//! A conversation with tokio-postgres; what to connect to is in DATABASE_URL.

use serde_json::{json, Value};
use tokio_postgres::{types::ToSql, Client, Error, NoTls, Row};
use uuid::Uuid;

/// SQLSTATE, table and column of the error that a statement gives.
async fn error(db: &Client, query: &str, args: &[&(dyn ToSql + Sync)]) -> (String, Option<String>, Option<String>) {
    let error = db.query(query, args).await.expect_err(query);
    let e = error.as_db_error().expect("an error of the server");
    (e.code().code().into(), e.table().map(Into::into), e.column().map(Into::into))
}

/// The threads of a tenant, which is set for one transaction: a pool may hand the connection on.
async fn threads(db: &mut Client, tenant: &str, create: Option<&str>) -> Result<Vec<String>, Error> {
    let tx = db.transaction().await?;
    tx.execute("SELECT set_config('threadmem.tenant', $1, true)", &[&tenant]).await?;
    if let Some(thread) = create {
        tx.execute("SELECT FROM threadmem.thread_create($1)", &[&thread]).await?;
    }
    let rows = tx.query("SELECT thread_id FROM threadmem.thread_list()", &[]).await?;
    tx.commit().await?;
    Ok(rows.iter().map(|row| row.get("thread_id")).collect())
}

fn roles(rows: &[Row]) -> Vec<&str> {
    rows.iter().map(|row| row.get("role")).collect()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut db, connection) = tokio_postgres::connect(&std::env::var("DATABASE_URL")?, NoTls).await?;
    tokio::spawn(async move { connection.await.expect("the connection was lost") });
    let chat = Uuid::new_v4(); // a key of the application
    let thread = chat.to_string(); // the same for threadmem, whose ids are text

    db.execute("CREATE TABLE chats (id uuid PRIMARY KEY, label text)", &[]).await?;
    db.execute("SELECT FROM threadmem.user_create('ada', metadata => $1)", &[&json!({"plan": "free"})]).await?;
    db.execute("SELECT FROM threadmem.thread_create($1, user_id => 'ada', graph_id => 'guide')", &[&thread]).await?;

    // Messages: parts, a call of a tool and its output. The id is chosen before, so that the call can be repeated.
    let question = Uuid::new_v4().to_string();
    let parts = json!([{"type": "text", "text": "Where is the Roman theatre?"}]);
    for _ in 0..2 {
        let added = db
            .query_one(
                "SELECT * FROM threadmem.message_add($1, 'user', parts => $2, message_id => $3)",
                &[&thread, &parts, &question],
            )
            .await?;
        assert_eq!(
            (added.get("seq"), added.get("text"), added.get("content")),
            (1i64, "Where is the Roman theatre?", parts.clone())
        );
    }
    let calls = json!([{"id": "c1", "type": "function", "function": {"name": "map", "arguments": "{}"}}]);
    db.execute("SELECT FROM threadmem.message_add($1, 'assistant', tool_calls => $2)", &[&thread, &calls]).await?;
    db.execute("SELECT FROM threadmem.message_add($1, 'tool', 'On the hill.', tool_call_id => 'c1')", &[&thread]).await?;

    // A page, and the next from where it ended; what fits the window of a model; a search in what is one user's.
    let page = db.query("SELECT * FROM threadmem.message_list($1, max_rows => $2)", &[&thread, &2i64]).await?;
    let position: &str = page[1].get("position");
    let rest = db.query("SELECT * FROM threadmem.message_list($1, after_position => $2)", &[&thread, &position]).await?;
    assert_eq!((roles(&page), roles(&rest)), (vec!["user", "assistant"], vec!["tool"]));
    assert_eq!(page[1].get::<_, Value>("body")["tool_calls"], calls);
    let window = db.query("SELECT * FROM threadmem.message_context($1, max_tokens => $2)", &[&thread, &4000i64]).await?;
    assert_eq!(roles(&window), ["user", "assistant", "tool"]);
    assert!(window[0].get::<_, i32>("used_tokens") > 0);
    let found = db.query("SELECT * FROM threadmem.message_search('roman theatre', user_id => $1)", &[&"ada"]).await?;
    assert_eq!((found.len(), found[0].get("message_id")), (1, question.as_str()));

    // A worker's run updates the state, asks a person, and ends; a second run brings the answer. An interval is text.
    db.execute("SELECT FROM threadmem.run_create($1, run_id => 'r1', graph_id => 'guide')", &[&thread]).await?;
    let run = db
        .query_one(
            "SELECT * FROM threadmem.run_claim('worker 1', lease => $1::text::interval, graph_id => 'guide')",
            &[&"5 minutes"],
        )
        .await?;
    assert_eq!((run.get("thread_id"), run.get("status")), (thread.as_str(), "in_progress"));
    let beat = db
        .query_one(
            "SELECT status FROM threadmem.run_heartbeat($1, 'r1', 'worker 1', $2::text::interval)",
            &[&thread, &"5 minutes"],
        )
        .await?;
    assert_eq!(beat.get::<_, &str>("status"), "in_progress");
    db.execute(
        "SELECT FROM threadmem.thread_update_state($1, $2, as_node => 'plan', next => $3, run_id => 'r1')",
        &[&thread, &json!({"stops": ["hill"]}), &vec!["approve"]],
    )
    .await?;
    let state = db.query_one("SELECT s.\"values\" AS state, s.* FROM threadmem.thread_state($1::uuid) s", &[&chat]).await?;
    assert_eq!(state.get::<_, Value>("state")["stops"], json!(["hill"]));
    assert_eq!(state.get::<_, Vec<&str>>("next"), ["approve"]);
    let (checkpoint, tasks): (Value, Value) = (state.get("checkpoint"), state.get("tasks"));
    let interrupt = json!([["__interrupt__", [{"id": "i1", "value": "Shall I book?"}]]]);
    db.execute(
        "SELECT threadmem.checkpoint_put_writes($1, $2, $3, $4)",
        &[&thread, &checkpoint["checkpoint_id"].as_str(), &tasks[0]["id"].as_str(), &interrupt],
    )
    .await?;
    db.execute("SELECT FROM threadmem.run_interrupt($1, 'r1', worker => 'worker 1')", &[&thread]).await?;
    let status =
        "SELECT t.status, s.\"values\" AS state, s.interrupts FROM threadmem.thread_get($1) t, threadmem.thread_state($1) s";
    let waiting = db.query_one(status, &[&thread]).await?;
    assert_eq!(
        (waiting.get("status"), &waiting.get::<_, Value>("interrupts")[0]["value"]),
        ("interrupted", &json!("Shall I book?"))
    );
    db.execute("SELECT FROM threadmem.run_create($1, run_id => 'r2', graph_id => 'guide')", &[&thread]).await?;
    db.execute("SELECT FROM threadmem.run_claim('worker 1', graph_id => 'guide')", &[]).await?;
    db.execute(
        "SELECT FROM threadmem.thread_update_state($1, $2, as_node => 'approve', run_id => 'r2')",
        &[&thread, &json!({"approved": true})],
    )
    .await?;
    db.execute(
        "SELECT FROM threadmem.run_complete($1, 'r2', usage => $2, worker => 'worker 1')",
        &[&thread, &json!({"total_tokens": 12})],
    )
    .await?;
    let done = db.query_one(status, &[&thread]).await?;
    assert_eq!((done.get("status"), done.get("interrupts")), ("idle", json!([])));
    assert_eq!(done.get::<_, Value>("state")["approved"], true);

    // An embedding is the list that the model gave, of f64.
    db.execute(
        "SELECT threadmem.memory_set_embedding('ada', $1, thread_id => $2, message_id => $3)",
        &[&vec![0.1, 0.2, 0.3], &thread, &question],
    )
    .await?;
    let hits = db.query("SELECT * FROM threadmem.memory_search('ada', $1)", &[&"where was the theatre"]).await?;
    assert_eq!(hits[0].get::<_, &str>("message_id"), question);

    let text = |s: &str| Some(s.to_string());
    assert_eq!(
        error(&db, "SELECT FROM threadmem.thread_get($1)", &[&"none"]).await,
        ("P0002".into(), text("threads"), text("thread_id"))
    );
    assert_eq!(
        error(&db, "SELECT FROM threadmem.message_list($1, max_rows => $2)", &[&thread, &5_000_000_000i64]).await,
        ("22023".into(), None, text("max_rows"))
    );
    assert_eq!(
        error(&db, "SELECT FROM threadmem.thread_update($1, title => 'x', expected_version => $2)", &[&thread, &99i64])
            .await
            .0,
        "TM001"
    );

    // A row of one's own and a message: both or none. What is joined may be gone.
    let tx = db.transaction().await?;
    tx.execute("INSERT INTO chats VALUES ($1, 'lost')", &[&chat]).await?;
    tx.execute("SELECT FROM threadmem.message_add($1, 'user', 'lost')", &[&thread]).await?;
    tx.rollback().await?;
    db.execute("INSERT INTO chats VALUES ($1, 'mine'), ($2, 'gone')", &[&chat, &Uuid::new_v4()]).await?;
    let rows = db.query("SELECT c.label, t.message_count FROM chats c LEFT JOIN LATERAL threadmem.thread_get(c.id, missing_ok => true) t ON true ORDER BY 1", &[]).await?;
    let rows: Vec<(&str, Option<i32>)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(rows, [("gone", None), ("mine", Some(3))]);

    assert_eq!(threads(&mut db, "north", Some("of north")).await?, ["of north"]);
    assert_eq!(threads(&mut db, "south", Some("of south")).await?, ["of south"]);
    assert_eq!(threads(&mut db, "north", None).await?, ["of north"]);
    let rows = db.query("SELECT thread_id FROM threadmem.thread_list()", &[]).await?;
    assert_eq!((rows.len(), rows[0].get("thread_id")), (1, thread.as_str()));
    println!("ok tokio-postgres");
    Ok(())
}
