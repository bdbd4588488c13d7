-- The accounts of the creators in :ids (a JSON array), each with its latest counters.
-- growth: the newest follower count, and the newest one at least :growth_ms before it, else the oldest.
-- Accounts of bots and staff don't stand for a candidate and are left out.
WITH own AS (
  SELECT a.creator_id, a.id AS account_id, a.platform, a.handle_key, a.handle, a.name, a.category, a.region
  FROM json_each(:ids) AS wanted
  CROSS JOIN account AS a ON a.creator_id = wanted.value
  WHERE a.is_bot IS NOT 1 AND a.is_staff IS NOT 1
),
latest AS MATERIALIZED (
  SELECT own.*,
    (SELECT observed_at FROM account_snapshot
     WHERE account_id = own.account_id AND metric_id = :followers ORDER BY observed_at DESC LIMIT 1) AS last_at
  FROM own
),
based AS MATERIALIZED (
  SELECT latest.*,
    coalesce(
      (SELECT observed_at FROM account_snapshot
       WHERE account_id = latest.account_id AND metric_id = :followers AND observed_at <= last_at - :growth_ms
       ORDER BY observed_at DESC LIMIT 1),
      (SELECT observed_at FROM account_snapshot
       WHERE account_id = latest.account_id AND metric_id = :followers
       ORDER BY observed_at LIMIT 1)) AS base_at
  FROM latest
)
SELECT
  b.creator_id, b.account_id, creator.name, b.platform, b.handle, b.handle_key, b.category, b.region,
  now.value AS followers, now.plus_minus, b.last_at,
  base.value AS base_followers, b.base_at,
  (SELECT value FROM account_snapshot WHERE account_id = b.account_id AND metric_id = :engagement_bp
   ORDER BY observed_at DESC LIMIT 1) AS engagement_bp,
  (SELECT value FROM account_snapshot WHERE account_id = b.account_id AND metric_id = :avg_likes
   ORDER BY observed_at DESC LIMIT 1) AS avg_likes,
  (SELECT value FROM account_snapshot WHERE account_id = b.account_id AND metric_id = :likes
   ORDER BY observed_at DESC LIMIT 1) AS likes,
  (SELECT value FROM account_snapshot WHERE account_id = b.account_id AND metric_id = :posts
   ORDER BY observed_at DESC LIMIT 1) AS posts
FROM based AS b
JOIN creator ON creator.id = b.creator_id
LEFT JOIN account_snapshot AS now
  ON now.account_id = b.account_id AND now.metric_id = :followers AND now.observed_at = b.last_at
LEFT JOIN account_snapshot AS base
  ON base.account_id = b.account_id AND base.metric_id = :followers AND base.observed_at = b.base_at
ORDER BY b.creator_id, now.value DESC, b.account_id;
