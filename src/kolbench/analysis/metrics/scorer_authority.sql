-- The views of those accounts in :accounts (a JSON array) on which they are counted: the newest count of each.
-- Index: the key of account_snapshot.
SELECT wanted.value AS account_id, snapshot.value, snapshot.observed_at
FROM json_each(:accounts) AS wanted
CROSS JOIN account_snapshot AS snapshot ON snapshot.account_id = wanted.value AND snapshot.metric_id = :views
  AND snapshot.observed_at = (
    SELECT max(observed_at) FROM account_snapshot WHERE account_id = wanted.value AND metric_id = :views)
