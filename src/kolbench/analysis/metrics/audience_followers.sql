-- The accounts known before :stop (ms) to follow any account of :creator_id; a few are named twice. Where :below is
-- given, only those of the sample: whose hash is below it (Crowd in crowd.py), and those in :besides.
-- Index: account_creator, the key of follow_edge.
SELECT follower_id
FROM account AS own
CROSS JOIN follow_edge ON follow_edge.account_id = own.id AND first_seen_at < :stop
WHERE own.creator_id = :creator_id AND (
  :below IS NULL
  OR ((1640531527 * (follower_id % 2147483647) + 97531) % 2147483647 * (follower_id % 2147483647) + 12345701)
    % 2147483647 < :below
  OR follower_id IN (SELECT value FROM json_each(:besides))
)
