-- The people in :people (a JSON array) with the followers of their largest account, the greatest first.
-- Index: account_creator, the key of account_snapshot.
SELECT creator.id, creator.name, max(
    (SELECT value FROM account_snapshot
     WHERE account_id = account.id AND metric_id = (SELECT id FROM metric WHERE name = 'followers')
     ORDER BY observed_at DESC LIMIT 1)) AS reach, max(account.seen_at)
FROM json_each(:people) AS wanted
CROSS JOIN creator ON creator.id = wanted.value
CROSS JOIN account ON account.creator_id = creator.id
GROUP BY creator.id
ORDER BY reach DESC, creator.id
LIMIT :limit
