-- The works behind the engagement of the account :account_id: those published in the :window_ms up to its newest one
-- whose likes were counted, with the likes, comments and shares of each by its newest snapshots; most reactions first.
WITH counted AS (
  SELECT post.id, post.published_at, coalesce(post.title, substr(post.text, 1, 200), post.uid) AS text,
    (SELECT value FROM post_snapshot WHERE post_id = post.id AND metric_id = :likes
     ORDER BY observed_at DESC LIMIT 1) AS likes,
    (SELECT value FROM post_snapshot WHERE post_id = post.id AND metric_id = :comments
     ORDER BY observed_at DESC LIMIT 1) AS comments,
    (SELECT value FROM post_snapshot WHERE post_id = post.id AND metric_id = :shares
     ORDER BY observed_at DESC LIMIT 1) AS shares
  FROM post
  WHERE account_id = :account_id
    AND published_at > (SELECT max(published_at) FROM post WHERE account_id = :account_id) - :window_ms
)
SELECT published_at, text, likes + coalesce(comments, 0) + coalesce(shares, 0) AS reactions, 'post', id
FROM counted
WHERE likes IS NOT NULL
ORDER BY reactions DESC, id
LIMIT :limit
