-- When each account of the creators in :ids was seen last, what it is filed under, what it says about itself, and its
-- newest :posts posts and its newest :messages messages as one text each, at most :characters of each. Works without
-- words are none, nor is a name without more a text about somebody. By account_creator, post_published,
-- message_account.
SELECT a.creator_id, a.seen_at,
  substr(iif(coalesce(a.bio, nullif(a.verified, 'yes')) IS NULL, coalesce(a.name || ' ', ''), '') || a.category,
    1, :characters) AS category,
  CASE WHEN coalesce(a.bio, nullif(a.verified, 'yes')) IS NOT NULL THEN
    substr(coalesce(a.name || ' ', '') || coalesce(a.verified || ' ', '') || coalesce(a.bio, ''), 1, :characters)
  END AS self,
  (SELECT group_concat(text, char(31)) FROM (
     SELECT substr(iif(title IS NULL, text, title || ' ' || coalesce(text, '')), 1, :characters) AS text
     FROM post WHERE account_id = a.id AND (title <> '' OR text <> '')
     ORDER BY published_at DESC, id DESC LIMIT :posts)) AS posts,
  (SELECT group_concat(text, char(31)) FROM (
     SELECT substr(text, 1, :characters) AS text
     FROM message WHERE account_id = a.id AND text <> ''
     ORDER BY sent_at DESC, id DESC LIMIT :messages)) AS messages
FROM json_each(:ids) AS wanted
CROSS JOIN account AS a ON a.creator_id = wanted.value;
