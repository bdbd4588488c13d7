-- reach, version 1: how many follow someone.
-- Value: the newest follower count of each of the person's accounts at or before :window_to (ms), added up; somebody
-- who follows two of them counts twice. For a source: counts which that source brought.
-- Evidence: leaderboard_reach_evidence.sql. Index: the key of account_snapshot, account_creator, account_uid.
WITH own AS (
  SELECT creator_id, id FROM account WHERE :scope = 'all'
  UNION ALL
  SELECT creator_id, id FROM account
  WHERE :scope = 'source' AND platform = (SELECT platform FROM source WHERE id = :scope_id)
),
counted AS (
  SELECT own.creator_id,
    (SELECT value FROM account_snapshot
     WHERE account_id = own.id AND metric_id = (SELECT id FROM metric WHERE name = 'followers')
       AND observed_at <= :window_to
       AND (:scope = 'all' OR run_id IN (SELECT id FROM run WHERE source_id = :scope_id))
     ORDER BY observed_at DESC LIMIT 1) AS followers
  FROM own
)
SELECT creator_id, sum(followers) AS value
FROM counted
GROUP BY creator_id
