-- What people say in chats: an account, and its newest :texts messages as one, at most :characters of each.
-- Of the accounts of :platform (of all, where it is NULL) :tried are looked at, in an order that says nothing of them
-- and is always the same; at most :others are returned. Bots and staff are left out.
WITH tried AS MATERIALIZED (
  SELECT id FROM account
  WHERE :platform IS NULL OR platform = :platform
  ORDER BY id * 2654435761 % 4294967296, id
  LIMIT :tried
)
SELECT a.id, (SELECT group_concat(text, char(31)) FROM (
  SELECT substr(text, 1, :characters) AS text
  FROM message WHERE account_id = a.id AND text <> ''
     ORDER BY sent_at DESC, id DESC LIMIT :texts)) AS text
FROM tried
CROSS JOIN account AS a ON a.id = tried.id
WHERE a.is_bot IS NOT 1 AND a.is_staff IS NOT 1 AND EXISTS (
  SELECT 1 FROM message WHERE account_id = a.id AND text <> '')
LIMIT :others;
