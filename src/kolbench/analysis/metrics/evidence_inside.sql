-- The memberships behind scorer_inside.sql of the creator in :ids, each community once, the oldest first.
SELECT min(coalesce(joined_at, first_seen_at)) AS at,
  community.platform || ' · ' || coalesce(community.name, community.uid), 1, 'community', community.id
FROM json_each(:ids) AS wanted
CROSS JOIN account ON account.creator_id = wanted.value
CROSS JOIN membership ON membership.account_id = account.id
JOIN community ON community.id = membership.community_id
WHERE left_at IS NULL
  AND (json_array_length(:ours) = 0 OR community_id IN (SELECT value FROM json_each(:ours)))
GROUP BY community.id
ORDER BY at, community.id
LIMIT :limit
