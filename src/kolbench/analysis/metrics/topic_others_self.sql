-- What people say about themselves: an account, and its name, category and bio.
-- Of the accounts of :platform (of all, where it is NULL) :tried are looked at, in an order that says nothing of them
-- and is always the same; at most :others are returned. Bots and staff are left out.
WITH tried AS MATERIALIZED (
  SELECT id FROM account
  WHERE :platform IS NULL OR platform = :platform
  ORDER BY id * 2654435761 % 4294967296, id
  LIMIT :tried
)
SELECT a.id, substr(coalesce(a.name || ' ', '') || coalesce(a.category || ' ', '') || coalesce(a.verified || ' ', '')
    || coalesce(a.bio, ''), 1, :characters) AS text
FROM tried
CROSS JOIN account AS a ON a.id = tried.id
WHERE coalesce(a.bio, a.category, nullif(a.verified, 'yes')) IS NOT NULL AND a.is_bot IS NOT 1 AND a.is_staff IS NOT 1
LIMIT :others;
