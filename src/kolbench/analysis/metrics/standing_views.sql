-- Reactions to recent posts of the accounts in :ids whose views are counted, too: how many posts, their likes + comments
-- + shares, their views, and when the newest was published; of the :window_ms up to the account's newest post, by the
-- newest snapshots. Index: post_published, the key of post_snapshot.
WITH recent AS (
  SELECT post.account_id, post.id, post.published_at
  FROM json_each(:ids) AS wanted
  CROSS JOIN post ON post.account_id = wanted.value
    AND post.published_at > (SELECT max(published_at) FROM post WHERE account_id = wanted.value) - :window_ms
),
counted AS (
  SELECT recent.*,
    (SELECT value FROM post_snapshot WHERE post_id = recent.id AND metric_id = :views
     ORDER BY observed_at DESC LIMIT 1) AS views,
    (SELECT value FROM post_snapshot WHERE post_id = recent.id AND metric_id = :likes
     ORDER BY observed_at DESC LIMIT 1) AS likes,
    (SELECT value FROM post_snapshot WHERE post_id = recent.id AND metric_id = :comments
     ORDER BY observed_at DESC LIMIT 1) AS comments,
    (SELECT value FROM post_snapshot WHERE post_id = recent.id AND metric_id = :shares
     ORDER BY observed_at DESC LIMIT 1) AS shares
  FROM recent
)
SELECT account_id, count(*), sum(likes + coalesce(comments, 0) + coalesce(shares, 0)), sum(views), max(published_at)
FROM counted
WHERE views > 0 AND likes IS NOT NULL
GROUP BY account_id
ORDER BY account_id
