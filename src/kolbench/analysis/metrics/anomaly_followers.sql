-- The follower counts of the account :account_id observed from :window_from up to, not including, :window_to (ms): the
-- first of each :finest ms, for a series may be counted each second. Index: the key of account_snapshot.
SELECT min(observed_at) AS observed_at, value, plus_minus
FROM account_snapshot
WHERE account_id = :account_id AND metric_id = (SELECT id FROM metric WHERE name = 'followers')
  AND observed_at >= :window_from AND observed_at < :window_to
GROUP BY observed_at / :finest
ORDER BY observed_at
