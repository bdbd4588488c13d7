-- What voices and thanks (:metric) counted for the person :creator_id: every time somebody addressed them.
-- Index: account_creator, activity_object, message_uid.
SELECT activity.at, actor.creator_id, creator.name AS who, activity.type AS kind,
  coalesce(community.name, community.uid) AS place, message.text, 1 AS value, 0 AS plus_minus
FROM account AS person
CROSS JOIN activity ON activity.object_id = person.id
  AND activity.at >= :window_from AND activity.at < :window_to
JOIN account AS actor ON actor.id = activity.actor_id
JOIN creator ON creator.id = actor.creator_id
LEFT JOIN community ON community.id = activity.community_id
LEFT JOIN message ON message.community_id = activity.community_id AND message.uid = activity.evidence_uid
WHERE person.creator_id = :creator_id
  AND (activity.type = 'thank' OR :metric = 'voices' AND activity.type IN ('mention', 'reply'))
  AND (:scope <> 'community' OR activity.community_id = :scope_id)
  AND (:scope <> 'source' OR activity.run_id IN (SELECT id FROM run WHERE source_id = :scope_id))
  AND actor.creator_id <> :creator_id
  AND actor.creator_id NOT IN (SELECT creator_id FROM account WHERE is_bot = 1 OR is_staff = 1)
