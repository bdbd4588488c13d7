-- The same texts as topic_works, of one creator, one row each: what it is, its id, when, where, and its text.
SELECT 'category' AS kind, a.id, a.seen_at AS at, a.platform AS place,
  substr(iif(coalesce(a.bio, nullif(a.verified, 'yes')) IS NULL, coalesce(a.name || ' ', ''), '') || a.category,
    1, :characters) AS text
FROM account AS a WHERE a.creator_id = :creator
UNION ALL
SELECT 'self', a.id, a.seen_at, a.platform,
  CASE WHEN coalesce(a.bio, nullif(a.verified, 'yes')) IS NOT NULL THEN
    substr(coalesce(a.name || ' ', '') || coalesce(a.verified || ' ', '') || coalesce(a.bio, ''), 1, :characters) END
FROM account AS a WHERE a.creator_id = :creator
UNION ALL
SELECT 'post', p.id, p.published_at, a.platform,
  substr(coalesce(p.title || ' ', '') || coalesce(p.text, ''), 1, :characters)
FROM account AS a
CROSS JOIN post AS p ON p.id IN (
  SELECT id FROM post WHERE account_id = a.id AND (title <> '' OR text <> '')
     ORDER BY published_at DESC, id DESC LIMIT :posts)
WHERE a.creator_id = :creator
UNION ALL
SELECT 'message', m.id, m.sent_at, coalesce(c.name, c.uid), substr(m.text, 1, :characters)
FROM account AS a
CROSS JOIN message AS m ON m.id IN (
  SELECT id FROM message WHERE account_id = a.id AND text <> ''
     ORDER BY sent_at DESC, id DESC LIMIT :messages)
JOIN community AS c ON c.id = m.community_id
WHERE a.creator_id = :creator;
