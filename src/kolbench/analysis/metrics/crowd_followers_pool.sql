-- The creators who have any followers that are known. Goes from one followed account to the next instead of over all
-- ties. Index: the key of follow_edge.
WITH RECURSIVE followed (account_id) AS (
  SELECT min(account_id) FROM follow_edge
  UNION ALL
  SELECT (SELECT min(follow_edge.account_id) FROM follow_edge WHERE follow_edge.account_id > followed.account_id)
  FROM followed WHERE account_id IS NOT NULL
)
SELECT DISTINCT creator_id FROM followed CROSS JOIN account ON account.id = followed.account_id ORDER BY creator_id
