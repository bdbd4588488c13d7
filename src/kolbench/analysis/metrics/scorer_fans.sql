-- The newest counts of works, accounts followed and followers of each of the accounts in :accounts (a JSON array).
-- Index: the key of account_snapshot.
SELECT wanted.value,
  (SELECT value FROM account_snapshot WHERE account_id = wanted.value AND metric_id = :posts
   ORDER BY observed_at DESC LIMIT 1),
  (SELECT value FROM account_snapshot WHERE account_id = wanted.value AND metric_id = :following
   ORDER BY observed_at DESC LIMIT 1),
  (SELECT value FROM account_snapshot WHERE account_id = wanted.value AND metric_id = :followers
   ORDER BY observed_at DESC LIMIT 1)
FROM json_each(:accounts) AS wanted
