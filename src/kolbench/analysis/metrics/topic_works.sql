-- Of the accounts of the creators in :ids: whose each is, and when they last published or said something, as far as that
-- is derived, else when the profile was seen, 0 where it says nothing (JSON arrays); then what each is filed under, what
-- it says about itself, its newest :posts posts, and its newest :messages messages, each kind as one text in the order of
-- the arrays. char(30) parts accounts, char(31) stands before each text, of which at most :characters are read. Works
-- without words are none, nor is a name without more a text about somebody. By account_creator, post_published,
-- message_account.
SELECT json_group_array(creator_id), json_group_array(last_at), group_concat(category, char(30)),
  group_concat(self, char(30)), group_concat(posts, char(30)), group_concat(messages, char(30))
FROM (
  SELECT a.creator_id,
    coalesce(s.last_active_at, iif(coalesce(a.bio, nullif(a.verified, 'yes'), a.category) IS NULL, 0, a.seen_at)) AS last_at,
    coalesce(char(31) || nullif(substr(iif(coalesce(a.bio, nullif(a.verified, 'yes')) IS NULL,
      coalesce(a.name || ' ', ''), '') || a.category, 1, :characters), ''), '') AS category,
    coalesce(char(31) || nullif(substr(iif(coalesce(a.bio, nullif(a.verified, 'yes')) IS NULL, '',
      coalesce(a.name || ' ', '') || coalesce(a.verified || ' ', '') || coalesce(a.bio, '')), 1, :characters), ''), '')
      AS self,
    coalesce((SELECT group_concat(text, '') FROM (
      SELECT char(31) || substr(iif(title IS NULL, text, title || ' ' || coalesce(text, '')), 1, :characters) AS text
      FROM post WHERE account_id = a.id AND (title <> '' OR text <> '')
      ORDER BY published_at DESC, id DESC LIMIT :posts)), '') AS posts,
    coalesce((SELECT group_concat(text, '') FROM (
      SELECT char(31) || substr(text, 1, :characters) AS text
      FROM message WHERE account_id = a.id AND text <> ''
      ORDER BY sent_at DESC, id DESC LIMIT :messages)), '') AS messages
  FROM json_each(:ids) AS wanted
  CROSS JOIN account AS a ON a.creator_id = wanted.value
  LEFT JOIN standing AS s ON s.creator_id = a.creator_id
);
