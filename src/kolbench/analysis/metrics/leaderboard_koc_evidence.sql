-- What koc counted for the person :creator_id: the newest time they addressed each other person ("addressed"), and
-- the newest time each other person thanked them, with the points for it, which halve in each fortnight.
-- Index: account_creator, activity_actor, activity_object, message_uid.
WITH act AS (
  SELECT object.creator_id AS other_id, 0 AS thanks, activity.id, activity.at
  FROM account AS person
  CROSS JOIN activity ON activity.actor_id = person.id
    AND activity.at >= :window_from AND activity.at < :window_to
  JOIN account AS object ON object.id = activity.object_id
  WHERE person.creator_id = :creator_id AND activity.type IN ('mention', 'reply')
    AND (:scope <> 'community' OR activity.community_id = :scope_id)
    AND (:scope <> 'source' OR activity.run_id IN (SELECT id FROM run WHERE source_id = :scope_id))
  UNION ALL
  SELECT actor.creator_id AS other_id, 1 AS thanks, activity.id, activity.at
  FROM account AS person
  CROSS JOIN activity ON activity.object_id = person.id
    AND activity.at >= :window_from AND activity.at < :window_to
  JOIN account AS actor ON actor.id = activity.actor_id
  WHERE person.creator_id = :creator_id AND activity.type IN ('thank', 'brownie')
    AND (:scope <> 'community' OR activity.community_id = :scope_id)
    AND (:scope <> 'source' OR activity.run_id IN (SELECT id FROM run WHERE source_id = :scope_id))
),
newest AS (
  SELECT other_id, thanks, id, row_number() OVER (PARTITION BY other_id, thanks ORDER BY at DESC, id DESC) AS place
  FROM act
  WHERE other_id <> :creator_id
    AND other_id NOT IN (SELECT creator_id FROM account WHERE is_bot = 1 OR is_staff = 1)
)
SELECT activity.at, newest.other_id AS creator_id, creator.name AS who,
  CASE WHEN newest.thanks THEN activity.type ELSE 'addressed' END AS kind,
  coalesce(community.name, community.uid) AS place, message.text,
  (100 << newest.thanks) >> ((:window_to - 1 - activity.at) / 1209600000) AS value, 0 AS plus_minus
FROM newest
JOIN activity ON activity.id = newest.id
JOIN creator ON creator.id = newest.other_id
LEFT JOIN community ON community.id = activity.community_id
LEFT JOIN message ON message.community_id = activity.community_id AND message.uid = activity.evidence_uid
WHERE newest.place = 1
