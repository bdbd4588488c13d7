-- Follow-up "first contact": the first :top people by score who are known well enough (confidence >= :confidence),
-- and whom nobody has touched yet. Not asked for: people who want no contact, those whose accounts are all gone, and those
-- in a sequence, which sees to it, or with an agreement, a stage or a part in a campaign: they are known to us.
-- place: 1 is the highest score among those known well enough, touched or not.
-- Index: standing_score; touchpoint_creator, enrolment_live, agreement_creator, stage_event_creator,
-- participant_creator, account_creator and the key of contact_point for each person.
WITH leading AS MATERIALIZED (
  SELECT creator_id, score, confidence
  FROM standing
  WHERE confidence >= :confidence
  ORDER BY score DESC, creator_id
  LIMIT :top
),
placed AS (
  SELECT creator_id, score, confidence, row_number() OVER (ORDER BY score DESC, creator_id) AS place
  FROM leading
)
SELECT creator_id, place, score, confidence
FROM placed
WHERE NOT EXISTS (SELECT 1 FROM touchpoint WHERE creator_id = placed.creator_id)
  AND NOT EXISTS (SELECT 1 FROM enrolment WHERE creator_id = placed.creator_id AND state IN ('active', 'paused'))
  AND NOT EXISTS (SELECT 1 FROM agreement WHERE creator_id = placed.creator_id)
  AND NOT EXISTS (SELECT 1 FROM stage_event WHERE creator_id = placed.creator_id AND undone_at IS NULL)
  AND NOT EXISTS (SELECT 1 FROM participant WHERE creator_id = placed.creator_id)
  AND NOT EXISTS (SELECT 1 FROM contact_point
                  WHERE creator_id = placed.creator_id AND do_not_contact IS NOT NULL)
  AND EXISTS (SELECT 1 FROM account WHERE creator_id = placed.creator_id AND gone IS NOT 1)
ORDER BY place;
