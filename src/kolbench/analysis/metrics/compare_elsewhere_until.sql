-- Up to when the works of :creator_id are known (ms): when an account that has some was seen last, or its newest work.
-- NULL where they have none with a date. Index: account_creator, post_published.
SELECT max(max(seen_at, (SELECT max(published_at) FROM post WHERE account_id = account.id)))
FROM account
WHERE creator_id = :creator_id
  AND EXISTS (SELECT 1 FROM post WHERE account_id = account.id AND published_at IS NOT NULL);
