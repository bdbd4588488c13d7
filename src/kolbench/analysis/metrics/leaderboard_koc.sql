-- koc, version 1: who serves many different people, lately, as a key opinion consumer does.
-- Value: points for every other person whom the person addressed (100: mentioned or replied to), and for every other
-- person who thanked them (200: in words or by a point), in the scope, from :window_from up to, not including,
-- :window_to (ms). Each of them counts once, by the newest time, for half in each fortnight (1,209,600,000 ms) that
-- this lies before :window_to: 100, 50, 25, 12, 6, 3, 1, 0.
-- Not counted: the person themself, bots and staff (one account so flagged makes its owner one), on either side.
-- Evidence: leaderboard_koc_evidence.sql, whose values add up to it. Index: activity_community.
WITH place AS (
  SELECT :scope_id AS community_id WHERE :scope = 'community'
  UNION ALL SELECT id FROM community WHERE :scope <> 'community'
  UNION ALL SELECT NULL WHERE :scope <> 'community'
),
act AS (
  SELECT activity.actor_id, activity.object_id, activity.type IN ('thank', 'brownie') AS thanks,
    max(activity.at) AS at
  FROM place
  CROSS JOIN activity ON activity.community_id IS place.community_id
    AND activity.at >= :window_from AND activity.at < :window_to
  WHERE activity.type IN ('mention', 'reply', 'thank', 'brownie')
    AND (:scope <> 'source' OR activity.run_id IN (SELECT id FROM run WHERE source_id = :scope_id))
  GROUP BY activity.actor_id, activity.object_id, thanks
),
tie AS (
  SELECT CASE WHEN act.thanks THEN object.creator_id ELSE actor.creator_id END AS creator_id,
    CASE WHEN act.thanks THEN actor.creator_id ELSE object.creator_id END AS other_id,
    act.thanks, max(act.at) AS at
  FROM act
  JOIN account AS actor ON actor.id = act.actor_id
  JOIN account AS object ON object.id = act.object_id
  WHERE actor.creator_id <> object.creator_id
  GROUP BY 1, 2, 3
)
SELECT creator_id, sum((100 << thanks) >> ((:window_to - 1 - at) / 1209600000)) AS value
FROM tie
WHERE other_id NOT IN (SELECT creator_id FROM account WHERE is_bot = 1 OR is_staff = 1)
GROUP BY creator_id
