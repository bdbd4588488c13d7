-- Whom accounts belong to that are not simply a person's only one: each account of people with several, with the first
-- of these as the person; then each bot's, which is nobody's. Index: account_creator, account_uncounted.
SELECT account.id, several.person_id
FROM (SELECT creator_id, min(id) AS person_id FROM account GROUP BY creator_id HAVING count(*) > 1) AS several
CROSS JOIN account ON account.creator_id = several.creator_id
UNION ALL
SELECT id, NULL FROM account WHERE is_bot = 1
