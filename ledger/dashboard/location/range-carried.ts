// The time range travels with the reader: links within the site carry it on, so that going down and up keeps it.

const carried = ["range", "from", "to"] as const;

/** `href` with the range that `search` says, unless `href` says one itself. */
export function withRange(href: string, search: string): string {
  const [path = "", query = ""] = href.split("?");
  const said = new URLSearchParams(query);
  if (carried.some((name) => said.has(name))) return href;
  const here = new URLSearchParams(search);
  for (const name of carried) {
    const value = here.get(name);
    if (value !== null) said.set(name, value);
  }
  const text = said.toString();
  return text === "" ? path : `${path}?${text}`;
}
