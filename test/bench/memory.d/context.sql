-- The block before the model, as the thread that asks is given it.
SELECT thread_id FROM threadmem.thread_create(:'thread_id', user_id => :'user_id', messages => :'probe');
SELECT threadmem.thread_context(:'thread_id');
