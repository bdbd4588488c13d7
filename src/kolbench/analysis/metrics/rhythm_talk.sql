-- What people said in the community :community from :start up to :stop: when, by which account of whom, whether it asks
-- something, and no counted reactions. Bots and staff are left out. Walks message_sent.
SELECT m.sent_at, m.account_id, a.creator_id, m.community_id, instr(m.text, '?') > 0 OR instr(m.text, '？') > 0, NULL
FROM message AS m
JOIN account AS a ON a.id = m.account_id
WHERE m.community_id = :community AND m.sent_at >= :start AND m.sent_at < :stop
  AND a.creator_id NOT IN (SELECT creator_id FROM account WHERE is_bot = 1 OR is_staff = 1)
ORDER BY m.sent_at, m.id;
