-- Reactions to recent posts of the accounts in :ids: how many posts, and their likes + comments + shares, of those whose
-- likes were counted in the :window_ms up to the account's newest post, by the newest snapshots. With :by_views of those
-- alone that were seen; and how often they were, and when the newest was published. Index: post_published, the key of
-- post_snapshot.
WITH recent AS (
  SELECT post.account_id, post.id, post.published_at
  FROM json_each(:ids) AS wanted
  CROSS JOIN post ON post.account_id = wanted.value
    AND post.published_at > (SELECT max(published_at) FROM post WHERE account_id = wanted.value) - :window_ms
),
counted AS (
  SELECT recent.*,
    CASE WHEN :by_views THEN (SELECT value FROM post_snapshot WHERE post_id = recent.id AND metric_id = :views
     ORDER BY observed_at DESC LIMIT 1) END AS views,
    (SELECT value FROM post_snapshot WHERE post_id = recent.id AND metric_id = :likes
     ORDER BY observed_at DESC LIMIT 1) AS likes,
    (SELECT value FROM post_snapshot WHERE post_id = recent.id AND metric_id = :comments
     ORDER BY observed_at DESC LIMIT 1) AS comments,
    (SELECT value FROM post_snapshot WHERE post_id = recent.id AND metric_id = :shares
     ORDER BY observed_at DESC LIMIT 1) AS shares
  FROM recent
)
SELECT account_id, count(*), sum(likes + coalesce(comments, 0) + coalesce(shares, 0)),
  sum(views), max(iif(:by_views, published_at, NULL))
FROM counted
WHERE likes IS NOT NULL AND (views > 0 OR NOT :by_views)
GROUP BY account_id
ORDER BY account_id
