-- The thread that asks, whose last messages are the query.
SELECT thread_id FROM threadmem.thread_create(:'thread_id', user_id => :'user_id', messages => :'probe');
SELECT metadata ->> 'ref' FROM threadmem.memory_search(:'user_id', thread_id => :'thread_id', max_rows => :k);
