-- When the newest text on a topic is from (ms); on_topic(text) says what is on it. Reads every text once.
SELECT max(coalesce((SELECT max(sent_at) FROM message WHERE on_topic(text)), -1),
  coalesce((SELECT max(published_at) FROM post WHERE on_topic(coalesce(title, '') || char(31) || coalesce(text, ''))),
    -1));
