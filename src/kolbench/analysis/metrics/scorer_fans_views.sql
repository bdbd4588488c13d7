-- The works of the creators in :ids (a JSON array) in the :window_ms up to the newest of each account, whose views and
-- likes are counted: the newest views, and likes + comments + shares. Index: post_published, the key of post_snapshot.
WITH recent AS (
  SELECT own.creator_id, post.id, post.published_at
  FROM json_each(:ids) AS wanted
  CROSS JOIN account AS own ON own.creator_id = wanted.value
  CROSS JOIN post ON post.account_id = own.id
    AND post.published_at > (SELECT max(published_at) FROM post WHERE account_id = own.id) - :window_ms
),
counted AS (
  SELECT recent.*,
    (SELECT value FROM post_snapshot WHERE post_id = recent.id AND metric_id = :views
     ORDER BY observed_at DESC LIMIT 1) AS views
  FROM recent
)
SELECT creator_id, id, published_at, views,
  (SELECT value FROM post_snapshot WHERE post_id = counted.id AND metric_id = :likes
   ORDER BY observed_at DESC LIMIT 1) +
  coalesce((SELECT value FROM post_snapshot WHERE post_id = counted.id AND metric_id = :comments
   ORDER BY observed_at DESC LIMIT 1), 0) +
  coalesce((SELECT value FROM post_snapshot WHERE post_id = counted.id AND metric_id = :shares
   ORDER BY observed_at DESC LIMIT 1), 0) AS reactions
FROM counted
WHERE views > 0 AND reactions IS NOT NULL
