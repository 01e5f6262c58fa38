// The tables of the read model (D10): disposable, so a change of this file only raises the version.

/** Raised with every change of a table or of a rule that fills one; another version on disk means: rebuild. */
export const schemaVersion = 2;

/** Milliseconds in a row of the hourly roll-up. */
export const hourMs = 3_600_000;

/** Milliseconds in a row of the roll-ups of energy and presence: every civil day of every zone begins on a multiple of it. */
export const quarterMs = 900_000;

/** Flags of a sample, as bits. */
export const FLAG = { late: 1, clockless: 2 } as const;

export const TABLES = `
-- How far the ledger is applied; written in the transaction of the rows it stands for.
CREATE TABLE cursor (version INTEGER, genesis VARCHAR, next BIGINT, height BIGINT, time BIGINT);
-- The registry keys of the state, as last written.
CREATE TABLE registry (key VARCHAR PRIMARY KEY, value BLOB, time BIGINT);
CREATE TABLE names (kind VARCHAR, no INTEGER, name VARCHAR);
-- What the roll-up must know of a point, and what came from it so far. energy: cumulative or interval joules. counter: it counts the
-- persons at its place.
CREATE TABLE points (no INTEGER, building VARCHAR, place VARCHAR, interval_ms BIGINT, kind VARCHAR, energy BOOLEAN, counter BOOLEAN,
  received BIGINT, last_t BIGINT, last_v DOUBLE);
-- One row per anchored entry, in ledger order; signer is 0 when the entry names no known key.
CREATE TABLE entries (gateway INTEGER, idx INTEGER, ledger INTEGER, signer INTEGER, sequence BIGINT, standing UTINYINT, time BIGINT);
-- One row per counted record, in ledger order. Of two for one point and time the later stands.
CREATE TABLE samples (point INTEGER, t BIGINT, v DOUBLE, gateway INTEGER, idx INTEGER, sequence BIGINT, flags UTINYINT);
-- Readings of devices without a clock, which are samples too: their times are counted from when they were anchored.
CREATE TABLE clockless (point INTEGER, t BIGINT);
-- What devices say of themselves, the latest of each name: device-says.ts. says is JSON.
CREATE TABLE device_says (device VARCHAR, name VARCHAR, signer INTEGER, sequence BIGINT, t BIGINT, gateway INTEGER, idx INTEGER,
  says VARCHAR, PRIMARY KEY (device, name));
-- Entries by gateway and standing.
CREATE TABLE standings (gateway INTEGER, standing UTINYINT, n BIGINT);
-- Per point and hour of UTC: derived from samples, recomputed whenever the hour is touched; so are the next four.
CREATE TABLE hourly (point INTEGER, hour INTEGER, n INTEGER, sum DOUBLE, min DOUBLE, max DOUBLE,
  first_t BIGINT, first_v DOUBLE, last_t BIGINT, last_v DOUBLE);
-- Per energy point and quarter-hour of UTC: the intervals that began in it. joules and ms: of those whose energy is known.
CREATE TABLE quarters (point INTEGER, slot INTEGER, joules DOUBLE, ms BIGINT, gaps INTEGER, resets INTEGER);
-- Which points count the persons of a scope: the building, a floor, a room. Derived from points.
CREATE TABLE counters (scope VARCHAR, point INTEGER, place VARCHAR, step_ms BIGINT);
-- Per scope and quarter-hour of UTC: the steps that began in it. occupied: those with a person there.
CREATE TABLE presence (scope VARCHAR, slot INTEGER, steps INTEGER, occupied INTEGER, sum DOUBLE, peak DOUBLE, peak_t BIGINT);
-- Per point that declares an interval and quarter-hour of UTC: how many of the readings owed in it came.
CREATE TABLE answers (point INTEGER, slot INTEGER, n INTEGER);
-- Per local day of a building and counted access event: who was there, by a tag that means nothing without the day's key.
CREATE TABLE persons (building VARCHAR, date VARCHAR, person BIGINT, ledger INTEGER);
-- Local days whose bodies were destroyed, and the distinct persons written down then. persons is null where nobody could tell.
CREATE TABLE dispositions (building VARCHAR, date VARCHAR, persons INTEGER, ledger INTEGER, PRIMARY KEY (building, date));
CREATE TABLE transactions (idx INTEGER, height INTEGER, time BIGINT, kind VARCHAR, signed_by VARCHAR, id VARCHAR);
`;
