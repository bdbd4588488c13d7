-- What interactions counted for the person :creator_id: each work. Index: account_creator, post_published.
SELECT post.published_at AS at, person.creator_id, coalesce(person.handle, person.name, person.uid) AS who,
  coalesce(post.kind, 'post') AS kind, person.platform AS place,
  coalesce(post.title, post.text) AS text,
  coalesce((SELECT value FROM post_snapshot WHERE post_id = post.id
            AND metric_id = (SELECT id FROM metric WHERE name = 'likes')
            ORDER BY observed_at DESC LIMIT 1), 0)
  + coalesce((SELECT value FROM post_snapshot WHERE post_id = post.id
              AND metric_id = (SELECT id FROM metric WHERE name = 'comments')
              ORDER BY observed_at DESC LIMIT 1), 0)
  + coalesce((SELECT value FROM post_snapshot WHERE post_id = post.id
              AND metric_id = (SELECT id FROM metric WHERE name = 'shares')
              ORDER BY observed_at DESC LIMIT 1), 0) AS value,
  0 AS plus_minus
FROM account AS person
CROSS JOIN post ON post.account_id = person.id
  AND post.published_at >= :window_from AND post.published_at < :window_to
WHERE person.creator_id = :creator_id
  AND (:scope = 'all' OR post.run_id IN (SELECT id FROM run WHERE source_id = :scope_id))
