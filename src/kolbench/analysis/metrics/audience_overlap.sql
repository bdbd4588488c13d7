-- For every two creators in :ids, how many people known before :stop (ms) to follow both: the twin of overlap.compare,
-- for engines where a self-join pays. Pairs without anybody in common are left out.
WITH tie AS (
  SELECT DISTINCT own.creator_id, follower.creator_id AS person_id
  FROM json_each(:ids) AS wanted
  JOIN account AS own ON own.creator_id = wanted.value
  JOIN follow_edge ON follow_edge.account_id = own.id AND follow_edge.first_seen_at < :stop
  JOIN account AS follower ON follower.id = follow_edge.follower_id
  WHERE follower.creator_id <> own.creator_id AND follower.is_bot IS NOT 1
)
SELECT one.creator_id AS one, other.creator_id AS other, count(*) AS both
FROM tie AS one
JOIN tie AS other ON other.person_id = one.person_id AND other.creator_id > one.creator_id
GROUP BY one.creator_id, other.creator_id
ORDER BY one.creator_id, other.creator_id
