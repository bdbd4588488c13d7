-- Whom follow-ups watch: the first :top by score, the first :top by voice, everybody who was ever touched or noted, or is
-- followed up by the rule :rule already, and whoever we work with: who has an owner, an agreement in force, a stage, a
-- decision from shortlisted on in force for a live brief, or takes part in a campaign that isn't archived and whose last
-- day, if it has one, isn't before yesterday at :now. Ordered by score.
-- Index: standing_score, standing_voice, touchpoint_creator, note_creator, follow_up_rule, creator_owner,
-- agreement_event_agreement, stage_event_creator, decision_brief, participant_creator.
WITH by_score AS (SELECT creator_id, score FROM standing ORDER BY score DESC, creator_id LIMIT :top),
by_voice AS (SELECT creator_id FROM standing WHERE voice > 0 ORDER BY voice DESC, creator_id LIMIT :top),
agreed AS (
  SELECT agreement.creator_id
  FROM agreement
  JOIN agreement_event AS event ON event.id = (
    SELECT max(id) FROM agreement_event AS other WHERE other.agreement_id = agreement.id AND other.undone_at IS NULL)
  WHERE event.state IN ('signed', 'renewed')
),
decided AS (
  SELECT decision.creator_id, decision.state, max(decision.id)
  FROM brief
  CROSS JOIN decision ON decision.brief_id = brief.id
  WHERE brief.archived_at IS NULL
  GROUP BY decision.brief_id, decision.creator_id
),
running AS MATERIALIZED (
  SELECT id
  FROM (SELECT id, (SELECT body ->> 'ends' FROM campaign_version WHERE campaign_id = campaign.id
      ORDER BY version DESC LIMIT 1) AS ends
    FROM campaign
    WHERE archived_at IS NULL)
  WHERE coalesce(ends, '') = '' OR substr(ends, 1, 10) >= date(:now / 1000, 'unixepoch', '-1 day')
),
watched AS (
  SELECT creator_id FROM by_score
  UNION SELECT creator_id FROM by_voice
  UNION SELECT creator_id FROM touchpoint
  UNION SELECT creator_id FROM note
  UNION SELECT creator_id FROM follow_up WHERE state = 'open' AND rule = :rule
  UNION SELECT id FROM creator WHERE owner IS NOT NULL
  UNION SELECT creator_id FROM agreed
  UNION SELECT creator_id FROM stage_event WHERE undone_at IS NULL
  UNION SELECT creator_id FROM decided WHERE state IN ('shortlisted', 'contacted', 'agreed', 'active')
  UNION SELECT participant.creator_id
    FROM participant INDEXED BY participant_creator
    WHERE creator_id IS NOT NULL AND campaign_id IN (SELECT id FROM running)
)
SELECT watched.creator_id
FROM watched
LEFT JOIN standing ON standing.creator_id = watched.creator_id
ORDER BY standing.score DESC, watched.creator_id;
