// The tables of the read model (D10): disposable, so a change of this file only raises the version.

/** Raised with every change of a table or of a rule that fills one; another version on disk means: rebuild. */
export const schemaVersion = 1;

/** Milliseconds in a row of the roll-up. */
export const hourMs = 3_600_000;

/** Flags of a sample, as bits. */
export const FLAG = { late: 1 } as const;

export const TABLES = `
-- How far the ledger is applied; written in the transaction of the rows it stands for.
CREATE TABLE cursor (version INTEGER, genesis VARCHAR, next BIGINT, height BIGINT, time BIGINT);
-- The registry keys of the state, as last written.
CREATE TABLE registry (key VARCHAR PRIMARY KEY, value BLOB, time BIGINT);
CREATE TABLE names (kind VARCHAR, no INTEGER, name VARCHAR);
-- What the roll-up must know of a point. energy: cumulative or interval joules.
CREATE TABLE points (no INTEGER PRIMARY KEY, interval_ms BIGINT, kind VARCHAR, energy BOOLEAN);
-- One row per anchored entry, in ledger order; signer is 0 when the entry names no known key.
CREATE TABLE entries (gateway INTEGER, idx INTEGER, ledger INTEGER, signer INTEGER, sequence BIGINT, standing UTINYINT, time BIGINT);
-- One row per counted record, in ledger order. Of two for one point and time the later stands.
CREATE TABLE samples (point INTEGER, t BIGINT, v DOUBLE, gateway INTEGER, idx INTEGER, sequence BIGINT, flags UTINYINT);
-- Per point and hour of UTC: derived from samples, recomputed whenever the hour is touched.
CREATE TABLE hourly (point INTEGER, hour INTEGER, n INTEGER, slots INTEGER, sum DOUBLE, min DOUBLE, max DOUBLE,
  first_t BIGINT, first_v DOUBLE, last_t BIGINT, last_v DOUBLE,
  joules DOUBLE, intervals INTEGER, gaps INTEGER, resets INTEGER, peak_w DOUBLE, peak_t BIGINT);
CREATE TABLE transactions (idx INTEGER, height INTEGER, time BIGINT, kind VARCHAR, signed_by VARCHAR, id VARCHAR);
`;
