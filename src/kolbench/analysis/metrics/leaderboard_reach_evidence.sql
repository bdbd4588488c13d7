-- What reach counted for the person :creator_id: one follower count an account, and when it was observed.
-- Index: account_creator, the key of account_snapshot.
SELECT s.observed_at AS at, person.creator_id, coalesce(person.handle, person.name, person.uid) AS who,
  'followers' AS kind, source.name AS place, person.platform AS text, s.value, s.plus_minus
FROM account AS person
CROSS JOIN account_snapshot AS s ON s.account_id = person.id
  AND s.metric_id = (SELECT id FROM metric WHERE name = 'followers')
  AND s.observed_at = (
    SELECT max(observed_at) FROM account_snapshot
    WHERE account_id = person.id AND metric_id = s.metric_id AND observed_at <= :window_to
      AND (:scope = 'all' OR run_id IN (SELECT id FROM run WHERE source_id = :scope_id)))
JOIN run ON run.id = s.run_id
JOIN source ON source.id = run.source_id
WHERE person.creator_id = :creator_id
