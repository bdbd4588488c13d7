-- Which of the people in :people (a JSON array) have accounts on more than one platform, or are in a community.
-- Index: account_creator, membership_account.
SELECT account.creator_id
FROM json_each(:people) AS wanted
CROSS JOIN account ON account.creator_id = wanted.value
GROUP BY account.creator_id
HAVING min(platform) <> max(platform)
  OR max(EXISTS (SELECT 1 FROM membership WHERE membership.account_id = account.id AND left_at IS NULL))
