-- The audience of each account of the creators in :ids (a JSON array): who is known to follow it, and who did anything
-- towards it in the :window_ms up to the last time anybody did so towards the account. Not counted: the person themself,
-- bots and staff (one account so flagged makes its owner one).
-- Index: account_creator, the key of follow_edge, activity_object.
WITH own AS (
  SELECT a.creator_id, a.id AS account_id
  FROM json_each(:ids) AS wanted
  CROSS JOIN account AS a ON a.creator_id = wanted.value
),
tie AS (
  SELECT own.creator_id, own.account_id, follow_edge.follower_id AS person_account_id
  FROM own CROSS JOIN follow_edge ON follow_edge.account_id = own.account_id
  UNION
  SELECT own.creator_id, own.account_id, activity.actor_id
  FROM own
  CROSS JOIN activity ON activity.object_id = own.account_id
    AND activity.at > (SELECT max(at) FROM activity WHERE object_id = own.account_id) - :window_ms
)
SELECT DISTINCT tie.account_id, person.creator_id
FROM tie
JOIN account AS person ON person.id = tie.person_account_id
WHERE person.creator_id <> tie.creator_id
  AND person.creator_id NOT IN (SELECT creator_id FROM account WHERE is_bot = 1 OR is_staff = 1)
