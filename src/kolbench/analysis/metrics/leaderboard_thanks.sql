-- thanks, version 1: how often someone was thanked.
-- Value: times that other people thanked the person, in the scope, from :window_from up to, not including,
-- :window_to (ms). One message that thanks somebody counts once.
-- Not counted: the person themself, bots and staff (one account so flagged makes its owner one).
-- Evidence: leaderboard_addressed_evidence.sql. Index: activity_community.
WITH place AS (
  SELECT :scope_id AS community_id WHERE :scope = 'community'
  UNION ALL SELECT id FROM community WHERE :scope <> 'community'
  UNION ALL SELECT NULL WHERE :scope <> 'community'
)
SELECT person.creator_id, count(*) AS value
FROM place
CROSS JOIN activity ON activity.community_id IS place.community_id
  AND activity.at >= :window_from AND activity.at < :window_to
JOIN account AS person ON person.id = activity.object_id
JOIN account AS actor ON actor.id = activity.actor_id
WHERE activity.type = 'thank'
  AND (:scope <> 'source' OR activity.run_id IN (SELECT id FROM run WHERE source_id = :scope_id))
  AND actor.creator_id <> person.creator_id
  AND actor.creator_id NOT IN (SELECT creator_id FROM account WHERE is_bot = 1 OR is_staff = 1)
GROUP BY person.creator_id
