-- Whom the programme could draw on for the brief :brief: candidates labelled KOL, KOC or both, and whoever was chosen
-- for it; not who was rejected. Each decision's newest is in force.
WITH decided AS MATERIALIZED (
  SELECT creator_id, state FROM decision AS d WHERE brief_id = :brief AND id =
    (SELECT max(id) FROM decision WHERE brief_id = d.brief_id AND creator_id = d.creator_id)
)
SELECT creator_id FROM candidate JOIN standing USING (creator_id)
WHERE brief_id = :brief AND kind <> 'unknown'
  AND creator_id NOT IN (SELECT creator_id FROM decided WHERE state = 'rejected')
UNION
SELECT creator_id FROM decided WHERE state IN ('shortlisted', 'contacted', 'agreed', 'active');
