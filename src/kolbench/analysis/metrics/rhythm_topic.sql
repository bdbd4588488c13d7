-- What people said and published on any topic from :start up to :stop, as in rhythm_talk.sql, each with its text;
-- on_topic(text) says what is. A work has the likes, comments and shares that were counted last, NULL where none were.
WITH uncounted AS MATERIALIZED (SELECT creator_id FROM account WHERE is_bot = 1 OR is_staff = 1)
SELECT m.sent_at, m.account_id, a.creator_id, m.community_id, instr(m.text, '?') > 0 OR instr(m.text, '？') > 0, NULL,
  m.text
FROM message AS m
CROSS JOIN account AS a ON a.id = m.account_id
WHERE m.sent_at >= :start AND m.sent_at < :stop AND on_topic(m.text) AND a.creator_id NOT IN uncounted
UNION ALL
SELECT p.published_at, p.account_id, a.creator_id, NULL, 0,
  (SELECT sum(value) FROM post_snapshot AS s JOIN metric ON metric.id = s.metric_id
   WHERE s.post_id = p.id AND metric.name IN ('likes', 'comments', 'shares') AND s.observed_at =
     (SELECT max(observed_at) FROM post_snapshot WHERE post_id = p.id AND metric_id = s.metric_id)),
  coalesce(p.title, '') || char(31) || coalesce(p.text, '')
FROM post AS p
CROSS JOIN account AS a ON a.id = p.account_id
WHERE p.published_at >= :start AND p.published_at < :stop
  AND on_topic(coalesce(p.title, '') || char(31) || coalesce(p.text, '')) AND a.creator_id NOT IN uncounted;
