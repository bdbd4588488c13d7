-- Which of the creators in :ids belong to a community in :ours (a JSON array; empty: any), to how many of them, and
-- since when we know it (ms). Who has left doesn't belong.
SELECT account.creator_id, count(DISTINCT community_id), min(coalesce(joined_at, first_seen_at))
FROM json_each(:ids) AS wanted
CROSS JOIN account ON account.creator_id = wanted.value
CROSS JOIN membership ON membership.account_id = account.id
WHERE left_at IS NULL
  AND (json_array_length(:ours) = 0 OR community_id IN (SELECT value FROM json_each(:ours)))
GROUP BY account.creator_id
ORDER BY account.creator_id
