-- Whom follow-ups watch: the first :top by score, the first :top by voice, and everybody who was ever touched or
-- noted, or is followed up by the rule :rule already. Ordered by score.
-- Index: standing_score, standing_voice, touchpoint_creator, note_creator, follow_up_rule.
WITH by_score AS (SELECT creator_id, score FROM standing ORDER BY score DESC, creator_id LIMIT :top),
by_voice AS (SELECT creator_id FROM standing WHERE voice > 0 ORDER BY voice DESC, creator_id LIMIT :top),
watched AS (
  SELECT creator_id FROM by_score
  UNION SELECT creator_id FROM by_voice
  UNION SELECT creator_id FROM touchpoint
  UNION SELECT creator_id FROM note
  UNION SELECT creator_id FROM follow_up WHERE state = 'open' AND rule = :rule
)
SELECT watched.creator_id
FROM watched
LEFT JOIN standing ON standing.creator_id = watched.creator_id
ORDER BY standing.score DESC, watched.creator_id;
