-- Those of the creators in :ids (a JSON array) who are, or were, members of any community.
-- Index: account_creator, membership_account.
SELECT DISTINCT account.creator_id
FROM json_each(:ids) AS wanted
CROSS JOIN account ON account.creator_id = wanted.value
WHERE EXISTS (SELECT 1 FROM membership WHERE membership.account_id = account.id)
