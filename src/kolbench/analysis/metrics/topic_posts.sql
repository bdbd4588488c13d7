-- The newest :posts posts of the creator :creator whose likes are known: kind, words, and likes + comments + shares
-- by the newest snapshot of each. By account_creator, post_published and post_snapshot's key.
WITH own AS (
  SELECT p.id, p.kind, substr(coalesce(p.title || ' ', '') || coalesce(p.text, ''), 1, :characters) AS text,
    p.published_at,
    (SELECT value FROM post_snapshot WHERE post_id = p.id AND metric_id = likes.id
     ORDER BY observed_at DESC LIMIT 1) AS likes,
    (SELECT value FROM post_snapshot WHERE post_id = p.id AND metric_id = comments.id
     ORDER BY observed_at DESC LIMIT 1) AS comments,
    (SELECT value FROM post_snapshot WHERE post_id = p.id AND metric_id = shares.id
     ORDER BY observed_at DESC LIMIT 1) AS shares
  FROM account AS a
  CROSS JOIN post AS p ON p.account_id = a.id
  JOIN metric AS likes ON likes.name = 'likes'
  JOIN metric AS comments ON comments.name = 'comments'
  JOIN metric AS shares ON shares.name = 'shares'
  WHERE a.creator_id = :creator
)
SELECT kind, text, likes + coalesce(comments, 0) + coalesce(shares, 0) AS reactions
FROM own
WHERE likes IS NOT NULL
ORDER BY published_at DESC, id DESC
LIMIT :posts;
