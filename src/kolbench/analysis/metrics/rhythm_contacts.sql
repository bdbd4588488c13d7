-- Who addressed the authors of :works, a JSON array of [account, when, community or null], within :patience_ms after:
-- the work's place in the array, the person, and when. Of works in a community, what was done there. Walks
-- activity_object.
SELECT works.key, actor.creator_id, activity.at
FROM json_each(:works) AS works
CROSS JOIN activity ON activity.object_id = works.value ->> 0
  AND activity.at > works.value ->> 1 AND activity.at <= (works.value ->> 1) + :patience_ms
JOIN account AS author ON author.id = works.value ->> 0
JOIN account AS actor ON actor.id = activity.actor_id
WHERE (works.value ->> 2 IS NULL OR activity.community_id = works.value ->> 2)
  AND actor.creator_id <> author.creator_id
  AND actor.creator_id NOT IN (SELECT creator_id FROM account WHERE is_bot = 1 OR is_staff = 1);
