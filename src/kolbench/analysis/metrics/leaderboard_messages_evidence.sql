-- What messages counted for the person :creator_id: each message. Index: account_creator, message_account.
SELECT message.sent_at AS at, creator.id AS creator_id, creator.name AS who, 'message' AS kind,
  coalesce(community.name, community.uid) AS place, message.text, 1 AS value, 0 AS plus_minus
FROM creator
CROSS JOIN account AS person ON person.creator_id = creator.id
CROSS JOIN message ON message.account_id = person.id
  AND message.sent_at >= :window_from AND message.sent_at < :window_to
JOIN community ON community.id = message.community_id
WHERE creator.id = :creator_id
  AND (:scope <> 'community' OR message.community_id = :scope_id)
  AND (:scope <> 'source' OR message.run_id IN (SELECT id FROM run WHERE source_id = :scope_id))
