-- The texts of the accounts of the creators in :creators, the first :accounts of them: about themselves, the newest
-- :texts posts, the newest :texts messages, at most :characters of each.
-- By account_creator, post_published, message_account.
SELECT a.id, a.platform,
  CASE WHEN coalesce(a.bio, a.category, nullif(a.verified, 'yes')) IS NOT NULL THEN
    substr(coalesce(a.name || ' ', '') || coalesce(a.category || ' ', '') || coalesce(a.verified || ' ', '')
      || coalesce(a.bio, ''), 1, :characters) END AS self,
  (SELECT group_concat(text, char(31)) FROM (
     SELECT substr(coalesce(title || ' ', '') || coalesce(text, ''), 1, :characters) AS text
     FROM post WHERE account_id = a.id AND (title <> '' OR text <> '')
     ORDER BY published_at DESC, id DESC LIMIT :texts)) AS posts,
  (SELECT group_concat(text, char(31)) FROM (
     SELECT substr(text, 1, :characters) AS text
     FROM message WHERE account_id = a.id AND text <> ''
     ORDER BY sent_at DESC, id DESC LIMIT :texts)) AS messages
FROM json_each(:creators) AS wanted
CROSS JOIN account AS a ON a.creator_id = wanted.value
ORDER BY a.id
LIMIT :accounts;
