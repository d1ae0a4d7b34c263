-- Operations with their plans, steps, facts, locks and events, and the epoch of the one process that may write.

CREATE TABLE manager (
  id        INTEGER PRIMARY KEY CHECK (id = 1),
  epoch     INTEGER NOT NULL,
  holder    TEXT    NOT NULL,
  opened_ms INTEGER NOT NULL
) STRICT;

INSERT INTO manager (id, epoch, holder, opened_ms) VALUES (1, 0, '', 0);

CREATE TABLE operations (
  number           INTEGER PRIMARY KEY,
  id               TEXT    NOT NULL UNIQUE,
  kind             TEXT    NOT NULL,
  title            TEXT    NOT NULL,
  state            TEXT    NOT NULL CHECK (state IN ('queued', 'running', 'compensating', 'blocked',
                                                     'succeeded', 'reverted', 'cancelled')),
  plan             TEXT    NOT NULL,
  requested_by     TEXT    NOT NULL,
  idempotency_key  TEXT    NOT NULL,
  cancel_requested INTEGER NOT NULL,
  line_crossed     INTEGER NOT NULL,
  line_evidence    TEXT    NOT NULL,
  pause_started_ms INTEGER,
  pause_ended_ms   INTEGER,
  created_ms       INTEGER NOT NULL,
  ended_ms         INTEGER,
  error_code       TEXT    NOT NULL,
  error_text       TEXT    NOT NULL,
  error_remedy     TEXT    NOT NULL,
  undo_cause       TEXT
) STRICT;

CREATE UNIQUE INDEX operations_by_key ON operations (idempotency_key) WHERE idempotency_key <> '';
CREATE INDEX operations_unfinished ON operations (number)
  WHERE state IN ('queued', 'running', 'compensating', 'blocked');

CREATE TABLE steps (
  operation  TEXT    NOT NULL REFERENCES operations (id),
  step       TEXT    NOT NULL,
  position   INTEGER NOT NULL,
  name       TEXT    NOT NULL,
  state      TEXT    NOT NULL CHECK (state IN ('pending', 'started', 'done', 'failed', 'compensated')),
  started_ms INTEGER,
  ended_ms   INTEGER,
  note       TEXT    NOT NULL,
  PRIMARY KEY (operation, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE facts (
  operation TEXT    NOT NULL REFERENCES operations (id),
  name      TEXT    NOT NULL,
  scope     TEXT    NOT NULL,
  durable   INTEGER NOT NULL,
  set_by    TEXT    NOT NULL,
  value     TEXT    NOT NULL,
  PRIMARY KEY (operation, name, scope)
) STRICT, WITHOUT ROWID;

CREATE TABLE locks (
  name      TEXT    PRIMARY KEY NOT NULL,
  operation TEXT    NOT NULL REFERENCES operations (id),
  since_ms  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX locks_by_operation ON locks (operation);

CREATE TABLE events (
  number    INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms     INTEGER NOT NULL,
  severity  TEXT    NOT NULL,
  operation TEXT    NOT NULL,
  subject   TEXT    NOT NULL,
  text      TEXT    NOT NULL
) STRICT;

CREATE INDEX events_by_operation ON events (operation, number) WHERE operation <> '';
