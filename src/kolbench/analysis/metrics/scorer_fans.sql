-- What the profile of each of the accounts in :accounts (a JSON array) tells: whether it has a picture and a bio, when
-- it was made, and its newest counts of works, accounts followed and followers. Index: the key of account_snapshot.
SELECT account.id, account.avatar_url IS NOT NULL, account.bio IS NOT NULL, account.created_at,
  (SELECT value FROM account_snapshot WHERE account_id = account.id AND metric_id = :posts
   ORDER BY observed_at DESC LIMIT 1),
  (SELECT value FROM account_snapshot WHERE account_id = account.id AND metric_id = :following
   ORDER BY observed_at DESC LIMIT 1),
  (SELECT value FROM account_snapshot WHERE account_id = account.id AND metric_id = :followers
   ORDER BY observed_at DESC LIMIT 1)
FROM json_each(:accounts) AS wanted
CROSS JOIN account ON account.id = wanted.value
