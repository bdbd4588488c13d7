-- Follow-up "new consumer": people of the kind koc or both, of everybody or of those in :ids (a JSON array), whom nobody
-- has touched and no sequence sees to, and whom more people of one community of ours have addressed within the
-- :window_ms up to the last time than within as long before. That last time is at most :window_ms before the newest message of the community, beyond
-- which nothing is known. people, before: distinct others who addressed them.
-- Index: standing_authenticity or the key of standing; account_creator, activity_object, touchpoint_creator,
-- enrolment_live, message_sent.
WITH whom AS MATERIALIZED (
  SELECT standing.creator_id, standing.authenticity_score
  FROM json_each(:ids) AS wanted
  CROSS JOIN standing ON standing.creator_id = wanted.value
  WHERE kind IN ('koc', 'both')
  UNION ALL
  SELECT creator_id, authenticity_score
  FROM standing
  WHERE :ids IS NULL AND authenticity_score >= :least AND kind IN ('koc', 'both')
),
untouched AS MATERIALIZED (
  SELECT whom.*, account.id AS account_id
  FROM whom
  CROSS JOIN account ON account.creator_id = whom.creator_id AND account.gone IS NOT 1
  WHERE NOT EXISTS (SELECT 1 FROM touchpoint WHERE creator_id = whom.creator_id)
    AND NOT EXISTS (SELECT 1 FROM enrolment WHERE creator_id = whom.creator_id AND state IN ('active', 'paused'))
),
last AS MATERIALIZED (
  SELECT u.creator_id, u.account_id, u.authenticity_score,
    (SELECT max(at) FROM activity WHERE object_id = u.account_id) AS last_at
  FROM untouched AS u
),
addressed AS (
  SELECT last.creator_id, last.authenticity_score, last.last_at, activity.community_id,
    count(DISTINCT actor_id) FILTER (WHERE activity.at > last.last_at - :window_ms) AS people,
    count(DISTINCT actor_id) FILTER (WHERE activity.at <= last.last_at - :window_ms) AS before
  FROM last
  CROSS JOIN activity ON activity.object_id = last.account_id AND activity.at > last.last_at - 2 * :window_ms
    AND activity.actor_id <> last.account_id AND activity.community_id IS NOT NULL
  GROUP BY last.account_id, activity.community_id
)
SELECT addressed.creator_id, addressed.authenticity_score, people, before, coalesce(community.name, community.uid)
FROM addressed
JOIN community ON community.id = addressed.community_id
WHERE people > before AND people >= :people
  AND last_at > (SELECT max(sent_at) FROM message WHERE community_id = community.id) - :window_ms
ORDER BY authenticity_score DESC, addressed.creator_id, people DESC;
