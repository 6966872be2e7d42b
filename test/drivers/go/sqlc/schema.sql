CREATE TABLE chats (id uuid PRIMARY KEY, label text NOT NULL);
