-- Follow-ups "reply waiting" and "no answer": the newest contact with each person since :since, of everybody or of
-- those in :ids (a JSON array). tries: contacts from us in a row up to it, with no word from them in between.
-- Index: touchpoint_creator.
WITH whom AS (
  SELECT value AS creator_id FROM json_each(:ids)
  UNION ALL
  SELECT DISTINCT creator_id FROM touchpoint WHERE :ids IS NULL
),
newest AS MATERIALIZED (
  SELECT whom.creator_id,
    (SELECT id FROM touchpoint WHERE creator_id = whom.creator_id ORDER BY at DESC, id DESC LIMIT 1) AS id
  FROM whom
)
SELECT t.creator_id, t.id, t.at, t.direction, t.channel, t.outcome, t.enrolment_id IS NOT NULL,
  (SELECT count(*) FROM touchpoint AS tried
   WHERE tried.creator_id = t.creator_id AND tried.direction = 'out'
     AND tried.at > coalesce((SELECT max(at) FROM touchpoint AS word
                              WHERE word.creator_id = t.creator_id AND word.direction = 'in'), 0)) AS tries
FROM newest
CROSS JOIN touchpoint AS t ON t.id = newest.id
WHERE t.at >= :since
ORDER BY t.at, t.id;
