-- The newest count of each metric in :metrics on each account in :accounts (JSON arrays), where there is one.
-- Index: the key of account_snapshot.
SELECT account.value AS account_id, metric.value AS metric_id, snapshot.value, snapshot.observed_at
FROM json_each(:accounts) AS account
CROSS JOIN json_each(:metrics) AS metric
CROSS JOIN account_snapshot AS snapshot
  ON snapshot.account_id = account.value AND snapshot.metric_id = metric.value AND snapshot.observed_at = (
    SELECT max(observed_at) FROM account_snapshot WHERE account_id = account.value AND metric_id = metric.value)
ORDER BY account_id, metric_id
