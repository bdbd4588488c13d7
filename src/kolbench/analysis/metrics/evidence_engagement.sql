-- The works behind standing_posts.sql of the account :account_id, each with its reactions, and with :by_views of how many
-- views they are; most reactions first.
WITH counted AS (
  SELECT post.id, post.published_at, coalesce(post.title, substr(post.text, 1, 200), post.uid) AS text,
    CASE WHEN :by_views THEN (SELECT value FROM post_snapshot WHERE post_id = post.id AND metric_id = :views
     ORDER BY observed_at DESC LIMIT 1) END AS views,
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
SELECT published_at, text || iif(:by_views, ' · ' || printf('%,d', views) || ' views', ''),
  likes + coalesce(comments, 0) + coalesce(shares, 0) AS reactions, 'post', id
FROM counted
WHERE likes IS NOT NULL AND (views > 0 OR NOT :by_views)
ORDER BY reactions DESC, id
LIMIT :limit
