-- Posts and messages of the creators in :ids: the moment of the newest, how many fall into the :window_ms up to it, and
-- the horizon of the platform where it is, by :horizons (a JSON object); of several, the earliest.
-- Index: account_creator, post_published, message_account.
WITH own AS MATERIALIZED (
  SELECT a.creator_id, a.id AS account_id, a.platform,
    max(
      coalesce((SELECT max(published_at) FROM post WHERE account_id = a.id), -1),
      coalesce((SELECT max(sent_at) FROM message WHERE account_id = a.id), -1)) AS last_at
  FROM json_each(:ids) AS wanted
  CROSS JOIN account AS a ON a.creator_id = wanted.value
),
newest AS (
  SELECT creator_id, max(last_at) AS last_active_at FROM own GROUP BY creator_id
)
SELECT n.creator_id, n.last_active_at,
  sum(
    (SELECT count(*) FROM post WHERE account_id = own.account_id
     AND published_at > n.last_active_at - :window_ms) +
    (SELECT count(*) FROM message WHERE account_id = own.account_id
     AND sent_at > n.last_active_at - :window_ms)) AS works,
  min(iif(own.last_at = n.last_active_at, :horizons ->> own.platform, NULL)) AS horizon_at
FROM newest AS n
JOIN own ON own.creator_id = n.creator_id
WHERE n.last_active_at >= 0
GROUP BY n.creator_id
ORDER BY n.creator_id;
