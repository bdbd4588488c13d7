-- The people who did anything towards the creators in :ids (liked, answered, passed on …) from :window_from up to,
-- not including, :window_to (ms): creator and person. Not counted: the person themself and bots.
-- Index: account_creator, activity_object.
SELECT DISTINCT own.creator_id, actor.creator_id AS person_id
FROM json_each(:ids) AS wanted
CROSS JOIN account AS own ON own.creator_id = wanted.value
CROSS JOIN activity ON activity.object_id = own.id
  AND activity.at >= :window_from AND activity.at < :window_to
JOIN account AS actor ON actor.id = activity.actor_id
WHERE actor.creator_id <> own.creator_id AND actor.is_bot IS NOT 1
ORDER BY own.creator_id, person_id
