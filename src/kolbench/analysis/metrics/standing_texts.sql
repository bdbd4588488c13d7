-- What each account of the creators in :ids (a JSON array) says of itself, and its newest :texts works and messages,
-- as much of each as tells the language. Index: account_creator, post_published, message_account.
SELECT own.creator_id, own.name, substr(own.bio, 1, 200),
  (SELECT group_concat(substr(text, 1, 80), ' ') FROM (
    SELECT coalesce(title, '') || ' ' || coalesce(text, '') AS text FROM post
    WHERE account_id = own.id ORDER BY published_at DESC LIMIT :texts)),
  (SELECT group_concat(substr(text, 1, 80), ' ') FROM (
    SELECT text FROM message WHERE account_id = own.id ORDER BY sent_at DESC LIMIT :texts))
FROM json_each(:ids) AS wanted
CROSS JOIN account AS own ON own.creator_id = wanted.value
