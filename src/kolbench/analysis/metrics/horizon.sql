-- The newest post or message of some accounts, on each platform, and the account that has it. {whose} is a query of
-- accounts and their platforms. Index: post_published, message_account.
WITH own (account_id, platform) AS ({whose})
SELECT platform, max(at), account_id
FROM (
  SELECT platform, account_id,
    nullif(max(
      coalesce((SELECT max(published_at) FROM post WHERE account_id = own.account_id), -1),
      coalesce((SELECT max(sent_at) FROM message WHERE account_id = own.account_id), -1)), -1) AS at
  FROM own
)
GROUP BY platform
ORDER BY platform
