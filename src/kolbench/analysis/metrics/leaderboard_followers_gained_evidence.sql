-- What followers_gained counted for the person :creator_id: of each account the count it began with (negative) and
-- the one it ended with; they add up to the value. Index: account_creator, the key of account_snapshot.
WITH own AS (
  SELECT account.*, (SELECT id FROM metric WHERE name = 'followers') AS metric_id
  FROM account WHERE creator_id = :creator_id
),
span AS (
  SELECT own.*,
    (SELECT max(observed_at) FROM account_snapshot
     WHERE account_id = own.id AND metric_id = own.metric_id
       AND observed_at > :window_from AND observed_at <= :window_to
       AND (:scope = 'all' OR run_id IN (SELECT id FROM run WHERE source_id = :scope_id))) AS ended_at,
    coalesce(
      (SELECT max(observed_at) FROM account_snapshot
       WHERE account_id = own.id AND metric_id = own.metric_id
         AND observed_at <= :window_from AND observed_at >= 2 * :window_from - :window_to
         AND (:scope = 'all' OR run_id IN (SELECT id FROM run WHERE source_id = :scope_id))),
      (SELECT min(observed_at) FROM account_snapshot
       WHERE account_id = own.id AND metric_id = own.metric_id
         AND observed_at > :window_from AND observed_at <= :window_to
         AND (:scope = 'all' OR run_id IN (SELECT id FROM run WHERE source_id = :scope_id)))) AS began_at
  FROM own
),
ends AS (
  SELECT span.*, began_at AS at, -1 AS sign FROM span WHERE ended_at > began_at
  UNION ALL
  SELECT span.*, ended_at, 1 FROM span WHERE ended_at > began_at
)
SELECT ends.at, ends.creator_id, coalesce(ends.handle, ends.name, ends.uid) AS who,
  'followers' AS kind, source.name AS place, ends.platform AS text, ends.sign * s.value AS value, s.plus_minus
FROM ends
CROSS JOIN account_snapshot AS s
  ON s.account_id = ends.id AND s.metric_id = ends.metric_id AND s.observed_at = ends.at
JOIN run ON run.id = s.run_id
JOIN source ON source.id = run.source_id
