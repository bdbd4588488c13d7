-- Which of the people in :people (a JSON array) are ours: members (who haven't left) of the communities in :ours, or of
-- any if :ours is empty; or who follow one of the creators in :like, or did anything towards one.
-- Index: account_creator, membership_account, the key of follow_edge, activity_actor.
WITH liked AS MATERIALIZED (
  SELECT account.id FROM json_each(:like) AS wanted CROSS JOIN account ON account.creator_id = wanted.value
)
SELECT DISTINCT account.creator_id
FROM json_each(:people) AS wanted
CROSS JOIN account ON account.creator_id = wanted.value
WHERE EXISTS (
    SELECT 1 FROM membership
    WHERE membership.account_id = account.id AND membership.left_at IS NULL
      AND (:anywhere OR membership.community_id IN (SELECT value FROM json_each(:ours))))
  OR EXISTS (
    SELECT 1 FROM liked CROSS JOIN follow_edge
      ON follow_edge.account_id = liked.id AND follow_edge.follower_id = account.id)
  OR :any_liked AND EXISTS (
    SELECT 1 FROM activity WHERE activity.actor_id = account.id AND activity.object_id IN (SELECT id FROM liked))
