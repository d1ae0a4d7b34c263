-- Outward calls of operations, deadlines, the queue for locks, and steps that a person skipped.

CREATE TABLE calls (
  number    INTEGER PRIMARY KEY,
  operation TEXT    NOT NULL REFERENCES operations (id),
  step      TEXT    NOT NULL,
  during    TEXT    NOT NULL,
  at_ms     INTEGER NOT NULL,
  target    TEXT    NOT NULL,
  what      TEXT    NOT NULL,
  took_ms   INTEGER NOT NULL,
  answer    TEXT    NOT NULL,
  left_out  INTEGER NOT NULL
) STRICT;

CREATE INDEX calls_by_operation ON calls (operation, at_ms, number);

ALTER TABLE operations ADD COLUMN deadline_ms INTEGER;

-- What a queued operation waits for: all of it or nothing; in the order of operations.number.
CREATE TABLE lock_waits (
  operation TEXT NOT NULL REFERENCES operations (id),
  name      TEXT NOT NULL,
  PRIMARY KEY (operation, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX lock_waits_by_name ON lock_waits (name);

-- The same table with one state more.
CREATE TABLE steps_with_skipped (
  operation  TEXT    NOT NULL REFERENCES operations (id),
  step       TEXT    NOT NULL,
  position   INTEGER NOT NULL,
  name       TEXT    NOT NULL,
  state      TEXT    NOT NULL CHECK (state IN ('pending', 'started', 'done', 'failed', 'compensated', 'skipped')),
  started_ms INTEGER,
  ended_ms   INTEGER,
  note       TEXT    NOT NULL,
  PRIMARY KEY (operation, step)
) STRICT, WITHOUT ROWID;

INSERT INTO steps_with_skipped SELECT operation, step, position, name, state, started_ms, ended_ms, note FROM steps;
DROP TABLE steps;
ALTER TABLE steps_with_skipped RENAME TO steps;

-- The operations whose details `state compact` may drop.
CREATE INDEX operations_ended ON operations (ended_ms) WHERE ended_ms IS NOT NULL;
