-- Up to when our communities (:ours, a JSON array of ids; empty: all there are) to which :creator_id belongs are known:
-- their newest message (ms); NULL where they belong to none, or nothing was said.
-- Index: account_creator, membership_account, message_sent.
SELECT max((SELECT max(sent_at) FROM message WHERE community_id = membership.community_id))
FROM account
CROSS JOIN membership ON membership.account_id = account.id AND left_at IS NULL
WHERE creator_id = :creator_id
  AND (json_array_length(:ours) = 0 OR community_id IN (SELECT value FROM json_each(:ours)));
