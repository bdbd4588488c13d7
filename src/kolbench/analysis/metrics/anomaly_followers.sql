-- The follower counts of the account :account_id observed from :window_from up to, not including, :window_to (ms).
-- Index: the key of account_snapshot.
SELECT observed_at, value, plus_minus
FROM account_snapshot
WHERE account_id = :account_id AND metric_id = (SELECT id FROM metric WHERE name = 'followers')
  AND observed_at >= :window_from AND observed_at < :window_to
ORDER BY observed_at
