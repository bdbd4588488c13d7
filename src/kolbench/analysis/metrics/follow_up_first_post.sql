-- Follow-up "first post": the first work of people with whom an agreement is in force, or who are agreed or active for a
-- live brief, since they first signed or agreed (since_at), where it came out from :first to :now and got no traffic
-- from us since it came out: no push or pin that stands in the ledger, no playbook item "traffic" marked as done.
-- Counts are each by its newest snapshot; NULL: not known.
-- Index: agreement_event_agreement, decision_working, decision_brief, account_creator, post_published,
-- incentive_entry_creator, and the keys of follow_up and post_snapshot for each work.
WITH working AS (
  SELECT agreement.creator_id
  FROM agreement
  JOIN agreement_event AS event ON event.id = (
    SELECT max(id) FROM agreement_event AS other WHERE other.agreement_id = agreement.id AND other.undone_at IS NULL)
  WHERE event.state IN ('signed', 'renewed')
  UNION
  SELECT decision.creator_id
  FROM decision
  JOIN brief ON brief.id = decision.brief_id AND brief.archived_at IS NULL
  WHERE decision.state IN ('agreed', 'active') AND decision.id = (
    SELECT max(id) FROM decision AS other
    WHERE other.brief_id = decision.brief_id AND other.creator_id = decision.creator_id)
),
begun AS MATERIALIZED (
  SELECT creator_id, min(
    coalesce((SELECT min(at) FROM agreement_event AS event
      WHERE event.creator_id = working.creator_id AND state = 'signed' AND undone_at IS NULL), :now),
    coalesce((SELECT min(at) FROM decision
      WHERE decision.creator_id = working.creator_id AND state IN ('agreed', 'active')), :now)) AS since_at
  FROM working
),
first_of_account AS (
  SELECT begun.creator_id, begun.since_at,
    (SELECT id FROM post WHERE account_id = account.id AND published_at > begun.since_at AND published_at <= :now
     ORDER BY published_at LIMIT 1) AS post_id
  FROM begun
  CROSS JOIN account ON account.creator_id = begun.creator_id
),
first_post AS MATERIALIZED (
  SELECT found.creator_id, found.since_at, found.post_id, min(post.published_at) AS published_at
  FROM first_of_account AS found
  CROSS JOIN post ON post.id = found.post_id
  GROUP BY found.creator_id
)
SELECT creator_id, since_at, post_id, first_post.published_at,
  coalesce(nullif(post.title, ''), substr(post.text, 1, 200), post.uid) AS title, post.url,
  (SELECT value FROM post_snapshot WHERE post_id = post.id
   AND metric_id = (SELECT id FROM metric WHERE name = 'views') ORDER BY observed_at DESC LIMIT 1) AS views,
  (SELECT value FROM post_snapshot WHERE post_id = post.id
   AND metric_id = (SELECT id FROM metric WHERE name = 'likes') ORDER BY observed_at DESC LIMIT 1) AS likes,
  (SELECT value FROM post_snapshot WHERE post_id = post.id
   AND metric_id = (SELECT id FROM metric WHERE name = 'comments') ORDER BY observed_at DESC LIMIT 1) AS comments,
  (SELECT value FROM post_snapshot WHERE post_id = post.id
   AND metric_id = (SELECT id FROM metric WHERE name = 'shares') ORDER BY observed_at DESC LIMIT 1) AS shares
FROM first_post
CROSS JOIN post ON post.id = first_post.post_id
WHERE first_post.published_at >= :first
  AND NOT EXISTS (
    SELECT 1 FROM incentive_entry AS entry
    WHERE entry.creator_id = first_post.creator_id AND entry.at >= first_post.published_at
      AND entry.kind IN ('push', 'pin') AND entry.amount > 0
      AND NOT EXISTS (SELECT 1 FROM incentive_entry AS back WHERE back.reversal_of = entry.id))
  AND NOT EXISTS (
    SELECT 1 FROM follow_up
    WHERE follow_up.creator_id = first_post.creator_id AND rule = 'playbook' AND state = 'done'
      AND closed_at >= first_post.published_at AND cause LIKE '%:traffic')
ORDER BY first_post.published_at, creator_id;
