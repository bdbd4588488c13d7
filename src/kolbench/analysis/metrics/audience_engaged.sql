-- The accounts that did anything towards any account of :creator_id (liked, answered, passed on …) from :start up to,
-- not including, :stop (ms), once or oftener. Where :below is given, only those of the sample: whose hash is below it
-- (Crowd in crowd.py), and those in :besides. Index: account_creator, activity_object.
SELECT actor_id
FROM account AS own
CROSS JOIN activity ON activity.object_id = own.id AND activity.at >= :start AND activity.at < :stop
WHERE own.creator_id = :creator_id AND (
  :below IS NULL
  OR ((1640531527 * (actor_id % 2147483647) + 97531) % 2147483647 * (actor_id % 2147483647) + 12345701)
    % 2147483647 < :below
  OR actor_id IN (SELECT value FROM json_each(:besides))
)
