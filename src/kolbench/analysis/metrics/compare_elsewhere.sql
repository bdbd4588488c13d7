-- What :creator_id published in each of the :windows of :window_ms up to :until (ms); window 0 is the newest, and ends
-- with :until. posts: works of all their accounts. counted: those whose likes are known. reactions: likes, comments and
-- shares of these, by the newest count of each.
-- Index: account_creator, post_published, and the key of post_snapshot three times a work.
WITH works AS (
  SELECT (:until - published_at) / :window_ms AS nth,
    (SELECT value FROM post_snapshot WHERE post_id = post.id AND metric_id = :likes
     ORDER BY observed_at DESC LIMIT 1) AS likes,
    (SELECT value FROM post_snapshot WHERE post_id = post.id AND metric_id = :comments
     ORDER BY observed_at DESC LIMIT 1) AS comments,
    (SELECT value FROM post_snapshot WHERE post_id = post.id AND metric_id = :shares
     ORDER BY observed_at DESC LIMIT 1) AS shares
  FROM account
  CROSS JOIN post ON post.account_id = account.id
    AND published_at > :until - :windows * :window_ms AND published_at <= :until
  WHERE creator_id = :creator_id
)
SELECT nth, count(*), count(likes),
  coalesce(sum(likes + coalesce(comments, 0) + coalesce(shares, 0)), 0)
FROM works
GROUP BY nth
ORDER BY nth;
