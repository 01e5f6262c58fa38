// Requests to the node that served this page; the only place that calls fetch.
import { Problem, problemOf } from "./problem.ts";

async function request(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, init).catch((cause: unknown) => {
    if (init.signal?.aborted) throw cause;
    throw new Problem(0, "network", "The ledger node did not answer.", { cause });
  });
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** Fetches JSON. The shape is the server's promise (its OpenAPI schema filters what it sends). Throws `Problem`. */
export async function getJson<Shape>(path: string, signal?: AbortSignal): Promise<Shape> {
  return (await (await request(path, signal ? { signal } : {})).json()) as Shape;
}

/** Fetches text, as the policy and the checkpoint are. Throws `Problem`. */
export async function getText(path: string, signal?: AbortSignal): Promise<string> {
  return (await request(path, signal ? { signal } : {})).text();
}

/** Tells the node something; a body goes as JSON. The answer is not read: views ask again. Throws `Problem`. */
export async function send(
  method: "POST" | "PUT" | "DELETE",
  path: string,
  body?: object,
): Promise<void> {
  await request(
    path,
    body === undefined
      ? { method }
      : { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) },
  );
}
