-- The store's first schema. Times (_at) are milliseconds since 1970 UTC. Every row names the run it came from.

-- Where data comes from ------------------------------------------------------------------------------------

CREATE TABLE source (
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,
  adapter    TEXT NOT NULL,
  platform   TEXT NOT NULL,
  settings   TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(settings)),   -- never a secret
  enabled    INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
  keep_raw   INTEGER NOT NULL DEFAULT 0 CHECK (keep_raw IN (0, 1)),     -- the platform's answers word for word
  created_at INTEGER NOT NULL,
  removed_at INTEGER                                                    -- kept: its rows name it
) STRICT;
CREATE UNIQUE INDEX source_name ON source (name) WHERE removed_at IS NULL;

CREATE TABLE run (
  id         INTEGER PRIMARY KEY,
  source_id  INTEGER NOT NULL REFERENCES source,
  kind       TEXT NOT NULL CHECK (kind IN ('sync', 'import', 'demo', 'listen')),
  state      TEXT NOT NULL CHECK (state IN ('running', 'done', 'paused', 'cancelled', 'failed', 'interrupted')),
  started_at INTEGER NOT NULL,
  ended_at   INTEGER,
  pid        INTEGER NOT NULL,
  new        INTEGER NOT NULL DEFAULT 0,
  changed    INTEGER NOT NULL DEFAULT 0,
  unchanged  INTEGER NOT NULL DEFAULT 0,
  rejected   INTEGER NOT NULL DEFAULT 0,
  error      TEXT,
  report     TEXT                                                       -- path of the rejected rows
) STRICT;
CREATE INDEX run_source ON run (source_id, started_at);
CREATE INDEX run_running ON run (pid) WHERE state = 'running';

CREATE TABLE import_batch (
  run_id      INTEGER PRIMARY KEY REFERENCES run,
  file        TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  mapping     TEXT NOT NULL CHECK (json_valid(mapping))
) STRICT;
CREATE INDEX import_batch_fingerprint ON import_batch (fingerprint);

CREATE TABLE column_mapping (
  shape      TEXT PRIMARY KEY,
  mapping    TEXT NOT NULL CHECK (json_valid(mapping)),
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE checkpoint (
  source_id  INTEGER NOT NULL REFERENCES source,
  feed       TEXT NOT NULL,
  target     TEXT NOT NULL,                                             -- '' where a feed is read as a whole
  cursor     TEXT NOT NULL,
  run_id     INTEGER NOT NULL REFERENCES run,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (source_id, feed, target)
) STRICT, WITHOUT ROWID;

CREATE TABLE raw_answer (
  id         INTEGER PRIMARY KEY,
  run_id     INTEGER NOT NULL REFERENCES run,
  feed       TEXT NOT NULL,
  target     TEXT NOT NULL,
  url        TEXT NOT NULL,                                             -- without secrets
  fetched_at INTEGER NOT NULL,
  body       BLOB NOT NULL                                              -- zlib
) STRICT;
CREATE INDEX raw_answer_run ON raw_answer (run_id);
CREATE INDEX raw_answer_fetched ON raw_answer (fetched_at);

-- People and their accounts --------------------------------------------------------------------------------

CREATE TABLE creator (
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,
  owner      TEXT,                                                      -- the operator who looks after them
  created_at INTEGER NOT NULL,
  run_id     INTEGER NOT NULL REFERENCES run
) STRICT;
CREATE INDEX creator_owner ON creator (owner) WHERE owner IS NOT NULL;

CREATE TABLE account (
  id             INTEGER PRIMARY KEY,
  creator_id     INTEGER NOT NULL REFERENCES creator,
  home_id        INTEGER REFERENCES creator,                            -- whose it was before merges, if another's
  platform       TEXT NOT NULL,
  uid            TEXT NOT NULL,
  handle         TEXT,
  handle_key     TEXT,
  name           TEXT,
  bio            TEXT,
  url            TEXT,
  avatar_url     TEXT,
  category       TEXT,
  region         TEXT,
  gender         TEXT,
  verified       TEXT,
  is_bot         INTEGER CHECK (is_bot IN (0, 1)),
  is_staff       INTEGER CHECK (is_staff IN (0, 1)),
  created_at     INTEGER,                                               -- on the platform
  gone           INTEGER CHECK (gone IN (0, 1)),
  seen_at        INTEGER NOT NULL,                                      -- when the facts above were true
  run_id         INTEGER NOT NULL REFERENCES run,
  changed_run_id INTEGER REFERENCES run
) STRICT;
CREATE UNIQUE INDEX account_uid ON account (platform, uid);
CREATE INDEX account_handle ON account (platform, handle_key) WHERE handle_key IS NOT NULL;
CREATE INDEX account_creator ON account (creator_id);
CREATE INDEX account_home ON account (home_id) WHERE home_id IS NOT NULL;
CREATE INDEX account_uncounted ON account (creator_id) WHERE is_bot = 1 OR is_staff = 1;

-- Whose an account is. People one of whose accounts is a bot's or staff's don't count in anybody's audience.
-- store/persons.py puts a table in its place while most people are derived again.
CREATE VIEW person (account_id, creator_id, is_bot, counted) AS
SELECT id, creator_id, is_bot IS 1, creator_id NOT IN (SELECT creator_id FROM account WHERE is_bot = 1 OR is_staff = 1)
FROM account;

CREATE TABLE former_handle (
  account_id INTEGER NOT NULL REFERENCES account,
  handle     TEXT NOT NULL,
  handle_key TEXT NOT NULL,
  seen_at    INTEGER NOT NULL,
  run_id     INTEGER NOT NULL REFERENCES run,
  PRIMARY KEY (account_id, handle_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX former_handle_key ON former_handle (handle_key);

CREATE TABLE contact_point (
  id             INTEGER PRIMARY KEY,
  creator_id     INTEGER NOT NULL REFERENCES creator,
  home_id        INTEGER REFERENCES creator,
  channel        TEXT NOT NULL,
  value          TEXT NOT NULL,
  consent        TEXT NOT NULL DEFAULT 'unknown' CHECK (consent IN ('unknown', 'given', 'refused', 'withdrawn')),
  consent_at     INTEGER,                                               -- when they said so ...
  consent_by     TEXT,                                                  -- ... to which operator
  do_not_contact TEXT,                                                  -- the reason
  run_id         INTEGER REFERENCES run,                                -- NULL: an operator wrote it ...
  author         TEXT,                                                  -- ... this one ...
  at             INTEGER,                                               -- ... then
  removed_at     INTEGER,                                               -- kept: else the next sync brought it again
  UNIQUE (creator_id, channel, value),
  CHECK ((run_id IS NULL) = (author IS NOT NULL AND at IS NOT NULL))
) STRICT;
CREATE INDEX contact_point_refused ON contact_point (creator_id) WHERE do_not_contact IS NOT NULL;
CREATE INDEX contact_point_home ON contact_point (home_id) WHERE home_id IS NOT NULL;

CREATE TABLE metric (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  help TEXT NOT NULL
) STRICT;

CREATE TABLE account_snapshot (
  account_id  INTEGER NOT NULL REFERENCES account,
  metric_id   INTEGER NOT NULL REFERENCES metric,
  observed_at INTEGER NOT NULL,
  value       INTEGER NOT NULL,
  plus_minus  INTEGER NOT NULL DEFAULT 0,
  run_id      INTEGER NOT NULL REFERENCES run,
  PRIMARY KEY (account_id, metric_id, observed_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE post (
  id             INTEGER PRIMARY KEY,
  account_id     INTEGER NOT NULL REFERENCES account,
  uid            TEXT NOT NULL,
  published_at   INTEGER,
  kind           TEXT,
  title          TEXT,
  text           TEXT,
  url            TEXT,
  duration_s     INTEGER,
  run_id         INTEGER NOT NULL REFERENCES run,
  changed_run_id INTEGER REFERENCES run
) STRICT;
CREATE UNIQUE INDEX post_uid ON post (account_id, uid);
CREATE INDEX post_published ON post (account_id, published_at);

CREATE TABLE post_snapshot (
  post_id     INTEGER NOT NULL REFERENCES post,
  metric_id   INTEGER NOT NULL REFERENCES metric,
  observed_at INTEGER NOT NULL,
  value       INTEGER NOT NULL,
  plus_minus  INTEGER NOT NULL DEFAULT 0,
  run_id      INTEGER NOT NULL REFERENCES run,
  PRIMARY KEY (post_id, metric_id, observed_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE follow_edge (
  account_id    INTEGER NOT NULL REFERENCES account,
  follower_id   INTEGER NOT NULL REFERENCES account,
  first_seen_at INTEGER NOT NULL,
  last_seen_at  INTEGER NOT NULL,
  run_id        INTEGER NOT NULL REFERENCES run,
  PRIMARY KEY (account_id, follower_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX follow_edge_follower ON follow_edge (follower_id, account_id);

-- Communities and what happens in them ---------------------------------------------------------------------

CREATE TABLE community (
  id       INTEGER PRIMARY KEY,
  platform TEXT NOT NULL,
  uid      TEXT NOT NULL,
  name     TEXT,
  kind     TEXT,
  url      TEXT,
  run_id   INTEGER NOT NULL REFERENCES run,
  UNIQUE (platform, uid)
) STRICT;

CREATE TABLE membership (
  community_id  INTEGER NOT NULL REFERENCES community,
  account_id    INTEGER NOT NULL REFERENCES account,
  role          TEXT,
  joined_at     INTEGER,
  left_at       INTEGER,
  first_seen_at INTEGER NOT NULL,
  last_seen_at  INTEGER NOT NULL,
  run_id        INTEGER NOT NULL REFERENCES run,
  PRIMARY KEY (community_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_account ON membership (account_id);

CREATE TABLE message (
  id           INTEGER PRIMARY KEY,
  community_id INTEGER NOT NULL REFERENCES community,
  uid          TEXT NOT NULL,
  account_id   INTEGER NOT NULL REFERENCES account,
  sent_at      INTEGER NOT NULL,
  text         TEXT NOT NULL,
  reply_to_uid TEXT,
  run_id       INTEGER NOT NULL REFERENCES run
) STRICT;
CREATE UNIQUE INDEX message_uid ON message (community_id, uid);
CREATE INDEX message_sent ON message (community_id, sent_at, account_id);
CREATE INDEX message_account ON message (account_id, sent_at);

CREATE TABLE activity (
  id           INTEGER PRIMARY KEY,
  actor_id     INTEGER NOT NULL REFERENCES account,
  type         TEXT NOT NULL,
  object_id    INTEGER NOT NULL REFERENCES account,
  at           INTEGER NOT NULL,
  community_id INTEGER REFERENCES community,
  evidence_uid TEXT NOT NULL,                                           -- the message or post that shows it
  run_id       INTEGER NOT NULL REFERENCES run
) STRICT;
CREATE UNIQUE INDEX activity_once ON activity (evidence_uid, type, actor_id, object_id);
CREATE INDEX activity_object ON activity (object_id, at, actor_id, type);
CREATE INDEX activity_actor ON activity (actor_id, at, object_id, type);
CREATE INDEX activity_community ON activity (community_id, at, object_id, actor_id);

-- The operator's own work ----------------------------------------------------------------------------------

CREATE TABLE note (
  id         INTEGER PRIMARY KEY,
  creator_id INTEGER NOT NULL REFERENCES creator,
  home_id    INTEGER REFERENCES creator,
  text       TEXT NOT NULL,
  author     TEXT NOT NULL,
  at         INTEGER NOT NULL
) STRICT;
CREATE INDEX note_creator ON note (creator_id, at);

CREATE TABLE touchpoint (
  id           INTEGER PRIMARY KEY,
  creator_id   INTEGER NOT NULL REFERENCES creator,
  home_id      INTEGER REFERENCES creator,
  at           INTEGER NOT NULL,
  direction    TEXT NOT NULL CHECK (direction IN ('out', 'in')),
  channel      TEXT NOT NULL,
  outcome      TEXT,
  author       TEXT NOT NULL,
  follow_up_id INTEGER REFERENCES follow_up,
  enrolment_id INTEGER REFERENCES enrolment,                            -- of a sequence: which step it was, or answers
  step         INTEGER,
  variant_id   INTEGER REFERENCES template_variant                      -- the script that was sent, or is answered
) STRICT;
CREATE INDEX touchpoint_creator ON touchpoint (creator_id, at);
CREATE INDEX touchpoint_enrolment ON touchpoint (enrolment_id) WHERE enrolment_id IS NOT NULL;
CREATE INDEX touchpoint_variant ON touchpoint (variant_id) WHERE variant_id IS NOT NULL;

CREATE TABLE follow_up (
  id            INTEGER PRIMARY KEY,
  creator_id    INTEGER NOT NULL REFERENCES creator,
  home_id       INTEGER REFERENCES creator,
  rule          TEXT NOT NULL,
  cause         TEXT NOT NULL,                                          -- what fired it: the same cause fires once
  evidence      TEXT NOT NULL CHECK (json_valid(evidence)),
  due_at        INTEGER NOT NULL,
  state         TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'resolved')),
  snoozed_until INTEGER,
  created_at    INTEGER NOT NULL,
  closed_at     INTEGER,
  owner         TEXT,                                                   -- whom it was handed to; NULL: the person's
  channel       TEXT,
  plan          TEXT,
  waits         INTEGER NOT NULL DEFAULT 0 CHECK (waits IN (0, 1)),     -- for their answer, until it is due
  score         REAL NOT NULL DEFAULT 0,                                -- the person's, when the rules were asked last
  taken_by      TEXT,                                                   -- who works on it ...
  taken_until   INTEGER,                                                -- ... until then
  UNIQUE (creator_id, rule, cause)
) STRICT;
CREATE INDEX follow_up_open ON follow_up
  (due_at, snoozed_until, state, waits, score, creator_id, rule, owner) WHERE state = 'open';
CREATE INDEX follow_up_rule ON follow_up (rule, creator_id, cause) WHERE state = 'open';
CREATE INDEX follow_up_closed ON follow_up (closed_at, id) WHERE state <> 'open';

CREATE TABLE tag (
  id         INTEGER PRIMARY KEY,
  creator_id INTEGER NOT NULL REFERENCES creator,
  home_id    INTEGER REFERENCES creator,
  name       TEXT NOT NULL,
  author     TEXT NOT NULL,
  at         INTEGER NOT NULL,
  removed_at INTEGER,
  UNIQUE (creator_id, name)
) STRICT;
CREATE INDEX tag_name ON tag (name, creator_id) WHERE removed_at IS NULL;

-- The file of a person: what operators know of them, and what we can do for them ----------------------------

CREATE TABLE fact (
  id         INTEGER PRIMARY KEY,
  creator_id INTEGER NOT NULL REFERENCES creator,
  home_id    INTEGER REFERENCES creator,
  field      TEXT NOT NULL,
  value      TEXT NOT NULL,
  author     TEXT NOT NULL,
  at         INTEGER NOT NULL,
  removed_at INTEGER,
  UNIQUE (creator_id, field)
) STRICT;
CREATE INDEX fact_exclusive ON fact (value, creator_id) WHERE field = 'exclusive' AND removed_at IS NULL;

CREATE TABLE need (                                                     -- what would move them
  id         INTEGER PRIMARY KEY,
  creator_id INTEGER NOT NULL REFERENCES creator,
  home_id    INTEGER REFERENCES creator,
  kind       TEXT NOT NULL CHECK (kind IN ('money', 'saving', 'contact', 'users', 'brand', 'support')),
  strength   INTEGER NOT NULL DEFAULT 2 CHECK (strength BETWEEN 1 AND 3),
  switching  INTEGER CHECK (switching BETWEEN 1 AND 3),                 -- what it costs them to leave whoever meets it now
  detail     TEXT,
  author     TEXT NOT NULL,
  at         INTEGER NOT NULL,
  removed_at INTEGER,
  UNIQUE (creator_id, kind)
) STRICT;

CREATE TABLE offer (                                                    -- what we can give, to anybody who needs it
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,
  kind       TEXT NOT NULL CHECK (kind IN ('money', 'saving', 'contact', 'users', 'brand', 'support')),
  detail     TEXT,
  author     TEXT NOT NULL,
  at         INTEGER NOT NULL,
  removed_at INTEGER
) STRICT;

CREATE TABLE important_date (
  id         INTEGER PRIMARY KEY,
  creator_id INTEGER NOT NULL REFERENCES creator,
  home_id    INTEGER REFERENCES creator,
  title      TEXT NOT NULL,
  month      INTEGER NOT NULL CHECK (month BETWEEN 1 AND 12),
  day        INTEGER NOT NULL CHECK (day BETWEEN 1 AND 31),
  year       INTEGER,                                                   -- in which it was for the first time
  lunar      INTEGER NOT NULL DEFAULT 0 CHECK (lunar IN (0, 1)),        -- year, month and day of the lunar calendar
  leap       INTEGER NOT NULL DEFAULT 0 CHECK (leap IN (0, lunar)),     -- in the leap month after 'month'
  author     TEXT NOT NULL,
  at         INTEGER NOT NULL,
  removed_at INTEGER,
  CHECK (lunar = 0 OR day <= 30)
) STRICT;
CREATE INDEX important_date_creator ON important_date (creator_id);
CREATE INDEX important_date_day ON important_date (lunar, month, day) WHERE removed_at IS NULL;

CREATE TABLE life_event (                                               -- what has happened in their life
  id         INTEGER PRIMARY KEY,
  creator_id INTEGER NOT NULL REFERENCES creator,
  home_id    INTEGER REFERENCES creator,
  text       TEXT NOT NULL,
  year       INTEGER,                                                   -- when, as far as we know
  month      INTEGER CHECK (month IS NULL OR (month BETWEEN 1 AND 12 AND year IS NOT NULL)),
  day        INTEGER CHECK (day IS NULL OR (day BETWEEN 1 AND 31 AND month IS NOT NULL)),
  author     TEXT NOT NULL,
  at         INTEGER NOT NULL,
  removed_at INTEGER
) STRICT;
CREATE INDEX life_event_creator ON life_event (creator_id);

CREATE TABLE attachment (
  id         INTEGER PRIMARY KEY,
  creator_id INTEGER NOT NULL REFERENCES creator,
  home_id    INTEGER REFERENCES creator,
  kind       TEXT NOT NULL CHECK (kind IN ('file', 'link')),
  target     TEXT NOT NULL,                                             -- a whole path, or an address
  title      TEXT NOT NULL,
  author     TEXT NOT NULL,
  at         INTEGER NOT NULL,
  removed_at INTEGER
) STRICT;
CREATE INDEX attachment_creator ON attachment (creator_id);

CREATE TABLE do_not_contact (
  id         INTEGER PRIMARY KEY,
  creator_id INTEGER NOT NULL REFERENCES creator,
  home_id    INTEGER REFERENCES creator,
  scope      TEXT NOT NULL,                                             -- 'all', or a channel
  reason     TEXT NOT NULL,
  until_at   INTEGER,                                                   -- NULL: until it is lifted
  author     TEXT NOT NULL,
  at         INTEGER NOT NULL,
  lifted_at  INTEGER,
  lifted_by  TEXT
) STRICT;
CREATE INDEX do_not_contact_creator ON do_not_contact (creator_id);
CREATE INDEX do_not_contact_all ON do_not_contact (creator_id, until_at) WHERE scope = 'all' AND lifted_at IS NULL;

-- Briefs: whom we look for, and what was decided about whom -------------------------------------------------

CREATE TABLE brief (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL,
  author      TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  archived_at INTEGER,
  scored      INTEGER NOT NULL DEFAULT 0,                               -- the version that everybody was scored by
  scored_to   INTEGER NOT NULL DEFAULT 0                                -- while a newer one is: creators so far
) STRICT;
CREATE UNIQUE INDEX brief_name ON brief (name) WHERE archived_at IS NULL;

CREATE TABLE brief_version (                                            -- never changed
  id       INTEGER PRIMARY KEY,
  brief_id INTEGER NOT NULL REFERENCES brief,
  version  INTEGER NOT NULL,
  author   TEXT NOT NULL,
  at       INTEGER NOT NULL,
  body     TEXT NOT NULL CHECK (json_valid(body)),                      -- as the operator wrote it
  meant    TEXT NOT NULL CHECK (json_valid(meant)),                     -- whom and what its words meant then
  UNIQUE (brief_id, version)
) STRICT;

CREATE TABLE decision (                                                 -- the newest of a brief and a person is in force
  id         INTEGER PRIMARY KEY,
  brief_id   INTEGER NOT NULL REFERENCES brief,
  creator_id INTEGER NOT NULL REFERENCES creator,
  home_id    INTEGER REFERENCES creator,
  state      TEXT NOT NULL CHECK (state IN ('undecided', 'shortlisted', 'rejected', 'contacted', 'agreed', 'active')),
  reason     TEXT,
  author     TEXT NOT NULL,
  at         INTEGER NOT NULL,
  CHECK (state <> 'rejected' OR reason IS NOT NULL)
) STRICT;
CREATE INDEX decision_brief ON decision (brief_id, creator_id, id);
CREATE INDEX decision_creator ON decision (creator_id, id);
CREATE INDEX decision_working ON decision (creator_id, brief_id) WHERE state IN ('agreed', 'active');

-- Scripts, and the sequences that send them ------------------------------------------------------------------

CREATE TABLE template (
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,
  author     TEXT NOT NULL,
  at         INTEGER NOT NULL,
  retired_at INTEGER
) STRICT;

CREATE TABLE template_variant (                                         -- its text is never changed once it is used
  id          INTEGER PRIMARY KEY,
  template_id INTEGER NOT NULL REFERENCES template,
  label       TEXT NOT NULL,
  version     INTEGER NOT NULL,
  language    TEXT NOT NULL,
  text        TEXT NOT NULL,
  author      TEXT NOT NULL,
  at          INTEGER NOT NULL,
  retired_at  INTEGER,                                                  -- kept: what was sent counts on
  UNIQUE (template_id, label, version)
) STRICT;

CREATE TABLE sequence (
  id     INTEGER PRIMARY KEY,
  name   TEXT NOT NULL,
  author TEXT NOT NULL,
  at     INTEGER NOT NULL
) STRICT;

CREATE TABLE sequence_version (                                         -- never changed
  id          INTEGER PRIMARY KEY,
  sequence_id INTEGER NOT NULL REFERENCES sequence,
  version     INTEGER NOT NULL,
  author      TEXT NOT NULL,
  at          INTEGER NOT NULL,
  body        TEXT NOT NULL CHECK (json_valid(body)),
  UNIQUE (sequence_id, version)
) STRICT;

CREATE TABLE enrolment (
  id           INTEGER PRIMARY KEY,
  creator_id   INTEGER NOT NULL REFERENCES creator,
  home_id      INTEGER REFERENCES creator,
  version_id   INTEGER NOT NULL REFERENCES sequence_version,
  state        TEXT NOT NULL
    CHECK (state IN ('active', 'paused', 'finished', 'replied', 'accepted', 'declined', 'stopped')),
  step         INTEGER NOT NULL DEFAULT 0,                              -- the next one, from 0 over all plans
  since_at     INTEGER NOT NULL,                                        -- from when on its days count
  paused_until INTEGER,
  reason       TEXT,                                                    -- why it is paused or was stopped
  author       TEXT NOT NULL,
  at           INTEGER NOT NULL,
  ended_at     INTEGER
) STRICT;
CREATE INDEX enrolment_creator ON enrolment (creator_id);
CREATE INDEX enrolment_version ON enrolment (version_id);
CREATE INDEX enrolment_live ON enrolment (creator_id) WHERE state IN ('active', 'paused');

-- Agreements: what a person gives and gets, and how it goes. Days (_on) are ISO dates where the operator is. ---

CREATE TABLE agreement (
  id         INTEGER PRIMARY KEY,
  creator_id INTEGER NOT NULL REFERENCES creator,
  home_id    INTEGER REFERENCES creator,
  brief_id   INTEGER REFERENCES brief,                                  -- for which they agree
  title      TEXT NOT NULL,
  author     TEXT NOT NULL,
  at         INTEGER NOT NULL
) STRICT;
CREATE INDEX agreement_creator ON agreement (creator_id);

CREATE TABLE agreement_version (                                        -- never changed
  id           INTEGER PRIMARY KEY,
  creator_id   INTEGER NOT NULL REFERENCES creator,
  home_id      INTEGER REFERENCES creator,
  agreement_id INTEGER NOT NULL REFERENCES agreement,
  version      INTEGER NOT NULL,
  gives        TEXT NOT NULL,
  gets         TEXT NOT NULL,
  exclusivity  TEXT,                                                    -- its scope; NULL: none
  basis        TEXT NOT NULL CHECK (basis IN ('share', 'buy-out', 'both', 'none')),
  starts_on    TEXT CHECK (starts_on = date(starts_on)),
  ends_on      TEXT CHECK (ends_on = date(ends_on)),                    -- the last day
  notes        TEXT,
  author       TEXT NOT NULL,
  at           INTEGER NOT NULL,
  CHECK (ends_on >= starts_on),
  UNIQUE (agreement_id, version)
) STRICT;
CREATE INDEX agreement_version_creator ON agreement_version (creator_id);

CREATE TABLE agreement_event (                                          -- the newest that is not undone is in force
  id           INTEGER PRIMARY KEY,
  creator_id   INTEGER NOT NULL REFERENCES creator,
  home_id      INTEGER REFERENCES creator,
  agreement_id INTEGER NOT NULL REFERENCES agreement,
  version      INTEGER NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('draft', 'offered', 'signed', 'declined', 'ended', 'broken', 'renewed')),
  reason       TEXT,
  author       TEXT NOT NULL,
  at           INTEGER NOT NULL,
  undone_at    INTEGER,
  undone_by    TEXT,
  FOREIGN KEY (agreement_id, version) REFERENCES agreement_version (agreement_id, version)
    ON DELETE CASCADE                                                   -- of undone ones only: see the trigger
) STRICT;
CREATE INDEX agreement_event_agreement ON agreement_event (agreement_id, id);
CREATE INDEX agreement_event_creator ON agreement_event (creator_id);

CREATE TABLE deliverable (
  id           INTEGER PRIMARY KEY,
  creator_id   INTEGER NOT NULL REFERENCES creator,
  home_id      INTEGER REFERENCES creator,
  agreement_id INTEGER NOT NULL REFERENCES agreement,
  title        TEXT NOT NULL,
  due_on       TEXT CHECK (due_on = date(due_on)),
  done_on      TEXT CHECK (done_on = date(done_on)),
  proof        TEXT,                                                    -- a link that shows it
  author       TEXT NOT NULL,
  at           INTEGER NOT NULL,
  removed_at   INTEGER
) STRICT;
CREATE INDEX deliverable_agreement ON deliverable (agreement_id);
CREATE INDEX deliverable_creator ON deliverable (creator_id);
CREATE INDEX deliverable_open ON deliverable (due_on) WHERE done_on IS NULL AND removed_at IS NULL;

CREATE TRIGGER agreement_version_fixed
BEFORE UPDATE OF id, agreement_id, version, gives, gets, exclusivity, basis, starts_on, ends_on, notes, author, at
ON agreement_version
BEGIN SELECT RAISE (ABORT, 'a version of an agreement is never changed'); END;
CREATE TRIGGER agreement_event_fixed
BEFORE UPDATE OF id, agreement_id, version, state, reason, author, at ON agreement_event
BEGIN SELECT RAISE (ABORT, 'events are append-only'); END;
CREATE TRIGGER agreement_event_kept BEFORE DELETE ON agreement_event
WHEN OLD.undone_at IS NULL AND NOT EXISTS (SELECT 1 FROM erasure WHERE creator_id = OLD.creator_id)
BEGIN SELECT RAISE (ABORT, 'events are append-only'); END;

-- Incentives: a ledger in which nothing is changed, what it may cost, what points buy, and what rules propose ----

CREATE TABLE reward (                                                   -- what points buy; never changed
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,
  price      INTEGER NOT NULL CHECK (price > 0),                        -- in points
  kind       TEXT NOT NULL CHECK (kind <> 'points'),
  amount     INTEGER NOT NULL CHECK (amount > 0),                       -- of one of it
  unit       TEXT NOT NULL,
  stock      INTEGER CHECK (stock > 0),                                 -- how many can be had; NULL: any number
  author     TEXT NOT NULL,
  at         INTEGER NOT NULL,
  removed_at INTEGER
) STRICT;

CREATE TABLE budget (
  id         INTEGER PRIMARY KEY,
  period     TEXT NOT NULL,                                             -- 2026, 2026-Q2, 2026-05 or 2026-W19
  unit       TEXT NOT NULL,
  stage      TEXT NOT NULL DEFAULT '',                                  -- '': of all stages together
  amount     INTEGER NOT NULL CHECK (amount >= 0),
  author     TEXT NOT NULL,
  at         INTEGER NOT NULL,
  removed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX budget_once ON budget (period, unit, stage) WHERE removed_at IS NULL;

CREATE TABLE proposal (                                                 -- what a rule would give for a period
  id           INTEGER PRIMARY KEY,
  rule         TEXT NOT NULL,
  period       TEXT NOT NULL,
  definition   TEXT NOT NULL CHECK (json_valid(definition)),            -- the rule as it was then
  author       TEXT NOT NULL,
  at           INTEGER NOT NULL,
  confirmed_at INTEGER,
  confirmed_by TEXT,
  dropped_at   INTEGER
) STRICT;
CREATE INDEX proposal_open ON proposal (at) WHERE confirmed_at IS NULL AND dropped_at IS NULL;

CREATE TABLE proposal_line (
  id          INTEGER PRIMARY KEY,
  creator_id  INTEGER NOT NULL REFERENCES creator,
  home_id     INTEGER REFERENCES creator,
  proposal_id INTEGER NOT NULL REFERENCES proposal,
  kind        TEXT NOT NULL,
  amount      INTEGER NOT NULL CHECK (amount > 0),
  unit        TEXT NOT NULL,
  stage       TEXT,
  value       INTEGER NOT NULL                                          -- of the metric that earned it
) STRICT;
CREATE INDEX proposal_line_proposal ON proposal_line (proposal_id);
CREATE INDEX proposal_line_creator ON proposal_line (creator_id);

CREATE TABLE incentive_entry (                                          -- append-only; taken back by a reversal
  id          INTEGER PRIMARY KEY,
  creator_id  INTEGER REFERENCES creator,                               -- NULL: they were erased, and the sums stay
  home_id     INTEGER REFERENCES creator,
  kind        TEXT NOT NULL CHECK (kind IN
                ('title', 'medal', 'pin', 'push', 'beta_place', 'coupon', 'gift', 'cash', 'points')),
  amount      INTEGER NOT NULL CHECK (amount <> 0),                     -- points, pieces, or a currency's smallest unit
  unit        TEXT NOT NULL,                                            -- 'points', 'piece' or a currency's code
  reason      TEXT,
  period      TEXT NOT NULL,                                            -- for which it is, as in budget
  stage       TEXT,                                                     -- theirs at that time
  rule        TEXT,                                                     -- that proposed it ...
  value       INTEGER,                                                  -- ... and the figure that earned it
  proposal_id INTEGER REFERENCES proposal,
  reward_id   INTEGER REFERENCES reward,                                -- bought with points
  paid_by     INTEGER REFERENCES incentive_entry,                       -- the points that bought it
  reversal_of INTEGER UNIQUE REFERENCES incentive_entry,
  key         TEXT UNIQUE,                                              -- the same twice is granted once
  author      TEXT NOT NULL,
  at          INTEGER NOT NULL,
  CHECK ((kind = 'points') = (unit = 'points'))
) STRICT;
CREATE INDEX incentive_entry_creator ON incentive_entry (creator_id, at);
CREATE INDEX incentive_entry_at ON incentive_entry (at);
CREATE INDEX incentive_entry_rule ON incentive_entry (rule, period) WHERE rule IS NOT NULL;
CREATE INDEX incentive_entry_reward ON incentive_entry (reward_id) WHERE reward_id IS NOT NULL;
CREATE INDEX incentive_entry_paid_by ON incentive_entry (paid_by) WHERE paid_by IS NOT NULL;

CREATE TRIGGER incentive_entry_fixed
BEFORE UPDATE OF id, kind, amount, unit, period, stage, rule, value, proposal_id, reward_id, paid_by, reversal_of,
  author, at ON incentive_entry
BEGIN SELECT RAISE (ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER incentive_entry_whose BEFORE UPDATE OF creator_id, reason, key ON incentive_entry
WHEN (OLD.creator_id IS NULL OR NEW.creator_id IS NULL OR NEW.reason IS NOT OLD.reason OR NEW.key IS NOT OLD.key)
  AND NOT EXISTS (SELECT 1 FROM erasure WHERE creator_id = OLD.creator_id)
BEGIN SELECT RAISE (ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER incentive_entry_kept BEFORE DELETE ON incentive_entry
BEGIN SELECT RAISE (ABORT, 'the ledger is append-only'); END;

-- Rules of the programme, and what they make of people --------------------------------------------------------

CREATE TABLE rule_set (                                                 -- never changed; the newest is in force
  id           INTEGER PRIMARY KEY,                                     -- its version
  author       TEXT NOT NULL,
  at           INTEGER NOT NULL,
  body         TEXT NOT NULL CHECK (json_valid(body)),
  text_version INTEGER NOT NULL                                         -- the first one that told people the same
) STRICT;

CREATE TABLE rule_run (                                                 -- each time that the rules were asked
  id          INTEGER PRIMARY KEY,
  rule_set_id INTEGER NOT NULL REFERENCES rule_set,
  at          INTEGER NOT NULL,
  demoting    INTEGER NOT NULL CHECK (demoting IN (0, 1)),              -- the one of its period that demotes
  moved       INTEGER NOT NULL
) STRICT;
CREATE INDEX rule_run_demoting ON rule_run (at) WHERE demoting = 1;

CREATE TABLE stage_event (                                              -- append-only; the newest is in force
  id          INTEGER PRIMARY KEY,
  creator_id  INTEGER NOT NULL REFERENCES creator,
  home_id     INTEGER REFERENCES creator,
  stage       TEXT NOT NULL,
  since_at    INTEGER NOT NULL,                                         -- when they came to this stage
  how         TEXT NOT NULL CHECK (how IN ('placed', 'promoted', 'demoted', 'aside', 'returned', 'held', 'lifted')),
  rule_set_id INTEGER REFERENCES rule_set,
  evidence    TEXT NOT NULL CHECK (json_valid(evidence)),               -- the figures that decided
  reason      TEXT,
  author      TEXT,                                                     -- NULL: the rules
  at          INTEGER NOT NULL,
  undone_at   INTEGER,                                                  -- taken back: kept, and out of force
  undone_by   TEXT,
  CHECK ((author IS NULL) = (reason IS NULL))
) STRICT;
CREATE INDEX stage_event_creator ON stage_event (creator_id, id) WHERE undone_at IS NULL;
CREATE INDEX stage_event_all ON stage_event (creator_id);

CREATE TABLE grade_event (
  id          INTEGER PRIMARY KEY,
  creator_id  INTEGER NOT NULL REFERENCES creator,
  home_id     INTEGER REFERENCES creator,
  grade       TEXT NOT NULL,
  since_at    INTEGER NOT NULL,
  how         TEXT NOT NULL CHECK (how IN ('placed', 'promoted', 'demoted', 'held', 'lifted')),
  rule_set_id INTEGER REFERENCES rule_set,
  evidence    TEXT NOT NULL CHECK (json_valid(evidence)),
  reason      TEXT,
  author      TEXT,
  at          INTEGER NOT NULL,
  undone_at   INTEGER,
  undone_by   TEXT,
  CHECK ((author IS NULL) = (reason IS NULL))
) STRICT;
CREATE INDEX grade_event_creator ON grade_event (creator_id, id) WHERE undone_at IS NULL;
CREATE INDEX grade_event_all ON grade_event (creator_id);

CREATE TABLE acknowledgement (                                          -- they said that they know the rules
  id          INTEGER PRIMARY KEY,
  creator_id  INTEGER NOT NULL REFERENCES creator,
  home_id     INTEGER REFERENCES creator,
  rule_set_id INTEGER NOT NULL REFERENCES rule_set,
  channel     TEXT NOT NULL,
  said_at     INTEGER NOT NULL,
  author      TEXT NOT NULL,
  at          INTEGER NOT NULL
) STRICT;
CREATE INDEX acknowledgement_creator ON acknowledgement (creator_id, rule_set_id);

CREATE TABLE violation (
  id            INTEGER PRIMARY KEY,
  creator_id    INTEGER NOT NULL REFERENCES creator,
  home_id       INTEGER REFERENCES creator,
  rule_set_id   INTEGER NOT NULL REFERENCES rule_set,
  rule          TEXT NOT NULL,
  severity      TEXT NOT NULL CHECK (severity IN ('minor', 'serious', 'grave')),
  text          TEXT NOT NULL,
  evidence      TEXT NOT NULL,                                          -- a link, a message, a file
  happened_at   INTEGER NOT NULL,
  author        TEXT NOT NULL,
  at            INTEGER NOT NULL,
  withdrawn_at  INTEGER,
  withdrawn_by  TEXT,
  withdrawn_why TEXT,
  CHECK ((withdrawn_at IS NULL) = (withdrawn_why IS NULL))
) STRICT;
CREATE INDEX violation_creator ON violation (creator_id, happened_at);

CREATE TABLE sanction (                                                 -- the newest of a violation is in force
  id           INTEGER PRIMARY KEY,
  creator_id   INTEGER NOT NULL REFERENCES creator,
  home_id      INTEGER REFERENCES creator,
  violation_id INTEGER NOT NULL REFERENCES violation,
  proposed     TEXT NOT NULL,                                           -- by the ladder ...
  earlier      INTEGER NOT NULL,                                        -- ... after so many violations that count
  applied      TEXT,                                                    -- NULL: they were exempted
  reason       TEXT,
  author       TEXT NOT NULL,
  at           INTEGER NOT NULL,
  CHECK (applied IS proposed OR reason IS NOT NULL)
) STRICT;
CREATE INDEX sanction_violation ON sanction (violation_id, id);
CREATE INDEX sanction_creator ON sanction (creator_id);

-- Campaigns: who takes part, who came by whom, what was sold by it, and what is owed for that ------------------

CREATE TABLE campaign (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE,
  author      TEXT NOT NULL,
  at          INTEGER NOT NULL,
  archived_at INTEGER
) STRICT;

CREATE TABLE campaign_version (                                         -- its terms; never changed
  id          INTEGER PRIMARY KEY,
  campaign_id INTEGER NOT NULL REFERENCES campaign,
  version     INTEGER NOT NULL,
  from_at     INTEGER NOT NULL,                                         -- in force for what happens from then on ...
  body        TEXT NOT NULL CHECK (json_valid(body)),                   -- ... unless a newer one is; the first: always
  warned      TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(warned)),    -- of what the law may say of them
  author      TEXT NOT NULL,
  at          INTEGER NOT NULL,
  UNIQUE (campaign_id, version)
) STRICT;

CREATE TABLE wave (
  id          INTEGER PRIMARY KEY,
  campaign_id INTEGER NOT NULL REFERENCES campaign,
  no          INTEGER NOT NULL CHECK (no > 0),                          -- 1: those we agreed with
  name        TEXT NOT NULL,
  moment_at   INTEGER,                                                  -- when they all post
  author      TEXT NOT NULL,
  at          INTEGER NOT NULL,
  UNIQUE (campaign_id, no)
) STRICT;

CREATE TABLE campaign_publication (                                     -- a public leaderboard that syncs keep fresh
  id          INTEGER PRIMARY KEY,
  campaign_id INTEGER NOT NULL UNIQUE REFERENCES campaign,
  folder      TEXT NOT NULL,
  formats     TEXT NOT NULL CHECK (json_valid(formats)),
  author      TEXT NOT NULL,
  at          INTEGER NOT NULL,
  stopped_at  INTEGER
) STRICT;

CREATE TABLE campaign_lesson (                                          -- what changes next time
  id          INTEGER PRIMARY KEY,
  campaign_id INTEGER NOT NULL REFERENCES campaign,
  text        TEXT NOT NULL,
  author      TEXT NOT NULL,
  at          INTEGER NOT NULL,
  removed_at  INTEGER
) STRICT;
CREATE INDEX campaign_lesson_campaign ON campaign_lesson (campaign_id, at);

CREATE TABLE participant (
  id          INTEGER PRIMARY KEY,
  campaign_id INTEGER NOT NULL REFERENCES campaign,
  creator_id  INTEGER REFERENCES creator,                               -- where we know who it is
  home_id     INTEGER REFERENCES creator,
  ref         TEXT NOT NULL,                                            -- their id where the sales are told
  name        TEXT,
  wave_id     INTEGER REFERENCES wave,                                  -- NULL: came by others
  shown       TEXT NOT NULL DEFAULT 'hidden' CHECK (shown IN ('full', 'masked', 'hidden')),  -- as they consented
  joined_at   INTEGER,
  run_id      INTEGER REFERENCES run,                                   -- NULL: an operator wrote it
  author      TEXT,
  at          INTEGER NOT NULL,
  parent_id   INTEGER REFERENCES participant,                           -- derived: by the referral in force
  referred_at INTEGER,                                                  -- derived: since when
  maybe_code  TEXT,                                                     -- of whom nothing else is told: ref as a code
  UNIQUE (campaign_id, ref),
  CHECK ((parent_id IS NULL) = (referred_at IS NULL))
) STRICT;
CREATE INDEX participant_creator ON participant (creator_id) WHERE creator_id IS NOT NULL;
CREATE INDEX participant_home ON participant (home_id) WHERE home_id IS NOT NULL;
CREATE INDEX participant_parent ON participant (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX participant_wave ON participant (wave_id) WHERE wave_id IS NOT NULL;
CREATE INDEX participant_maybe ON participant (campaign_id, maybe_code) WHERE maybe_code IS NOT NULL;
CREATE INDEX participant_forest ON participant (campaign_id, id, parent_id, referred_at);

CREATE TABLE participant_account (                                      -- whose they are as sources say, known or not
  participant_id INTEGER NOT NULL REFERENCES participant ON DELETE CASCADE,
  platform       TEXT NOT NULL,
  uid            TEXT NOT NULL,                                         -- the id there, or a handle
  handle_key     TEXT NOT NULL,
  PRIMARY KEY (participant_id, platform, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX participant_account_uid ON participant_account (platform, uid);
CREATE INDEX participant_account_handle ON participant_account (platform, handle_key);

CREATE TABLE referral_code (
  id             INTEGER PRIMARY KEY,
  campaign_id    INTEGER NOT NULL REFERENCES campaign,
  participant_id INTEGER NOT NULL REFERENCES participant,
  code           TEXT NOT NULL,                                         -- upper case: see domain/campaigns.py
  author         TEXT NOT NULL,
  at             INTEGER NOT NULL,
  waited         INTEGER NOT NULL DEFAULT 0,                            -- derived: so much was told by it before
  UNIQUE (campaign_id, code)
) STRICT;
CREATE INDEX referral_code_participant ON referral_code (participant_id);

CREATE TABLE referral_edge (                                            -- append-only
  id          INTEGER PRIMARY KEY,
  campaign_id INTEGER NOT NULL REFERENCES campaign,
  child_id    INTEGER NOT NULL REFERENCES participant,
  parent_id   INTEGER REFERENCES participant,                           -- NULL: nobody, or whose the code is
  code        TEXT,
  at          INTEGER NOT NULL,                                         -- since when
  run_id      INTEGER REFERENCES run,
  author      TEXT,                                                     -- a correction: the newest is in force ...
  reason      TEXT,
  noted_at    INTEGER NOT NULL,
  undone_at   INTEGER,                                                  -- ... that was not taken back
  undone_by   TEXT,
  own         INTEGER NOT NULL DEFAULT 0 CHECK (own IN (0, 1)),         -- both were one person, who was erased
  aside       TEXT CHECK (aside IN ('self-referral', 'circular')),      -- derived: why it can't be in force
  place       INTEGER,                                                  -- among those of its moment: see below
  CHECK ((run_id IS NULL) = (author IS NOT NULL))
) STRICT;
CREATE INDEX referral_edge_child ON referral_edge (child_id, at);
CREATE INDEX referral_edge_parent ON referral_edge (parent_id) WHERE parent_id IS NOT NULL;
CREATE UNIQUE INDEX referral_edge_once ON referral_edge (child_id, coalesce(parent_id, 0), coalesce(code, ''), at)
  WHERE run_id IS NOT NULL;
CREATE INDEX referral_edge_code ON referral_edge (campaign_id, code) WHERE code IS NOT NULL;
-- Of the same moment the refs decide. Before somebody's is forgotten, the order that they make is kept as ``place``.
CREATE INDEX referral_edge_aside ON referral_edge (campaign_id, aside, id) WHERE aside IS NOT NULL;

CREATE TABLE touch (                                                    -- a click on somebody's link
  id             INTEGER PRIMARY KEY,
  campaign_id    INTEGER NOT NULL REFERENCES campaign,
  participant_id INTEGER NOT NULL REFERENCES participant,
  visitor        TEXT NOT NULL,                                         -- who buys later has the same id there
  at             INTEGER NOT NULL,
  run_id         INTEGER NOT NULL REFERENCES run,
  code           TEXT,                                                  -- that it waited for: see below
  place          INTEGER,                                               -- as with referrals
  UNIQUE (campaign_id, visitor, at, participant_id)
) STRICT;
CREATE INDEX touch_participant ON touch (participant_id, at);
CREATE TABLE waiting_touch (                                            -- by a code, until somebody gets it
  campaign_id INTEGER NOT NULL REFERENCES campaign,
  code        TEXT NOT NULL,
  visitor     TEXT NOT NULL,
  at          INTEGER NOT NULL,
  run_id      INTEGER NOT NULL REFERENCES run,
  PRIMARY KEY (campaign_id, code, visitor, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE conversion (                                               -- what was told is never changed
  id             INTEGER PRIMARY KEY,
  campaign_id    INTEGER NOT NULL REFERENCES campaign,
  source         TEXT NOT NULL,                                         -- the shop: order ids are its own
  order_id       TEXT NOT NULL,
  line           TEXT NOT NULL DEFAULT '',
  kind           TEXT NOT NULL CHECK (kind IN ('sale', 'signup', 'lead')),
  at             INTEGER NOT NULL,
  code           TEXT,
  told_id        INTEGER REFERENCES participant,                        -- whose it is as the source says
  buyer          TEXT,                                                  -- a ref, as in participant
  amount         INTEGER NOT NULL CHECK (amount >= 0),                  -- the currency's smallest unit
  currency       TEXT NOT NULL,
  device         TEXT,                                                  -- hashes, to compare only
  address        TEXT,
  payment        TEXT,
  run_id         INTEGER NOT NULL REFERENCES run,
  received_at    INTEGER NOT NULL,
  participant_id INTEGER REFERENCES participant,                        -- derived: whose it is ...
  via            TEXT CHECK (via IN ('code', 'source', 'binding', 'first_click', 'last_click', 'assigned')),
  state          TEXT CHECK (state IN ('counted', 'quarantined', 'rejected')),   -- NULL: not looked at yet
  reason         TEXT,                                                  -- ... and why it doesn't count
  refunded       INTEGER NOT NULL DEFAULT 0,                            -- derived: given back of it so far
  UNIQUE (campaign_id, source, order_id, line),
  CHECK (state IS NOT 'counted' OR (participant_id IS NOT NULL AND via IS NOT NULL AND reason IS NULL))
) STRICT;
CREATE INDEX conversion_at ON conversion (campaign_id, at);
CREATE INDEX conversion_aside ON conversion (campaign_id, participant_id)
  WHERE state <> 'counted' AND participant_id IS NOT NULL;
CREATE INDEX conversion_buyer ON conversion (campaign_id, buyer, at) WHERE buyer IS NOT NULL;
CREATE INDEX conversion_told ON conversion (told_id) WHERE told_id IS NOT NULL;
CREATE INDEX conversion_code ON conversion (campaign_id, code)          -- that of nobody, or which doesn't matter
  WHERE code IS NOT NULL AND state IS NOT NULL AND via IS NOT 'code';
CREATE INDEX conversion_quarantined ON conversion (campaign_id, reason, at) WHERE state = 'quarantined';
CREATE INDEX conversion_sold ON conversion (campaign_id, participant_id, at, amount, refunded) WHERE state = 'counted';
CREATE INDEX conversion_when ON conversion (campaign_id, at, participant_id, amount, refunded) WHERE state = 'counted';
CREATE INDEX conversion_hashed ON conversion (campaign_id, participant_id)
  WHERE state = 'counted' AND (payment IS NOT NULL OR device IS NOT NULL OR address IS NOT NULL);
CREATE INDEX conversion_whom ON conversion (campaign_id, buyer, participant_id, at)
  WHERE state = 'counted' AND buyer IS NOT NULL;

CREATE TABLE refund (                                                   -- may be told before its sale
  id          INTEGER PRIMARY KEY,
  campaign_id INTEGER NOT NULL REFERENCES campaign,
  source      TEXT NOT NULL,
  order_id    TEXT NOT NULL,
  line        TEXT NOT NULL DEFAULT '',
  refund_id   TEXT NOT NULL,
  amount      INTEGER NOT NULL CHECK (amount > 0),
  at          INTEGER NOT NULL,
  run_id      INTEGER NOT NULL REFERENCES run,
  received_at INTEGER NOT NULL,
  UNIQUE (campaign_id, source, order_id, line, refund_id)
) STRICT;

CREATE TABLE conversion_decision (                                      -- the newest that isn't undone is in force
  id             INTEGER PRIMARY KEY,
  conversion_id  INTEGER NOT NULL REFERENCES conversion,
  decision       TEXT NOT NULL CHECK (decision IN ('accept', 'reject', 'assign')),
  participant_id INTEGER REFERENCES participant,
  reason         TEXT NOT NULL,
  author         TEXT NOT NULL,
  at             INTEGER NOT NULL,
  undone_at      INTEGER,
  undone_by      TEXT,
  CHECK ((decision = 'assign') = (participant_id IS NOT NULL))
) STRICT;
CREATE INDEX conversion_decision_conversion ON conversion_decision (conversion_id, id);

CREATE TABLE commission_entry (                                         -- append-only: what is wrong is balanced
  id             INTEGER PRIMARY KEY,
  campaign_id    INTEGER NOT NULL REFERENCES campaign,
  participant_id INTEGER NOT NULL REFERENCES participant,
  conversion_id  INTEGER REFERENCES conversion,                         -- NULL: an operator's own
  version_id     INTEGER NOT NULL REFERENCES campaign_version,          -- of the terms
  level          INTEGER NOT NULL CHECK (level >= 0),                   -- 1: whose it is, 2: who brought them; 0: buyer
  kind           TEXT NOT NULL CHECK (kind IN ('commission', 'reward', 'adjustment')),
  amount         INTEGER NOT NULL CHECK (amount <> 0),
  currency       TEXT NOT NULL,
  hold_until     INTEGER NOT NULL,                                      -- not paid before
  reversal_of    INTEGER REFERENCES commission_entry,                   -- what an adjustment is to
  reason         TEXT,
  author         TEXT,                                                  -- NULL: it follows from the terms
  at             INTEGER NOT NULL
) STRICT;
CREATE INDEX commission_entry_conversion ON commission_entry (conversion_id) WHERE conversion_id IS NOT NULL;
CREATE INDEX commission_entry_owed ON commission_entry (campaign_id, participant_id, amount);

CREATE TABLE payout (                                                   -- never deleted: its number is finance's too
  id          INTEGER PRIMARY KEY,
  campaign_id INTEGER NOT NULL REFERENCES campaign,
  currency    TEXT NOT NULL,
  author      TEXT NOT NULL,
  at          INTEGER NOT NULL,
  written_at  INTEGER,                                                  -- for finance, the last time
  written_by  TEXT,
  dropped_at  INTEGER,                                                  -- taken apart: not to be paid
  dropped_by  TEXT,
  paid_at     INTEGER,
  paid_by     TEXT,
  reference   TEXT,                                                     -- the bank's
  CHECK (paid_at IS NULL OR dropped_at IS NULL)
) STRICT;
CREATE INDEX payout_campaign ON payout (campaign_id);

CREATE TABLE payout_entry (                                             -- an entry is paid once
  entry_id  INTEGER PRIMARY KEY REFERENCES commission_entry,
  payout_id INTEGER NOT NULL REFERENCES payout
) STRICT;
CREATE INDEX payout_entry_payout ON payout_entry (payout_id);

CREATE TABLE payout_dropped_entry (                                     -- what was in one that was taken apart
  payout_id INTEGER NOT NULL REFERENCES payout,
  entry_id  INTEGER NOT NULL REFERENCES commission_entry,
  PRIMARY KEY (payout_id, entry_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE campaign_flag (                                            -- looks wrong; but minor: unpaid until decided
  id             INTEGER PRIMARY KEY,
  campaign_id    INTEGER NOT NULL REFERENCES campaign,
  participant_id INTEGER REFERENCES participant,
  conversion_id  INTEGER REFERENCES conversion,
  kind           TEXT NOT NULL,
  cause          TEXT NOT NULL,                                         -- the same is flagged once
  severity       TEXT NOT NULL CHECK (severity IN ('minor', 'serious', 'severe')),
  evidence       TEXT NOT NULL CHECK (json_valid(evidence)),
  found_at       INTEGER NOT NULL,
  decision       TEXT CHECK (decision IN ('cleared', 'upheld')),
  reason         TEXT,
  author         TEXT,
  decided_at     INTEGER,
  UNIQUE (campaign_id, kind, cause),
  CHECK ((decision IS NULL) = (reason IS NULL) AND (decision IS NULL) = (author IS NULL)
    AND (decision IS NULL) = (decided_at IS NULL))
) STRICT;
CREATE INDEX campaign_flag_participant ON campaign_flag (participant_id) WHERE participant_id IS NOT NULL;
CREATE INDEX campaign_flag_conversion ON campaign_flag (conversion_id) WHERE conversion_id IS NOT NULL;
CREATE INDEX campaign_flag_open ON campaign_flag (campaign_id, severity) WHERE decision IS NULL;

CREATE TABLE campaign_freeze (                                          -- a leaderboard as it was; never changed
  id          INTEGER PRIMARY KEY,
  campaign_id INTEGER NOT NULL REFERENCES campaign,
  name        TEXT,                                                     -- NULL: the day's own
  day         TEXT CHECK (day = date(day)),                             -- where the campaign is
  version_id  INTEGER NOT NULL REFERENCES campaign_version,
  window_from INTEGER,
  window_to   INTEGER,
  totals      TEXT NOT NULL CHECK (json_valid(totals)),                 -- of the campaign, then
  author      TEXT,
  at          INTEGER NOT NULL,
  UNIQUE (campaign_id, name),
  CHECK ((name IS NULL) = (day IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX campaign_freeze_day ON campaign_freeze (campaign_id, day) WHERE name IS NULL;

CREATE TABLE campaign_freeze_entry (                                    -- the first of each order, with all figures
  freeze_id        INTEGER NOT NULL REFERENCES campaign_freeze ON DELETE CASCADE,
  participant_id   INTEGER NOT NULL REFERENCES participant,
  depth            INTEGER NOT NULL,
  invited          INTEGER NOT NULL,
  below            INTEGER NOT NULL,
  direct           INTEGER NOT NULL,
  indirect         INTEGER NOT NULL,
  revenue          INTEGER NOT NULL,
  indirect_revenue INTEGER NOT NULL,
  reached          INTEGER NOT NULL,
  commission       INTEGER NOT NULL,
  last_at          INTEGER,
  direct_rank      INTEGER,                                             -- NULL: not among the first, or nothing
  indirect_rank    INTEGER,
  revenue_rank     INTEGER,
  reached_rank     INTEGER,
  commission_rank  INTEGER,
  PRIMARY KEY (freeze_id, participant_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX campaign_freeze_entry_participant ON campaign_freeze_entry (participant_id);

CREATE TRIGGER campaign_version_fixed BEFORE UPDATE ON campaign_version WHEN NOT EXISTS (SELECT 1 FROM erasure)
BEGIN SELECT RAISE (ABORT, 'the terms of a campaign are never changed'); END;
CREATE TRIGGER campaign_version_kept BEFORE DELETE ON campaign_version
BEGIN SELECT RAISE (ABORT, 'the terms of a campaign are never changed'); END;

CREATE TRIGGER referral_edge_fixed
BEFORE UPDATE OF id, campaign_id, child_id, parent_id, at, run_id, author, noted_at ON referral_edge
BEGIN SELECT RAISE (ABORT, 'referrals are append-only'); END;
CREATE TRIGGER referral_edge_whose BEFORE UPDATE OF code, reason, place, own ON referral_edge
WHEN NOT EXISTS (SELECT 1 FROM erasure)
BEGIN SELECT RAISE (ABORT, 'referrals are append-only'); END;
CREATE TRIGGER referral_edge_kept BEFORE DELETE ON referral_edge
BEGIN SELECT RAISE (ABORT, 'referrals are append-only'); END;

CREATE TRIGGER referral_code_kept BEFORE DELETE ON referral_code
WHEN EXISTS (SELECT 1 FROM conversion WHERE state = 'counted' AND campaign_id = OLD.campaign_id
    AND participant_id = OLD.participant_id AND code = OLD.code)
  OR EXISTS (SELECT 1 FROM conversion WHERE state <> 'counted' AND campaign_id = OLD.campaign_id
    AND participant_id = OLD.participant_id AND code = OLD.code)
  OR EXISTS (SELECT 1 FROM referral_edge WHERE campaign_id = OLD.campaign_id AND code = OLD.code)
  OR EXISTS (SELECT 1 FROM touch WHERE participant_id = OLD.participant_id AND code = OLD.code)
  OR EXISTS (SELECT 1 FROM participant WHERE campaign_id = OLD.campaign_id AND maybe_code = OLD.code
    AND id <> OLD.participant_id)
BEGIN SELECT RAISE (ABORT, 'the code was used'); END;

CREATE TRIGGER conversion_fixed
BEFORE UPDATE OF id, campaign_id, source, order_id, line, kind, at, amount, currency, run_id, received_at ON conversion
BEGIN SELECT RAISE (ABORT, 'conversions are append-only'); END;
CREATE TRIGGER conversion_source BEFORE UPDATE OF told_id ON conversion WHEN OLD.told_id IS NOT NULL
  AND NEW.told_id IS NOT OLD.told_id
BEGIN SELECT RAISE (ABORT, 'conversions are append-only'); END;
CREATE TRIGGER conversion_whose BEFORE UPDATE OF code, buyer, device, address, payment ON conversion
WHEN NOT EXISTS (SELECT 1 FROM erasure) AND (NEW.code IS NOT coalesce(OLD.code, NEW.code)   -- what is missing may be added
  OR NEW.buyer IS NOT coalesce(OLD.buyer, NEW.buyer) OR NEW.device IS NOT coalesce(OLD.device, NEW.device)
  OR NEW.address IS NOT coalesce(OLD.address, NEW.address) OR NEW.payment IS NOT coalesce(OLD.payment, NEW.payment))
BEGIN SELECT RAISE (ABORT, 'conversions are append-only'); END;
CREATE TRIGGER conversion_kept BEFORE DELETE ON conversion
BEGIN SELECT RAISE (ABORT, 'conversions are append-only'); END;
CREATE TRIGGER refund_fixed BEFORE UPDATE ON refund
BEGIN SELECT RAISE (ABORT, 'refunds are append-only'); END;
CREATE TRIGGER refund_kept BEFORE DELETE ON refund
BEGIN SELECT RAISE (ABORT, 'refunds are append-only'); END;
CREATE TRIGGER touch_fixed BEFORE UPDATE OF id, campaign_id, participant_id, at, run_id ON touch
BEGIN SELECT RAISE (ABORT, 'clicks are append-only'); END;
CREATE TRIGGER touch_whose BEFORE UPDATE OF visitor, code, place ON touch WHEN NOT EXISTS (SELECT 1 FROM erasure)
BEGIN SELECT RAISE (ABORT, 'clicks are append-only'); END;
CREATE TRIGGER touch_kept BEFORE DELETE ON touch
BEGIN SELECT RAISE (ABORT, 'clicks are append-only'); END;

CREATE TRIGGER conversion_decision_fixed
BEFORE UPDATE OF id, conversion_id, decision, participant_id, author, at ON conversion_decision
BEGIN SELECT RAISE (ABORT, 'decisions are append-only'); END;
CREATE TRIGGER conversion_decision_kept BEFORE DELETE ON conversion_decision
BEGIN SELECT RAISE (ABORT, 'decisions are append-only'); END;

CREATE TRIGGER commission_entry_fixed
BEFORE UPDATE OF id, campaign_id, participant_id, conversion_id, version_id, level, kind, amount, currency, hold_until,
  reversal_of, author, at ON commission_entry
BEGIN SELECT RAISE (ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER commission_entry_whose BEFORE UPDATE OF reason ON commission_entry
WHEN NOT EXISTS (SELECT 1 FROM erasure)
BEGIN SELECT RAISE (ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER commission_entry_kept BEFORE DELETE ON commission_entry
BEGIN SELECT RAISE (ABORT, 'the ledger is append-only'); END;

CREATE TRIGGER payout_fixed BEFORE UPDATE OF id, campaign_id, currency, author, at, paid_at, paid_by ON payout
WHEN OLD.paid_at IS NOT NULL OR NEW.campaign_id <> OLD.campaign_id OR NEW.currency <> OLD.currency
BEGIN SELECT RAISE (ABORT, 'what is paid is paid'); END;
CREATE TRIGGER payout_reference BEFORE UPDATE OF reference ON payout        -- may be told later, once
WHEN OLD.paid_at IS NOT NULL AND OLD.reference IS NOT NULL
BEGIN SELECT RAISE (ABORT, 'what is paid is paid'); END;
CREATE TRIGGER payout_kept BEFORE DELETE ON payout
BEGIN SELECT RAISE (ABORT, 'a payout is dropped, not deleted'); END;
CREATE TRIGGER payout_dropped AFTER UPDATE OF dropped_at ON payout
WHEN OLD.dropped_at IS NULL AND NEW.dropped_at IS NOT NULL
BEGIN
  INSERT INTO payout_dropped_entry (payout_id, entry_id)
    SELECT payout_id, entry_id FROM payout_entry WHERE payout_id = NEW.id;
  DELETE FROM payout_entry WHERE payout_id = NEW.id;
END;
CREATE TRIGGER payout_restored AFTER UPDATE OF dropped_at ON payout
WHEN OLD.dropped_at IS NOT NULL AND NEW.dropped_at IS NULL
BEGIN
  INSERT INTO payout_entry (entry_id, payout_id)                        -- fails where another one has them by now
    SELECT entry_id, payout_id FROM payout_dropped_entry WHERE payout_id = NEW.id;
  DELETE FROM payout_dropped_entry WHERE payout_id = NEW.id;
END;
CREATE TRIGGER payout_entry_fixed BEFORE UPDATE ON payout_entry
BEGIN SELECT RAISE (ABORT, 'what is paid is paid'); END;
CREATE TRIGGER payout_entry_kept BEFORE DELETE ON payout_entry
WHEN EXISTS (SELECT 1 FROM payout WHERE id = OLD.payout_id AND paid_at IS NOT NULL)
BEGIN SELECT RAISE (ABORT, 'what is paid is paid'); END;

-- Of campaigns, what has to be looked at again since something came in; and where participants stand -----------

CREATE TABLE unplaced_participant (                                     -- by whom they came may have changed
  participant_id INTEGER PRIMARY KEY
) STRICT;
CREATE TABLE unsettled_conversion (                                     -- whose it is, or what it earns, may have
  conversion_id INTEGER PRIMARY KEY
) STRICT;
CREATE TABLE unsettled_buyer (                                          -- the same of all that they bought
  campaign_id INTEGER NOT NULL,
  buyer       TEXT NOT NULL,
  PRIMARY KEY (campaign_id, buyer)
) STRICT, WITHOUT ROWID;
CREATE TABLE unsettled_participant (                                    -- what they earn under a cap may have
  participant_id INTEGER PRIMARY KEY
) STRICT;

CREATE TRIGGER unplaced_edge AFTER INSERT ON referral_edge
BEGIN INSERT INTO unplaced_participant VALUES (NEW.child_id) ON CONFLICT DO NOTHING; END;
CREATE TRIGGER unplaced_undone AFTER UPDATE OF undone_at ON referral_edge
BEGIN INSERT INTO unplaced_participant VALUES (NEW.child_id) ON CONFLICT DO NOTHING; END;
CREATE TRIGGER unplaced_whose AFTER UPDATE OF creator_id ON participant   -- nobody brings themselves
WHEN NEW.creator_id IS NOT OLD.creator_id AND EXISTS (SELECT 1 FROM participant
  WHERE creator_id IN (OLD.creator_id, NEW.creator_id) AND campaign_id = NEW.campaign_id AND id <> NEW.id)
BEGIN
  INSERT INTO unplaced_participant SELECT id FROM participant
    WHERE campaign_id = NEW.campaign_id AND (id = NEW.id OR creator_id IN (OLD.creator_id, NEW.creator_id))
    ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER unplaced_code AFTER INSERT ON referral_code              -- what waited by it is whoever's it is
BEGIN
  UPDATE referral_code SET waited = (SELECT count(*) FROM waiting_touch
      WHERE campaign_id = NEW.campaign_id AND code = NEW.code)
    + (SELECT count(*) FROM conversion
      WHERE campaign_id = NEW.campaign_id AND code = NEW.code AND reason = 'unknown-code'
      AND state IS NOT NULL AND via IS NOT 'code')
    + (SELECT count(*) FROM referral_edge WHERE campaign_id = NEW.campaign_id AND code = NEW.code)
    + (SELECT coalesce(sum((SELECT count(*) FROM conversion WHERE told_id = named.id)
        + (SELECT count(*) FROM referral_edge WHERE parent_id = named.id)
        + (SELECT count(*) FROM touch WHERE participant_id = named.id)), 0) FROM participant AS named
      WHERE campaign_id = NEW.campaign_id AND maybe_code = NEW.code AND named.id <> NEW.participant_id)
    WHERE id = NEW.id;
  INSERT INTO touch (campaign_id, participant_id, visitor, at, run_id, code)
    SELECT campaign_id, NEW.participant_id, visitor, at, run_id, code FROM waiting_touch
    WHERE campaign_id = NEW.campaign_id AND code = NEW.code ON CONFLICT DO NOTHING;
  DELETE FROM waiting_touch WHERE campaign_id = NEW.campaign_id AND code = NEW.code;
  INSERT INTO touch (campaign_id, participant_id, visitor, at, run_id, code)
    SELECT NEW.campaign_id, NEW.participant_id, visitor, touch.at, touch.run_id, NEW.code
    FROM participant AS named CROSS JOIN touch ON touch.participant_id = named.id
    WHERE named.campaign_id = NEW.campaign_id AND maybe_code = NEW.code ON CONFLICT DO NOTHING;
  UPDATE participant SET maybe_code = NEW.code WHERE campaign_id = NEW.campaign_id AND maybe_code = NEW.code;
  INSERT INTO unplaced_participant SELECT child_id FROM referral_edge
    WHERE campaign_id = NEW.campaign_id AND code = NEW.code AND parent_id IS NULL ON CONFLICT DO NOTHING;
  INSERT INTO unsettled_conversion SELECT id FROM conversion
    WHERE campaign_id = NEW.campaign_id AND code = NEW.code AND state IS NOT NULL AND via IS NOT 'code'
    ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER unplaced_meant AFTER UPDATE OF maybe_code ON participant   -- what was told of it is the code's owner's
WHEN EXISTS (SELECT 1 FROM referral_code
  WHERE campaign_id = NEW.campaign_id AND code = coalesce(NEW.maybe_code, OLD.maybe_code))
BEGIN
  INSERT INTO unplaced_participant SELECT child_id FROM referral_edge WHERE parent_id = NEW.id ON CONFLICT DO NOTHING;
  INSERT INTO unsettled_conversion SELECT id FROM conversion WHERE told_id = NEW.id ON CONFLICT DO NOTHING;
  INSERT INTO unsettled_buyer SELECT campaign_id, visitor FROM touch WHERE participant_id = NEW.id
    AND EXISTS (SELECT 1 FROM conversion WHERE campaign_id = NEW.campaign_id AND buyer = visitor)
    ON CONFLICT DO NOTHING;
  DELETE FROM campaign_standing WHERE campaign_id = NEW.campaign_id
    AND EXISTS (SELECT 1 FROM touch WHERE participant_id = NEW.id);
END;
CREATE TRIGGER unsettled_new AFTER INSERT ON conversion
BEGIN INSERT INTO unsettled_conversion VALUES (NEW.id) ON CONFLICT DO NOTHING; END;
CREATE TRIGGER unsettled_refund AFTER INSERT ON refund
BEGIN
  INSERT INTO unsettled_conversion SELECT id FROM conversion WHERE campaign_id = NEW.campaign_id
    AND source = NEW.source AND order_id = NEW.order_id ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER unsettled_order AFTER INSERT ON conversion               -- a refund without a line falls on it, too
WHEN EXISTS (SELECT 1 FROM refund WHERE campaign_id = NEW.campaign_id AND source = NEW.source
             AND order_id = NEW.order_id AND line = '')
BEGIN
  INSERT INTO unsettled_conversion SELECT id FROM conversion WHERE campaign_id = NEW.campaign_id
    AND source = NEW.source AND order_id = NEW.order_id AND id <> NEW.id ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER unsettled_touch AFTER INSERT ON touch
BEGIN
  INSERT INTO unsettled_buyer SELECT NEW.campaign_id, NEW.visitor
    WHERE EXISTS (SELECT 1 FROM conversion WHERE campaign_id = NEW.campaign_id AND buyer = NEW.visitor)
    ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER unsettled_decision AFTER INSERT ON conversion_decision
BEGIN INSERT INTO unsettled_conversion VALUES (NEW.conversion_id) ON CONFLICT DO NOTHING; END;
CREATE TRIGGER unsettled_undecided AFTER UPDATE OF undone_at ON conversion_decision
BEGIN INSERT INTO unsettled_conversion VALUES (NEW.conversion_id) ON CONFLICT DO NOTHING; END;
CREATE TRIGGER unsettled_version AFTER INSERT ON campaign_version WHEN NEW.version > 1
BEGIN
  INSERT INTO unsettled_conversion SELECT id FROM conversion
    WHERE campaign_id = NEW.campaign_id AND at >= NEW.from_at ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER unsettled_participant_new AFTER INSERT ON participant
BEGIN
  INSERT INTO unsettled_buyer SELECT NEW.campaign_id, NEW.ref
    WHERE EXISTS (SELECT 1 FROM conversion WHERE campaign_id = NEW.campaign_id AND buyer = NEW.ref)
    ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER unsettled_whose AFTER UPDATE OF creator_id ON participant
WHEN NEW.creator_id <> coalesce(OLD.creator_id, 0)
BEGIN                                                                   -- nobody earns by what they buy themselves
  INSERT INTO unsettled_buyer SELECT NEW.campaign_id, ref FROM participant
    WHERE campaign_id = NEW.campaign_id AND (id = NEW.id OR creator_id IN (OLD.creator_id, NEW.creator_id))
    AND EXISTS (SELECT 1 FROM conversion WHERE campaign_id = NEW.campaign_id AND buyer = ref) ON CONFLICT DO NOTHING;
END;

CREATE TABLE stale_participant (                                        -- their row below may have changed ...
  campaign_id    INTEGER NOT NULL,
  participant_id INTEGER NOT NULL,
  PRIMARY KEY (campaign_id, participant_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE stale_reach (                                              -- ... and whether they had reached somebody
  campaign_id    INTEGER NOT NULL,
  participant_id INTEGER NOT NULL,
  person         TEXT NOT NULL,
  before         INTEGER NOT NULL CHECK (before IN (0, 1)),             -- when the rows below were derived
  PRIMARY KEY (campaign_id, participant_id, person)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER stale_participant_new AFTER INSERT ON participant
BEGIN INSERT INTO stale_participant VALUES (NEW.campaign_id, NEW.id) ON CONFLICT DO NOTHING; END;
CREATE TRIGGER stale_participant_moved AFTER UPDATE OF parent_id ON participant WHEN NEW.parent_id IS NOT OLD.parent_id
BEGIN INSERT INTO stale_participant VALUES (NEW.campaign_id, NEW.id) ON CONFLICT DO NOTHING; END;
CREATE TRIGGER stale_participant_refunded AFTER UPDATE OF refunded ON conversion WHEN NEW.state = 'counted'
BEGIN INSERT INTO stale_participant VALUES (NEW.campaign_id, NEW.participant_id) ON CONFLICT DO NOTHING; END;
CREATE TRIGGER stale_participant_lost AFTER UPDATE OF participant_id, state, buyer ON conversion
WHEN OLD.state = 'counted' AND (NEW.state IS NOT 'counted' OR NEW.participant_id IS NOT OLD.participant_id
  OR NEW.buyer IS NOT OLD.buyer)
BEGIN
  INSERT INTO stale_participant VALUES (OLD.campaign_id, OLD.participant_id) ON CONFLICT DO NOTHING;
  INSERT INTO stale_reach SELECT OLD.campaign_id, OLD.participant_id, OLD.buyer, 1 WHERE OLD.buyer IS NOT NULL ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER stale_participant_won AFTER UPDATE OF participant_id, state, buyer ON conversion
WHEN NEW.state = 'counted' AND (OLD.state IS NOT 'counted' OR NEW.participant_id IS NOT OLD.participant_id
  OR NEW.buyer IS NOT OLD.buyer)
BEGIN
  INSERT INTO stale_participant VALUES (NEW.campaign_id, NEW.participant_id) ON CONFLICT DO NOTHING;
  INSERT INTO stale_reach SELECT NEW.campaign_id, NEW.participant_id, NEW.buyer, 0 WHERE NEW.buyer IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM conversion WHERE state = 'counted' AND campaign_id = NEW.campaign_id
      AND buyer = NEW.buyer AND participant_id = NEW.participant_id AND id <> NEW.id)
    AND NOT EXISTS (SELECT 1 FROM touch WHERE campaign_id = NEW.campaign_id AND visitor = NEW.buyer
      AND participant_id = NEW.participant_id) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER stale_participant_touched AFTER INSERT ON touch
WHEN NOT EXISTS (SELECT 1 FROM touch WHERE campaign_id = NEW.campaign_id AND visitor = NEW.visitor
    AND participant_id = NEW.participant_id AND id <> NEW.id)
  AND NOT EXISTS (SELECT 1 FROM conversion WHERE state = 'counted' AND campaign_id = NEW.campaign_id
    AND buyer = NEW.visitor AND participant_id = NEW.participant_id)
BEGIN INSERT INTO stale_reach VALUES (NEW.campaign_id, NEW.participant_id, NEW.visitor, 0) ON CONFLICT DO NOTHING; END;
CREATE TRIGGER stale_participant_entry AFTER INSERT ON commission_entry
BEGIN INSERT INTO stale_participant VALUES (NEW.campaign_id, NEW.participant_id) ON CONFLICT DO NOTHING; END;

CREATE TABLE campaign_standing (                                        -- missing: derive all of the campaign's rows
  campaign_id INTEGER PRIMARY KEY REFERENCES campaign,
  reached     INTEGER NOT NULL,                                         -- people, by anybody
  at          INTEGER NOT NULL
) STRICT;

CREATE TABLE campaign_level (                                           -- a generation: so far from whom nobody brought
  campaign_id  INTEGER NOT NULL REFERENCES campaign,
  depth        INTEGER NOT NULL,
  participants INTEGER NOT NULL,
  direct       INTEGER NOT NULL,
  revenue      INTEGER NOT NULL,
  commission   INTEGER NOT NULL,
  with_direct     INTEGER NOT NULL,                                     -- how many have any, of each figure
  with_indirect   INTEGER NOT NULL,
  with_revenue    INTEGER NOT NULL,
  with_reached    INTEGER NOT NULL,
  with_commission INTEGER NOT NULL,
  PRIMARY KEY (campaign_id, depth)
) STRICT, WITHOUT ROWID;

CREATE TABLE participant_standing (
  participant_id   INTEGER PRIMARY KEY REFERENCES participant,
  campaign_id      INTEGER NOT NULL REFERENCES campaign,
  parent_id        INTEGER,
  depth            INTEGER NOT NULL,                                    -- 0: came by nobody
  invited          INTEGER NOT NULL,                                    -- participants who came by them ...
  below            INTEGER NOT NULL,                                    -- ... and by those, and so on
  direct           INTEGER NOT NULL,                                    -- conversions of their own ...
  indirect         INTEGER NOT NULL,                                    -- ... and of everybody below
  revenue          INTEGER NOT NULL,                                    -- less refunds
  indirect_revenue INTEGER NOT NULL,
  reached          INTEGER NOT NULL,                                    -- people: below, and whom all these sold to
  commission       INTEGER NOT NULL,
  last_at          INTEGER                                              -- of their own conversions
) STRICT;
CREATE INDEX participant_standing_direct ON participant_standing
  (campaign_id, direct DESC, last_at, participant_id, depth) WHERE direct > 0;
CREATE INDEX participant_standing_indirect ON participant_standing
  (campaign_id, indirect DESC, participant_id, depth) WHERE indirect > 0;
CREATE INDEX participant_standing_revenue ON participant_standing
  (campaign_id, revenue DESC, last_at, participant_id, depth) WHERE revenue > 0;
CREATE INDEX participant_standing_reached ON participant_standing
  (campaign_id, reached DESC, participant_id, depth) WHERE reached > 0;
CREATE INDEX participant_standing_commission ON participant_standing
  (campaign_id, commission DESC, participant_id, depth) WHERE commission > 0;
CREATE INDEX participant_standing_parent ON participant_standing (parent_id) WHERE parent_id IS NOT NULL;

CREATE TRIGGER participant_standing_other AFTER UPDATE OF ref ON participant WHEN NEW.ref IS NOT OLD.ref
BEGIN
  DELETE FROM stale_reach WHERE person = OLD.ref;                       -- who was erased is named nowhere
  DELETE FROM campaign_standing WHERE campaign_id = NEW.campaign_id;
END;
CREATE TRIGGER participant_standing_gone BEFORE DELETE ON participant
BEGIN
  DELETE FROM participant_standing WHERE participant_id = OLD.id;
  DELETE FROM stale_participant WHERE campaign_id = OLD.campaign_id AND participant_id = OLD.id;
  DELETE FROM stale_reach WHERE campaign_id = OLD.campaign_id AND participant_id = OLD.id;
  DELETE FROM campaign_standing WHERE campaign_id = OLD.campaign_id;    -- whoever they counted for is derived again
END;

-- Accounts of one person -----------------------------------------------------------------------------------

CREATE TABLE merge_record (
  id         INTEGER PRIMARY KEY,
  creator_id INTEGER NOT NULL REFERENCES creator,                       -- who was merged ...
  into_id    INTEGER NOT NULL REFERENCES creator,                       -- ... into whom, at that time
  author     TEXT NOT NULL,
  at         INTEGER NOT NULL,
  evidence   TEXT NOT NULL CHECK (json_valid(evidence)),
  undone_at  INTEGER,
  undone_by  TEXT
) STRICT;
CREATE UNIQUE INDEX merge_record_standing ON merge_record (creator_id) WHERE undone_at IS NULL;
CREATE INDEX merge_record_creator ON merge_record (creator_id);
CREATE INDEX merge_record_into ON merge_record (into_id);

CREATE TABLE merge_suggestion (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  creator_id  INTEGER NOT NULL REFERENCES creator,                      -- both as they were before merges
  other_id    INTEGER NOT NULL REFERENCES creator,
  score       INTEGER NOT NULL CHECK (score BETWEEN 0 AND 100),
  evidence    TEXT NOT NULL CHECK (json_valid(evidence)),
  state       TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'rejected', 'ignored')),
  ignored_until INTEGER,
  created_at  INTEGER NOT NULL,
  seen_at     INTEGER NOT NULL,                                         -- when the evidence was last found
  CHECK (creator_id < other_id),
  UNIQUE (creator_id, other_id)
) STRICT;
CREATE INDEX merge_suggestion_other ON merge_suggestion (other_id);
CREATE INDEX merge_suggestion_waiting ON merge_suggestion (score DESC, id) WHERE state IN ('open', 'ignored');

CREATE TABLE change_log (
  id        INTEGER PRIMARY KEY,
  act       INTEGER NOT NULL,                                           -- one act of one author: undone as a whole
  at        INTEGER NOT NULL,
  author    TEXT NOT NULL,
  action    TEXT NOT NULL,
  entity    TEXT NOT NULL,
  entity_id INTEGER NOT NULL,
  before    TEXT CHECK (before IS NULL OR json_valid(before)),          -- NULL: the row was made
  after     TEXT NOT NULL CHECK (json_valid(after)),
  undone_at INTEGER
) STRICT;
CREATE INDEX change_log_act ON change_log (act);
CREATE INDEX change_log_author ON change_log (author, act) WHERE undone_at IS NULL;
CREATE INDEX change_log_entity ON change_log (entity, entity_id);

-- Derived: made again from the tables above by 'kolbench rebuild' --------------------------------------------

CREATE TABLE derived_by (                                               -- settings that the tables below were made by
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE stale_creator (
  creator_id INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE unasked_creator (                                          -- of whom the follow-up rules don't know what
  id         INTEGER PRIMARY KEY,                                       -- is new: once for each change
  creator_id INTEGER NOT NULL
) STRICT;
CREATE INDEX unasked_creator_once ON unasked_creator (creator_id);
CREATE TRIGGER unasked_standing AFTER DELETE ON stale_creator           -- their standing has just been derived again
BEGIN INSERT INTO unasked_creator (creator_id) VALUES (OLD.creator_id); END;
CREATE TRIGGER unasked_touchpoint AFTER INSERT ON touchpoint
BEGIN INSERT INTO unasked_creator (creator_id) VALUES (NEW.creator_id); END;
CREATE TRIGGER unasked_untouched AFTER DELETE ON touchpoint
BEGIN INSERT INTO unasked_creator (creator_id) VALUES (OLD.creator_id); END;

CREATE TABLE unmatched_creator (                                        -- who they are has changed: look for others
  creator_id INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE likeness_key (                                             -- who shares one may be one person
  creator_id INTEGER NOT NULL,
  key        INTEGER NOT NULL,                                          -- hash of a kind and a value
  PRIMARY KEY (creator_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX likeness_key_shared ON likeness_key (key);

CREATE TABLE standing (
  creator_id     INTEGER PRIMARY KEY REFERENCES creator,
  name           TEXT NOT NULL,
  name_key       TEXT NOT NULL,                                         -- folded name, then folded handles: sorts and searches
  platform       TEXT NOT NULL,                                         -- of the main account: most followers
  handle         TEXT,
  accounts       INTEGER NOT NULL,
  category       TEXT,
  region         TEXT,
  tier           TEXT NOT NULL,
  followers      INTEGER,
  followers_pm   INTEGER,
  followers_at   INTEGER,
  growth         REAL,                                                  -- per 30 days, 0.05 = 5 %
  engagement     REAL,                                                  -- 0.0139 = 1.39 %
  engagement_how TEXT,                                                  -- which of its definitions
  voice          INTEGER,                                               -- distinct people who addressed them
  works          INTEGER,                                               -- posts and messages in the window
  last_active_at INTEGER,
  reach_score    REAL,
  growth_score   REAL,
  engagement_score REAL,
  voice_score    REAL,
  activity_score REAL,
  authority_score REAL,
  authenticity_score REAL,
  fans_score     REAL,
  portability_score REAL,
  potential_score REAL,
  kind           TEXT NOT NULL,                                         -- kol, koc, both, unknown
  language       TEXT,                                                  -- by the script of what they write
  score          REAL NOT NULL,
  confidence     REAL NOT NULL,
  version        INTEGER NOT NULL
) STRICT;
CREATE INDEX standing_score ON standing (score DESC, creator_id);
CREATE INDEX standing_followers ON standing (followers DESC, creator_id);
CREATE INDEX standing_growth ON standing (growth DESC, creator_id);
CREATE INDEX standing_engagement ON standing (engagement DESC, creator_id);
CREATE INDEX standing_voice ON standing (voice DESC, creator_id);
CREATE INDEX standing_authority ON standing (authority_score DESC, creator_id);
CREATE INDEX standing_authenticity ON standing (authenticity_score DESC, creator_id);
CREATE INDEX standing_fans ON standing (fans_score DESC, creator_id);
CREATE INDEX standing_portability ON standing (portability_score DESC, creator_id);
CREATE INDEX standing_potential ON standing (potential_score DESC, creator_id);
CREATE INDEX standing_active ON standing (last_active_at DESC, creator_id);
CREATE INDEX standing_name ON standing (name_key, creator_id);
CREATE INDEX standing_filter ON standing (platform, tier, score DESC, creator_id);
CREATE INDEX standing_kind ON standing (kind, score DESC, creator_id);

CREATE TABLE candidate (                                                -- where a creator stands in a brief
  brief_id       INTEGER NOT NULL REFERENCES brief,
  creator_id     INTEGER NOT NULL REFERENCES creator,
  version        INTEGER NOT NULL,                                      -- of the brief
  score          REAL NOT NULL,
  confidence     REAL NOT NULL,
  fit_score      REAL,
  audience_score REAL,
  inside         INTEGER NOT NULL CHECK (inside IN (0, 1)),             -- belongs to our communities
  extra          TEXT CHECK (extra IS NULL OR json_valid(extra)),       -- what scorers of plugins measured
  PRIMARY KEY (brief_id, creator_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX candidate_score ON candidate (brief_id, score DESC, creator_id);
CREATE INDEX candidate_fit ON candidate (brief_id, fit_score DESC, creator_id);
CREATE INDEX candidate_creator ON candidate (creator_id);

CREATE VIRTUAL TABLE creator_terms USING fts5 (
  terms, content = '', columnsize = 0, detail = none, tokenize = 'ascii'
);

CREATE TABLE leaderboard_run (
  id              INTEGER PRIMARY KEY,
  scope           TEXT NOT NULL CHECK (scope IN ('community', 'source', 'all')),
  scope_id        INTEGER NOT NULL,                                     -- 0 for all
  metric          TEXT NOT NULL,
  version         INTEGER NOT NULL,                                     -- of the metric's definition
  window_from     INTEGER NOT NULL,
  window_to       INTEGER NOT NULL,
  tie_rule        TEXT NOT NULL,
  exclusions      TEXT NOT NULL,
  people          INTEGER NOT NULL,                                     -- ranked; the entries are the first of them
  previous_people INTEGER NOT NULL,
  basis           INTEGER NOT NULL,                                     -- records its sources had brought by then
  computed_at     INTEGER NOT NULL,
  complete        INTEGER NOT NULL DEFAULT 0 CHECK (complete IN (0, 1))
) STRICT;
CREATE INDEX leaderboard_run_key ON leaderboard_run (scope, scope_id, metric, window_from, window_to, complete);

CREATE TABLE leaderboard_entry (
  run_id         INTEGER NOT NULL REFERENCES leaderboard_run ON DELETE CASCADE,
  position       INTEGER NOT NULL,
  creator_id     INTEGER NOT NULL REFERENCES creator,
  rank           INTEGER NOT NULL,
  value          INTEGER NOT NULL,
  previous_rank  INTEGER,
  previous_value INTEGER,
  PRIMARY KEY (run_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX leaderboard_entry_creator ON leaderboard_entry (creator_id);

-- People who were erased on their wish: not who they are, but enough to leave them out of what comes later ----

CREATE TABLE erased (
  mark      TEXT PRIMARY KEY,                                           -- keyed hash of a platform and an id there
  erased_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE erasure_key (
  id  INTEGER PRIMARY KEY CHECK (id = 1),
  key BLOB NOT NULL                                                     -- random, of this store alone
) STRICT;

-- Snapshots are facts: never changed, and removed only with the person they are about ------------------------

CREATE TABLE erasure (
  creator_id INTEGER PRIMARY KEY REFERENCES creator ON DELETE CASCADE
) STRICT;

CREATE TRIGGER account_snapshot_fixed BEFORE UPDATE ON account_snapshot
BEGIN SELECT RAISE (ABORT, 'snapshots are append-only'); END;
CREATE TRIGGER account_snapshot_kept BEFORE DELETE ON account_snapshot
WHEN NOT EXISTS (SELECT 1 FROM erasure JOIN account USING (creator_id) WHERE account.id = OLD.account_id)
BEGIN SELECT RAISE (ABORT, 'snapshots are append-only'); END;
CREATE TRIGGER post_snapshot_fixed BEFORE UPDATE ON post_snapshot
BEGIN SELECT RAISE (ABORT, 'snapshots are append-only'); END;
CREATE TRIGGER post_snapshot_kept BEFORE DELETE ON post_snapshot
WHEN NOT EXISTS (SELECT 1 FROM erasure JOIN account USING (creator_id) JOIN post ON post.account_id = account.id
                 WHERE post.id = OLD.post_id)
BEGIN SELECT RAISE (ABORT, 'snapshots are append-only'); END;

-- So are the stages and grades of people: the newest that was not taken back is in force -----------------------

CREATE TRIGGER stage_event_fixed
BEFORE UPDATE OF id, stage, since_at, how, rule_set_id, evidence, reason, author, at ON stage_event
BEGIN SELECT RAISE (ABORT, 'events are append-only'); END;
CREATE TRIGGER stage_event_kept BEFORE DELETE ON stage_event
WHEN NOT EXISTS (SELECT 1 FROM erasure WHERE creator_id = OLD.creator_id)
BEGIN SELECT RAISE (ABORT, 'events are append-only'); END;
CREATE TRIGGER grade_event_fixed
BEFORE UPDATE OF id, grade, since_at, how, rule_set_id, evidence, reason, author, at ON grade_event
BEGIN SELECT RAISE (ABORT, 'events are append-only'); END;
CREATE TRIGGER grade_event_kept BEFORE DELETE ON grade_event
WHEN NOT EXISTS (SELECT 1 FROM erasure WHERE creator_id = OLD.creator_id)
BEGIN SELECT RAISE (ABORT, 'events are append-only'); END;
CREATE TRIGGER rule_set_fixed BEFORE UPDATE ON rule_set
BEGIN SELECT RAISE (ABORT, 'rule sets are never changed'); END;
