-- Those of the accounts in :accounts (a JSON array) whose followers were counted more than :enough times in the
-- :window_ms up to the newest count, and when that was. Index: the key of account_snapshot, of which at most :enough
-- rows an account are walked over.
WITH seen AS (
  SELECT wanted.value AS account_id,
    (SELECT observed_at FROM account_snapshot
     WHERE account_id = wanted.value AND metric_id = (SELECT id FROM metric WHERE name = 'followers')
     ORDER BY observed_at DESC LIMIT 1) AS last_at,
    (SELECT observed_at FROM account_snapshot
     WHERE account_id = wanted.value AND metric_id = (SELECT id FROM metric WHERE name = 'followers')
     ORDER BY observed_at DESC LIMIT 1 OFFSET :enough) AS enough_at
  FROM json_each(:accounts) AS wanted
)
SELECT account_id, last_at
FROM seen
WHERE enough_at > last_at - :window_ms
