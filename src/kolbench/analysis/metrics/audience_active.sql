-- The people who did anything (liked, answered, thanked …) towards the creators in :ids (a JSON array) in the
-- :window_ms up to the last time anybody did: on how many days (UTC), and the newest time.
-- Not counted: the person themself, bots and staff (one account so flagged makes its owner one).
-- Index: account_creator, activity_object.
WITH own AS MATERIALIZED (
  SELECT a.creator_id, a.id AS account_id, (SELECT max(at) FROM activity WHERE object_id = a.id) AS last_at
  FROM json_each(:ids) AS wanted
  CROSS JOIN account AS a ON a.creator_id = wanted.value
),
last AS (
  SELECT creator_id, max(last_at) AS at FROM own GROUP BY creator_id HAVING max(last_at) IS NOT NULL
)
SELECT own.creator_id, actor.creator_id AS person_id, count(DISTINCT activity.at / 86400000) AS days,
  max(activity.at) AS at, activity.id
FROM last
CROSS JOIN own ON own.creator_id = last.creator_id
CROSS JOIN activity ON activity.object_id = own.account_id AND activity.at > last.at - :window_ms
JOIN account AS actor ON actor.id = activity.actor_id
WHERE actor.creator_id <> own.creator_id
  AND actor.creator_id NOT IN (SELECT creator_id FROM account WHERE is_bot = 1 OR is_staff = 1)
GROUP BY own.creator_id, actor.creator_id
