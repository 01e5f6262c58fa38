// A refused or failed request, as RFC 9457 problem+json says it.

/** `code` is the server's stable code, or `network` when no answer came. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "Problem";
    this.status = status;
    this.code = code;
  }
}

/** Reads a problem document; a body that is none still gives a sentence. */
export async function problemOf(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null);
  const field = (name: string): string | null => {
    const value = body !== null && typeof body === "object" ? Reflect.get(body, name) : null;
    return typeof value === "string" ? value : null;
  };
  return new Problem(
    response.status,
    field("code") ?? `http.${response.status}`,
    field("detail") ?? field("title") ?? `The ledger node answered ${response.status}.`,
  );
}
