-- interactions, version 1: how much someone's works moved people.
-- Value: likes + comments + shares, by the newest snapshot of each, of the works the person published from
-- :window_from up to, not including, :window_to (ms). What isn't counted by the platform counts as nothing.
-- For a source: works which that source brought.
-- Evidence: leaderboard_interactions_evidence.sql. Index: post_published, the key of post_snapshot.
WITH own AS (
  SELECT creator_id, id FROM account WHERE :scope = 'all'
  UNION ALL
  SELECT creator_id, id FROM account
  WHERE :scope = 'source' AND platform = (SELECT platform FROM source WHERE id = :scope_id)
)
SELECT own.creator_id, sum(
  coalesce((SELECT value FROM post_snapshot WHERE post_id = post.id
            AND metric_id = (SELECT id FROM metric WHERE name = 'likes')
            ORDER BY observed_at DESC LIMIT 1), 0)
  + coalesce((SELECT value FROM post_snapshot WHERE post_id = post.id
              AND metric_id = (SELECT id FROM metric WHERE name = 'comments')
              ORDER BY observed_at DESC LIMIT 1), 0)
  + coalesce((SELECT value FROM post_snapshot WHERE post_id = post.id
              AND metric_id = (SELECT id FROM metric WHERE name = 'shares')
              ORDER BY observed_at DESC LIMIT 1), 0)) AS value
FROM own
CROSS JOIN post ON post.account_id = own.id
  AND post.published_at >= :window_from AND post.published_at < :window_to
WHERE :scope = 'all' OR post.run_id IN (SELECT id FROM run WHERE source_id = :scope_id)
GROUP BY own.creator_id
