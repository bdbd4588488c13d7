-- followers_gained, version 1: how many followers someone won.
-- Value, added up over the person's accounts: the newest follower count of the window (to :window_to, ms), minus the one
-- they began with: the newest at or before :window_from if it is no older than one more window, else the first
-- inside the window. An account with one count only is left out: it says nothing of growth.
-- For a source: counts which that source brought.
-- Evidence: leaderboard_followers_gained_evidence.sql. Index: the key of account_snapshot, account_creator, account_uid.
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
       AND observed_at > :window_from AND observed_at <= :window_to
       AND (:scope = 'all' OR run_id IN (SELECT id FROM run WHERE source_id = :scope_id))
     ORDER BY observed_at DESC LIMIT 1) AS ended_with,
    coalesce(
      (SELECT value FROM account_snapshot
       WHERE account_id = own.id AND metric_id = (SELECT id FROM metric WHERE name = 'followers')
         AND observed_at <= :window_from AND observed_at >= 2 * :window_from - :window_to
         AND (:scope = 'all' OR run_id IN (SELECT id FROM run WHERE source_id = :scope_id))
       ORDER BY observed_at DESC LIMIT 1),
      (SELECT value FROM account_snapshot
       WHERE account_id = own.id AND metric_id = (SELECT id FROM metric WHERE name = 'followers')
         AND observed_at > :window_from AND observed_at <= :window_to
         AND (:scope = 'all' OR run_id IN (SELECT id FROM run WHERE source_id = :scope_id))
       ORDER BY observed_at LIMIT 1)) AS began_with
  FROM own
)
SELECT creator_id, sum(ended_with - began_with) AS value
FROM counted
GROUP BY creator_id
