-- What :creator_id did in our communities (:ours, a JSON array of ids; empty: all there are) in each of the :windows
-- of :window_ms up to :until (ms); window 0 is the newest, and ends with :until.
-- messages: theirs. addressed: how often others mentioned, answered or thanked them, or reacted to them. people: by how
-- many. thanks: those of them that thank, in words or by a point. Not counted: themself, bots and staff.
-- Index: account_creator, message_account, activity_object.
WITH own AS MATERIALIZED (SELECT id FROM account WHERE creator_id = :creator_id),
acts AS (
  SELECT (:until - sent_at) / :window_ms AS nth, 1 AS messages, 0 AS addressed, 0 AS thanks, NULL AS other_id
  FROM own
  CROSS JOIN message ON message.account_id = own.id
    AND sent_at > :until - :windows * :window_ms AND sent_at <= :until
  WHERE json_array_length(:ours) = 0 OR community_id IN (SELECT value FROM json_each(:ours))
  UNION ALL
  SELECT (:until - activity.at) / :window_ms, 0, 1, activity.type IN ('thank', 'brownie'), actor.creator_id
  FROM own
  CROSS JOIN activity ON activity.object_id = own.id
    AND activity.at > :until - :windows * :window_ms AND activity.at <= :until
  JOIN account AS actor ON actor.id = activity.actor_id
  WHERE activity.community_id IS NOT NULL
    AND (json_array_length(:ours) = 0 OR activity.community_id IN (SELECT value FROM json_each(:ours)))
    AND actor.creator_id <> :creator_id
    AND actor.creator_id NOT IN (SELECT creator_id FROM account WHERE is_bot = 1 OR is_staff = 1)
)
SELECT nth, sum(messages), sum(addressed), count(DISTINCT other_id), sum(thanks)
FROM acts
GROUP BY nth
ORDER BY nth;
