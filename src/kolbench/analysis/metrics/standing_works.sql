-- Posts and messages of the creators in :ids: the moment of the newest, and how many fall into the :window_ms up to it.
WITH own AS (
  SELECT a.creator_id, a.id AS account_id
  FROM json_each(:ids) AS wanted
  CROSS JOIN account AS a ON a.creator_id = wanted.value
),
newest AS (
  SELECT creator_id,
    max(max(
      coalesce((SELECT max(published_at) FROM post WHERE account_id = own.account_id), -1),
      coalesce((SELECT max(sent_at) FROM message WHERE account_id = own.account_id), -1))) AS last_active_at
  FROM own GROUP BY creator_id
)
SELECT n.creator_id, n.last_active_at,
  sum(
    (SELECT count(*) FROM post WHERE account_id = own.account_id
     AND published_at > n.last_active_at - :window_ms) +
    (SELECT count(*) FROM message WHERE account_id = own.account_id
     AND sent_at > n.last_active_at - :window_ms)) AS works
FROM newest AS n
JOIN own ON own.creator_id = n.creator_id
WHERE n.last_active_at >= 0
GROUP BY n.creator_id
ORDER BY n.creator_id;
