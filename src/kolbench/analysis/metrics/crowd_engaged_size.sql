-- How many ties each creator in :ids has, at any time; 0 is left out. Index: account_creator, activity_object.
SELECT creator_id, ties
FROM (
  SELECT wanted.value AS creator_id, (
    SELECT count(*) FROM account AS own CROSS JOIN activity ON activity.object_id = own.id
    WHERE own.creator_id = wanted.value
  ) AS ties
  FROM json_each(:ids) AS wanted
)
WHERE ties
