-- The creators towards whom anybody did anything. Goes from one account to the next instead of over all activities.
-- Index: activity_object.
WITH RECURSIVE engaging (account_id) AS (
  SELECT min(object_id) FROM activity
  UNION ALL
  SELECT (SELECT min(object_id) FROM activity WHERE object_id > engaging.account_id)
  FROM engaging WHERE account_id IS NOT NULL
)
SELECT DISTINCT creator_id FROM engaging CROSS JOIN account ON account.id = engaging.account_id ORDER BY creator_id
