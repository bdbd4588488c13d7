-- How many ties each creator in :ids has, at any time; 0 is left out. Index: account_creator, the key of follow_edge.
SELECT creator_id, ties
FROM (
  SELECT wanted.value AS creator_id, (
    SELECT count(*) FROM account AS own CROSS JOIN follow_edge ON follow_edge.account_id = own.id
    WHERE own.creator_id = wanted.value
  ) AS ties
  FROM json_each(:ids) AS wanted
)
WHERE ties
