-- Every account known to follow one of the creators in :ids (a JSON array), with the person behind it, since when that
-- is known, and what its profile tells; the creators in the order of :ids. Not counted: the person themself, bots and staff (one account so
-- flagged makes its owner one). Index: account_creator, the key of follow_edge.
SELECT own.creator_id, follower.creator_id AS person_id, edge.follower_id, edge.first_seen_at,
  follower.avatar_url IS NOT NULL, follower.bio IS NOT NULL, follower.created_at
FROM json_each(:ids) AS wanted
CROSS JOIN account AS own ON own.creator_id = wanted.value
CROSS JOIN follow_edge AS edge ON edge.account_id = own.id
JOIN account AS follower ON follower.id = edge.follower_id
WHERE follower.creator_id <> own.creator_id
  AND follower.creator_id NOT IN (SELECT creator_id FROM account WHERE is_bot = 1 OR is_staff = 1)
