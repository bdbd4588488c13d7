-- What authority rests on, for everybody on :platform of whom the metric :reach was counted by :as_of (ms): the
-- newest count of each account, added up, and how many different people in the store follow any of the accounts.
-- Not counted: bots and staff (one account so flagged makes its owner one); among followers, oneself and bots.
-- Index: the keys of account_snapshot and follow_edge.
WITH own AS (
  SELECT account.id, account.creator_id,
    (SELECT value FROM account_snapshot
     WHERE account_id = account.id AND metric_id = (SELECT id FROM metric WHERE name = :reach)
       AND observed_at <= :as_of
     ORDER BY observed_at DESC LIMIT 1) AS reach
  FROM account
  WHERE account.platform = :platform
    AND account.creator_id NOT IN (SELECT creator_id FROM account WHERE is_bot = 1 OR is_staff = 1)
),
known AS (
  SELECT creator_id, sum(reach) AS reach FROM own GROUP BY creator_id HAVING sum(reach) IS NOT NULL
),
following AS (
  SELECT own.creator_id, count(DISTINCT follower.creator_id) AS peers
  FROM own
  CROSS JOIN follow_edge ON follow_edge.account_id = own.id AND follow_edge.first_seen_at <= :as_of
  JOIN account AS follower ON follower.id = follow_edge.follower_id
  WHERE follower.creator_id <> own.creator_id AND follower.is_bot IS NOT 1
  GROUP BY own.creator_id
)
SELECT known.creator_id, known.reach, coalesce(following.peers, 0) AS peers
FROM known
LEFT JOIN following ON following.creator_id = known.creator_id
ORDER BY known.creator_id
