-- Follow-up "stale data": people in :ids (a JSON array) whose newest counter was observed before :before, with the
-- source that brought it, and whether somebody imported it. People without counters are not stale.
-- Index: account_creator, and the key of account_snapshot once for each account and metric.
WITH latest AS (
  SELECT wanted.key AS place, a.creator_id, a.id AS account_id, metric.id AS metric_id,
    (SELECT max(observed_at) FROM account_snapshot
     WHERE account_id = a.id AND metric_id = metric.id) AS observed_at
  FROM json_each(:ids) AS wanted
  CROSS JOIN account AS a ON a.creator_id = wanted.value
  CROSS JOIN metric
),
newest AS MATERIALIZED (
  SELECT latest.*, row_number() OVER (
    PARTITION BY creator_id ORDER BY observed_at DESC, account_id, metric_id) AS nth
  FROM latest
  WHERE observed_at IS NOT NULL
)
SELECT newest.creator_id, newest.observed_at, source.name AS source,
  run.kind <> 'sync' AS by_hand
FROM newest
CROSS JOIN account_snapshot AS s
  ON s.account_id = newest.account_id AND s.metric_id = newest.metric_id AND s.observed_at = newest.observed_at
JOIN run ON run.id = s.run_id
JOIN source ON source.id = run.source_id
WHERE newest.nth = 1 AND newest.observed_at < :before
ORDER BY newest.place;
