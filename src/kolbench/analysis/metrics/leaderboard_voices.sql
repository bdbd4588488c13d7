-- voices, version 1: how many different people addressed someone.
-- Value: people (not accounts) who mentioned, replied to or thanked the person, in the scope, at least once from
-- :window_from up to, not including, :window_to (ms). Whoever does so ten times counts once.
-- Not counted: the person themself, bots and staff (one account so flagged makes its owner one).
-- Evidence: leaderboard_addressed_evidence.sql. Index: activity_community.
WITH place AS (
  SELECT :scope_id AS community_id WHERE :scope = 'community'
  UNION ALL SELECT id FROM community WHERE :scope <> 'community'
  UNION ALL SELECT NULL WHERE :scope <> 'community'
),
heard AS (
  SELECT DISTINCT activity.object_id, activity.actor_id
  FROM place
  CROSS JOIN activity ON activity.community_id IS place.community_id
    AND activity.at >= :window_from AND activity.at < :window_to
  WHERE activity.type IN ('mention', 'reply', 'thank')
    AND (:scope <> 'source' OR activity.run_id IN (SELECT id FROM run WHERE source_id = :scope_id))
)
SELECT person.creator_id, count(DISTINCT actor.creator_id) AS value
FROM heard
JOIN account AS person ON person.id = heard.object_id
JOIN account AS actor ON actor.id = heard.actor_id
WHERE actor.creator_id <> person.creator_id
  AND actor.creator_id NOT IN (SELECT creator_id FROM account WHERE is_bot = 1 OR is_staff = 1)
GROUP BY person.creator_id
