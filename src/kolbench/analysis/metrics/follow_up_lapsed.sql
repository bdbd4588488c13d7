-- Follow-up "win back": people who are in one of the stages :stages (a JSON array of names) since a moment from :first
-- to :last, those who came to it last first.
-- Index: stage_event_creator for each event of such a stage.
SELECT event.creator_id, event.stage, event.since_at
FROM stage_event AS event
WHERE event.stage IN (SELECT value FROM json_each(:stages))
  AND event.since_at BETWEEN :first AND :last
  AND event.undone_at IS NULL
  AND event.id = (SELECT max(id) FROM stage_event WHERE creator_id = event.creator_id AND undone_at IS NULL)
ORDER BY event.since_at DESC, event.creator_id;
