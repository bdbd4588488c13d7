-- Which of the people in :people (a JSON array) have accounts on more than one platform. Index: account_creator.
SELECT creator_id
FROM (
  SELECT account.creator_id
  FROM json_each(:people) AS wanted
  CROSS JOIN account ON account.creator_id = wanted.value
  GROUP BY account.creator_id HAVING count(*) > 1
) AS several
CROSS JOIN account USING (creator_id)
GROUP BY creator_id HAVING min(platform) <> max(platform)
