-- When the account :account_id published, from :around ms before :window_from to as long after :window_to (ms).
-- Index: post_published.
SELECT published_at
FROM post
WHERE account_id = :account_id AND published_at >= :window_from - :around AND published_at < :window_to + :around
ORDER BY published_at
