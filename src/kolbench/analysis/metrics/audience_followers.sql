-- The followers of the creators in :ids, known by :as_of (ms): creator and follower, both people and not accounts.
-- Not counted: the person themself and bots. Index: account_creator, the key of follow_edge.
SELECT DISTINCT own.creator_id, follower.creator_id AS person_id
FROM json_each(:ids) AS wanted
CROSS JOIN account AS own ON own.creator_id = wanted.value
CROSS JOIN follow_edge ON follow_edge.account_id = own.id AND follow_edge.first_seen_at <= :as_of
JOIN account AS follower ON follower.id = follow_edge.follower_id
WHERE follower.creator_id <> own.creator_id AND follower.is_bot IS NOT 1
ORDER BY own.creator_id, person_id
