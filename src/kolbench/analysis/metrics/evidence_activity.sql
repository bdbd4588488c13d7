-- The works and messages of the creator in :ids in the :window_ms up to the newest of them; the newest first.
WITH own AS (
  SELECT a.id AS account_id, a.platform
  FROM json_each(:ids) AS wanted
  CROSS JOIN account AS a ON a.creator_id = wanted.value
),
last AS (
  SELECT max(max(
    coalesce((SELECT max(published_at) FROM post WHERE account_id = own.account_id), -1),
    coalesce((SELECT max(sent_at) FROM message WHERE account_id = own.account_id), -1))) AS at
  FROM own
)
SELECT published_at AS at, coalesce(title, substr(text, 1, 200), uid), 1, 'post', post.id AS id
FROM last CROSS JOIN own CROSS JOIN post ON post.account_id = own.account_id AND published_at > last.at - :window_ms
UNION ALL
SELECT sent_at, substr(text, 1, 200), 1, 'message', message.id
FROM last CROSS JOIN own CROSS JOIN message ON message.account_id = own.account_id AND sent_at > last.at - :window_ms
ORDER BY at DESC, id
LIMIT :limit
