-- Reactions to recent posts of the accounts in :ids: mean over posts of (likes + comments + shares), from the newest
-- snapshot of each, for posts published in the :window_ms up to the account's newest post.
WITH recent AS (
  SELECT post.account_id, post.id
  FROM json_each(:ids) AS wanted
  CROSS JOIN post ON post.account_id = wanted.value
    AND post.published_at > (SELECT max(published_at) FROM post WHERE account_id = wanted.value) - :window_ms
),
reactions AS (
  SELECT recent.account_id, recent.id,
    (SELECT value FROM post_snapshot WHERE post_id = recent.id AND metric_id = :likes
     ORDER BY observed_at DESC LIMIT 1) AS likes,
    (SELECT value FROM post_snapshot WHERE post_id = recent.id AND metric_id = :comments
     ORDER BY observed_at DESC LIMIT 1) AS comments,
    (SELECT value FROM post_snapshot WHERE post_id = recent.id AND metric_id = :shares
     ORDER BY observed_at DESC LIMIT 1) AS shares
  FROM recent
)
SELECT account_id, count(*) AS posts,
  sum(coalesce(likes, 0) + coalesce(comments, 0) + coalesce(shares, 0)) AS reactions
FROM reactions
WHERE likes IS NOT NULL
GROUP BY account_id
ORDER BY account_id;
