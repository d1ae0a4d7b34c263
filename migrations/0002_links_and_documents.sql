-- What outlives operations: the incarnations of links with their proven positions, markers and certificates.

CREATE TABLE incarnations (
  group_name TEXT    NOT NULL,
  from_name  TEXT    NOT NULL,
  to_name    TEXT    NOT NULL,
  number     INTEGER NOT NULL,
  changefeed TEXT    NOT NULL,
  start_tso  INTEGER NOT NULL,
  proven_tso INTEGER NOT NULL,
  state      TEXT    NOT NULL,
  PRIMARY KEY (group_name, from_name, to_name, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE documents (
  kind  TEXT    NOT NULL,
  key   TEXT    NOT NULL,
  at_ms INTEGER NOT NULL,
  body  TEXT    NOT NULL,
  PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX documents_by_time ON documents (kind, at_ms);
