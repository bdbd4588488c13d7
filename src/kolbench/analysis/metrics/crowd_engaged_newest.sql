-- When anybody last did anything towards the creators in :ids (ms). Index: account_creator, activity_object.
SELECT max((SELECT max(at) FROM activity WHERE object_id = own.id))
FROM json_each(:ids) AS wanted
CROSS JOIN account AS own ON own.creator_id = wanted.value
