-- How many people whom the brief :brief means, or about whom anything was decided for it, came from each source and
-- belong to each community, and how many of them ever got as far as each state. A person counts in every place of
-- theirs. Decisions that were taken back are not there.
WITH reached AS MATERIALIZED (
  SELECT creator_id, max(state IN ('shortlisted', 'contacted', 'agreed', 'active')) AS shortlisted,
    max(state IN ('agreed', 'active')) AS agreed, max(state = 'active') AS active
  FROM decision WHERE brief_id = :brief GROUP BY creator_id
),
seen AS MATERIALIZED (
  SELECT creator_id FROM candidate WHERE brief_id = :brief UNION SELECT creator_id FROM reached
),
places AS (
  SELECT DISTINCT 'source' AS kind, run.source_id AS place, seen.creator_id
  FROM seen JOIN account USING (creator_id) JOIN run ON run.id = account.run_id
  UNION ALL
  SELECT DISTINCT 'community', membership.community_id, seen.creator_id
  FROM seen JOIN account USING (creator_id) JOIN membership ON membership.account_id = account.id
)
SELECT kind, place,
  CASE kind WHEN 'source' THEN (SELECT name FROM source WHERE id = place)
    ELSE (SELECT coalesce(name, uid) FROM community WHERE id = place) END AS name,
  count(*) AS seen, coalesce(sum(shortlisted), 0), coalesce(sum(agreed), 0), coalesce(sum(active), 0)
FROM places LEFT JOIN reached USING (creator_id)
GROUP BY kind, place
ORDER BY kind DESC, 7 DESC, 6 DESC, 5 DESC, seen DESC, name;
