-- Every text from before :before (ms): messages, and works by title and text.
SELECT sent_at, text FROM message WHERE sent_at < :before
UNION ALL
SELECT published_at, coalesce(title, '') || char(31) || coalesce(text, '') FROM post WHERE published_at < :before;
