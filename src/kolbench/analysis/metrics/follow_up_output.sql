-- Follow-up "output falling": works of the people in :signed, a JSON array of [agreement_id, creator_id, signed_at].
-- A work is a post that was published or a message that was sent. before: in the :window_ms up to signed_at. since:
-- from then until known_until, the newest message of the communities they belong to, or the newest post of a source of
-- theirs by them or by the people in :watched (a JSON array), up to :now. A record that ends says nothing about later.
-- Left out: who signed less than :least_ms before known_until.
-- Index: account_creator, post_published, message_account, membership_account, message_sent.
WITH deal AS MATERIALIZED (
  SELECT value ->> 0 AS agreement_id, value ->> 1 AS creator_id, value ->> 2 AS signed_at
  FROM json_each(:signed)
),
own AS MATERIALIZED (
  SELECT deal.agreement_id, deal.signed_at, a.id AS account_id
  FROM deal
  CROSS JOIN account AS a ON a.creator_id = deal.creator_id
),
everybody AS (
  SELECT creator_id FROM deal UNION SELECT value FROM json_each(:watched)
),
newest AS MATERIALIZED (
  SELECT a.id AS account_id,
    (SELECT id FROM post WHERE account_id = a.id AND published_at <= :now
     ORDER BY published_at DESC LIMIT 1) AS post_id
  FROM everybody
  CROSS JOIN account AS a ON a.creator_id = everybody.creator_id
),
published AS MATERIALIZED (
  SELECT newest.account_id, post.published_at, run.source_id
  FROM newest
  CROSS JOIN post ON post.id = newest.post_id
  JOIN run ON run.id = post.run_id
),
source_until AS MATERIALIZED (
  SELECT source_id, max(published_at) AS at FROM published GROUP BY source_id
),
known AS (
  SELECT own.agreement_id,
    (SELECT max(sent_at) FROM message WHERE community_id = membership.community_id AND sent_at <= :now) AS at
  FROM own
  CROSS JOIN membership ON membership.account_id = own.account_id AND membership.left_at IS NULL
  UNION ALL
  SELECT own.agreement_id, source_until.at
  FROM own
  JOIN published ON published.account_id = own.account_id
  JOIN source_until ON source_until.source_id = published.source_id
),
until AS MATERIALIZED (
  SELECT agreement_id, max(at) AS known_until FROM known GROUP BY agreement_id
),
counted AS (
  SELECT own.agreement_id,
    sum((SELECT count(*) FROM post WHERE account_id = own.account_id
         AND published_at > own.signed_at - :window_ms AND published_at <= own.signed_at)
      + (SELECT count(*) FROM message WHERE account_id = own.account_id
         AND sent_at > own.signed_at - :window_ms AND sent_at <= own.signed_at)) AS before,
    sum((SELECT count(*) FROM post WHERE account_id = own.account_id
         AND published_at > own.signed_at AND published_at <= until.known_until)
      + (SELECT count(*) FROM message WHERE account_id = own.account_id
         AND sent_at > own.signed_at AND sent_at <= until.known_until)) AS since
  FROM own
  JOIN until ON until.agreement_id = own.agreement_id
  GROUP BY own.agreement_id
)
SELECT deal.agreement_id, deal.creator_id, deal.signed_at, until.known_until, counted.before, counted.since
FROM deal
JOIN until ON until.agreement_id = deal.agreement_id
JOIN counted ON counted.agreement_id = deal.agreement_id
WHERE until.known_until - deal.signed_at >= :least_ms
ORDER BY deal.agreement_id;
