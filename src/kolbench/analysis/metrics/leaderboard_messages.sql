-- messages, version 1: how much someone said.
-- Value: messages the person sent, in the scope, from :window_from up to, not including, :window_to (ms).
-- Evidence: leaderboard_messages_evidence.sql. Index: message_sent.
WITH place AS (
  SELECT :scope_id AS community_id WHERE :scope = 'community'
  UNION ALL SELECT id FROM community WHERE :scope <> 'community'
),
sent AS (
  SELECT message.account_id, count(*) AS messages
  FROM place
  CROSS JOIN message ON message.community_id = place.community_id
    AND message.sent_at >= :window_from AND message.sent_at < :window_to
  WHERE :scope <> 'source' OR message.run_id IN (SELECT id FROM run WHERE source_id = :scope_id)
  GROUP BY message.account_id
)
SELECT person.creator_id, sum(sent.messages) AS value
FROM sent
JOIN account AS person ON person.id = sent.account_id
GROUP BY person.creator_id
