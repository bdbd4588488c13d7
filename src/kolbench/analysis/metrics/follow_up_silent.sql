-- Follow-up "silent": people in :ids (a JSON array) who have been silent for longer than is usual for them.
-- A day is active when they sent a message or published a post on it (UTC), within the :window_ms up to their last.
-- usual: the 95th percentile (nearest rank) of their own gaps between active days, in days.
-- known_until: the newest message of the communities they belong to, or the newest post, by any of these people, that
-- came from a source of theirs. Silence is measured up to then and not to now: a record that ends says nothing about later.
-- days: from the day of their last act to the day of known_until.
-- Silent: days > usual, days >= :least_days, days <= :most_days (longer is lapsed), and at least :least_acts active days.
-- Index: message_account, post_published, membership_account, message_sent.
WITH own AS MATERIALIZED (
  SELECT a.creator_id, a.id AS account_id,
    (SELECT max(sent_at) FROM message WHERE account_id = a.id) AS said_at,
    (SELECT id FROM post WHERE account_id = a.id AND published_at IS NOT NULL
     ORDER BY published_at DESC LIMIT 1) AS last_post_id
  FROM json_each(:ids) AS wanted
  CROSS JOIN account AS a ON a.creator_id = wanted.value
),
published AS MATERIALIZED (
  SELECT own.creator_id, post.published_at, run.source_id
  FROM own
  CROSS JOIN post ON post.id = own.last_post_id
  JOIN run ON run.id = post.run_id
),
last AS MATERIALIZED (
  SELECT creator_id, max(at) AS last_at
  FROM (SELECT creator_id, said_at AS at FROM own UNION ALL SELECT creator_id, published_at FROM published)
  WHERE at IS NOT NULL
  GROUP BY creator_id
),
heard AS MATERIALIZED (
  SELECT community_id, (SELECT max(sent_at) FROM message WHERE community_id = theirs.community_id) AS at
  FROM (SELECT DISTINCT membership.community_id
        FROM own CROSS JOIN membership ON membership.account_id = own.account_id AND membership.left_at IS NULL) AS theirs
),
read AS MATERIALIZED (
  SELECT source_id, max(published_at) AS at FROM published GROUP BY source_id
),
known AS (
  SELECT own.creator_id, heard.at
  FROM own
  CROSS JOIN membership ON membership.account_id = own.account_id AND membership.left_at IS NULL
  JOIN heard ON heard.community_id = membership.community_id
  UNION ALL
  SELECT published.creator_id, read.at
  FROM published
  JOIN read ON read.source_id = published.source_id
),
until AS MATERIALIZED (
  SELECT last.creator_id, last.last_at, max(known.at) AS known_until,
    max(known.at) / 86400000 - last.last_at / 86400000 AS days
  FROM last
  JOIN known USING (creator_id)
  GROUP BY last.creator_id
),
active AS (
  SELECT until.creator_id, message.sent_at / 86400000 AS day
  FROM until
  CROSS JOIN own ON own.creator_id = until.creator_id
  CROSS JOIN message ON message.account_id = own.account_id AND message.sent_at > until.last_at - :window_ms
  WHERE until.days BETWEEN :least_days AND :most_days
  UNION
  SELECT until.creator_id, post.published_at / 86400000
  FROM until
  CROSS JOIN own ON own.creator_id = until.creator_id
  CROSS JOIN post ON post.account_id = own.account_id AND post.published_at > until.last_at - :window_ms
  WHERE until.days BETWEEN :least_days AND :most_days
),
gaps AS (
  SELECT creator_id, day - lag(day) OVER (PARTITION BY creator_id ORDER BY day) AS gap
  FROM active
),
placed AS (
  SELECT creator_id, gap,
    row_number() OVER (PARTITION BY creator_id ORDER BY gap) AS place,
    count(*) OVER (PARTITION BY creator_id) AS gaps
  FROM gaps
  WHERE gap IS NOT NULL
),
usual AS (
  SELECT creator_id, min(gap) AS usual, max(gaps) + 1 AS active_days
  FROM placed
  WHERE place * 100 >= gaps * 95
  GROUP BY creator_id
)
SELECT until.creator_id, until.last_at, until.known_until, until.days, usual.usual, usual.active_days
FROM until
JOIN usual USING (creator_id)
WHERE until.days > usual.usual AND usual.active_days >= :least_acts
ORDER BY until.days, until.creator_id;
