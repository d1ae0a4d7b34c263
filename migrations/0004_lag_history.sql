-- How far behind links were: minutes, rolled up to quarters of an hour and to hours.

CREATE TABLE lag_links (
  id        INTEGER PRIMARY KEY,
  mesh      TEXT    NOT NULL,
  origin    TEXT    NOT NULL,
  target    TEXT    NOT NULL,
  UNIQUE (mesh, origin, target)
) STRICT;

-- span in seconds; begin in seconds since 1970.
CREATE TABLE lags (
  span      INTEGER NOT NULL,
  link      INTEGER NOT NULL REFERENCES lag_links (id),
  begin_s   INTEGER NOT NULL,
  most_ms   INTEGER NOT NULL,
  sum_ms    INTEGER NOT NULL,
  samples   INTEGER NOT NULL,
  standing  INTEGER NOT NULL,
  PRIMARY KEY (span, link, begin_s)
) STRICT, WITHOUT ROWID;
