-- The newest :messages messages in :community by people who are neither bots nor staff, at most :characters of each.
-- By message_sent.
SELECT a.platform, a.id, substr(m.text, 1, :characters)
FROM message AS m
CROSS JOIN account AS a ON a.id = m.account_id
WHERE m.community_id = :community AND a.is_bot IS NOT 1 AND a.is_staff IS NOT 1
ORDER BY m.sent_at DESC, m.account_id DESC, m.id DESC
LIMIT :messages;
