-- What was done towards each of the creators in :ids (a JSON array) in the :window_ms up to the last time that anybody
-- did anything towards them; then what they did in the :window_ms up to the last time that either side did.
-- Whoever is on the other side is named with what counts against them, the person themself and bots too.
-- Index: account_creator, activity_actor, activity_object.
WITH own AS MATERIALIZED (
  SELECT a.creator_id, a.id AS account_id,
    (SELECT max(at) FROM activity WHERE object_id = a.id) AS heard_at,
    (SELECT max(at) FROM activity WHERE actor_id = a.id) AS spoke_at
  FROM json_each(:ids) AS wanted
  CROSS JOIN account AS a ON a.creator_id = wanted.value
),
last AS MATERIALIZED (
  SELECT creator_id, max(heard_at) AS heard_at, max(spoke_at) AS spoke_at
  FROM own GROUP BY creator_id HAVING max(heard_at) IS NOT NULL OR max(spoke_at) IS NOT NULL
)
SELECT own.creator_id, 1 AS towards, activity.at, activity.type, activity.id,
  other.creator_id AS other_id, other.is_bot, other.counted
FROM last
CROSS JOIN own ON own.creator_id = last.creator_id
CROSS JOIN activity ON activity.object_id = own.account_id AND activity.at > last.heard_at - :window_ms
CROSS JOIN person AS other ON other.account_id = activity.actor_id
UNION ALL
SELECT own.creator_id, 0, activity.at, activity.type, activity.id, other.creator_id, other.is_bot, other.counted
FROM last
CROSS JOIN own ON own.creator_id = last.creator_id
CROSS JOIN activity ON activity.actor_id = own.account_id
  AND activity.at > max(coalesce(last.heard_at, last.spoke_at), coalesce(last.spoke_at, last.heard_at)) - :window_ms
CROSS JOIN person AS other ON other.account_id = activity.object_id
