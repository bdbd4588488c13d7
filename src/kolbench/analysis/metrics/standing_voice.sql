-- How many different people addressed the creators in :ids (mentioned, replied to, thanked them) in the :window_ms
-- up to the last time anybody did. Themselves and bots don't count. Members whom nobody addressed have 0.
WITH own AS (
  SELECT a.creator_id, a.id AS account_id
  FROM json_each(:ids) AS wanted
  CROSS JOIN account AS a ON a.creator_id = wanted.value
),
addressed AS (
  SELECT own.creator_id, max((SELECT max(at) FROM activity WHERE object_id = own.account_id)) AS last_at
  FROM own GROUP BY own.creator_id
)
SELECT addressed.creator_id,
  (SELECT count(DISTINCT actor.creator_id)
   FROM own
   CROSS JOIN activity ON activity.object_id = own.account_id AND activity.at > addressed.last_at - :window_ms
   JOIN account AS actor ON actor.id = activity.actor_id
   WHERE own.creator_id = addressed.creator_id AND activity.type IN ('mention', 'reply', 'thank')
     AND actor.creator_id <> addressed.creator_id AND actor.is_bot IS NOT 1) AS voice
FROM addressed
WHERE addressed.last_at IS NOT NULL
  OR EXISTS (SELECT 1 FROM own JOIN membership USING (account_id) WHERE own.creator_id = addressed.creator_id)
ORDER BY addressed.creator_id;
