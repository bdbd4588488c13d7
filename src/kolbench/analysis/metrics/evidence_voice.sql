-- The people behind the voice of the creator in :ids (voices in people.py): each once, by the newest time at which
-- they mentioned, answered or thanked them; the newest first.
WITH own AS (
  SELECT a.creator_id, a.id AS account_id
  FROM json_each(:ids) AS wanted
  CROSS JOIN account AS a ON a.creator_id = wanted.value
),
last AS (
  SELECT max((SELECT max(at) FROM activity WHERE object_id = own.account_id)) AS at FROM own
)
SELECT max(activity.at) AS at, creator.name, activity.type, activity.id
FROM last
CROSS JOIN own
CROSS JOIN activity ON activity.object_id = own.account_id AND activity.at > last.at - :window_ms
JOIN account AS actor ON actor.id = activity.actor_id
JOIN creator ON creator.id = actor.creator_id
WHERE activity.type IN ('mention', 'reply', 'thank')
  AND actor.creator_id <> own.creator_id AND actor.is_bot IS NOT 1
GROUP BY actor.creator_id
ORDER BY at DESC, activity.id
LIMIT :limit
