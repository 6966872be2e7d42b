SELECT metadata ->> 'ref' FROM threadmem.memory_search(:'user_id', :'query', max_rows => :k);
