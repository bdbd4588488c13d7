-- The ties that the KOC points of the creators in :ids (a JSON array) are given for, as leaderboard_koc.sql defines
-- them: 100 for every other person whom they addressed (mentioned or replied to), 200 for every other person who
-- thanked them (in words or by a point), each once by the newest time. Here in the :window_ms up to the last time that
-- they did anything towards anybody, or anybody towards them, and for half in each fortnight (1,209,600,000 ms) that
-- it lies before that.
-- Not counted: the person themself, bots and staff (one account so flagged makes its owner one).
-- Index: account_creator, activity_actor, activity_object.
WITH own AS MATERIALIZED (
  SELECT a.creator_id, a.id AS account_id,
    max(coalesce((SELECT max(at) FROM activity WHERE actor_id = a.id), -1),
        coalesce((SELECT max(at) FROM activity WHERE object_id = a.id), -1)) AS last_at
  FROM json_each(:ids) AS wanted
  CROSS JOIN account AS a ON a.creator_id = wanted.value
),
last AS (
  SELECT creator_id, max(last_at) AS at FROM own GROUP BY creator_id HAVING max(last_at) >= 0
),
act AS (
  SELECT last.creator_id, last.at AS last_at, object.creator_id AS other_id, 0 AS thanks, activity.at, activity.id
  FROM last
  CROSS JOIN own ON own.creator_id = last.creator_id
  CROSS JOIN activity ON activity.actor_id = own.account_id AND activity.at > last.at - :window_ms
  JOIN account AS object ON object.id = activity.object_id
  WHERE activity.type IN ('mention', 'reply')
  UNION ALL
  SELECT last.creator_id, last.at, actor.creator_id, 1, activity.at, activity.id
  FROM last
  CROSS JOIN own ON own.creator_id = last.creator_id
  CROSS JOIN activity ON activity.object_id = own.account_id AND activity.at > last.at - :window_ms
  JOIN account AS actor ON actor.id = activity.actor_id
  WHERE activity.type IN ('thank', 'brownie')
)
SELECT creator_id, last_at, other_id, thanks, max(at) AS at, id,
  (100 << thanks) >> ((last_at - max(at)) / 1209600000) AS points
FROM act
WHERE other_id <> creator_id
  AND other_id NOT IN (SELECT creator_id FROM account WHERE is_bot = 1 OR is_staff = 1)
GROUP BY creator_id, other_id, thanks
