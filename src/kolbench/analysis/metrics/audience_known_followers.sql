-- Every account known to follow one of the creators in :ids (a JSON array), with since when that is known and the person
-- behind it; the creators in the order of :ids. Not counted: the person themself, bots and staff (one account so
-- flagged makes its owner one). Index: account_creator, the key of follow_edge.
SELECT own.creator_id, edge.first_seen_at, edge.follower_id, follower.creator_id AS person_id
FROM json_each(:ids) AS wanted
CROSS JOIN account AS own ON own.creator_id = wanted.value
CROSS JOIN follow_edge AS edge ON edge.account_id = own.id
CROSS JOIN person AS follower ON follower.account_id = edge.follower_id
WHERE follower.creator_id <> own.creator_id AND follower.counted
