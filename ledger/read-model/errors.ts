// Questions the read model does not answer, with a stable code (house rule: errors).

/** Every code, and what it means. */
export const QUERY_CODES = {
  "query.unknown": "nothing of this name is enrolled",
  "query.period": "`from` must be an instant before `to`",
  "query.range": "the period holds more steps than one answer may",
  "query.busy": "no more of these can be open at once",
  "query.format": "this format does not hold what was asked for",
  "query.cursor": "not a cursor that an earlier answer gave",
} as const;

export type QueryCode = keyof typeof QUERY_CODES;

export class QueryError extends Error {
  readonly code: QueryCode;

  constructor(code: QueryCode, found?: string) {
    super(found === undefined ? QUERY_CODES[code] : `${QUERY_CODES[code]}: ${found}`);
    this.name = "QueryError";
    this.code = code;
  }
}
