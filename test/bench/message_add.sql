\set n random(1, :threads)
SELECT message_id, seq FROM threadmem.message_add('t' || :n, 'user', :content);
