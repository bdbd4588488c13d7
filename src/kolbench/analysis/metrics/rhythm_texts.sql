-- Every text that has a date (ms): messages, and works by title and text.
SELECT sent_at, text FROM message
UNION ALL
SELECT published_at, coalesce(title, '') || char(31) || coalesce(text, '') FROM post WHERE published_at IS NOT NULL;
