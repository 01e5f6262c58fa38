// Addresses of a page with some words of its query said, others left out.

/** `/devices?building=b1`; null members are left out. */
export function withQuery(path: string, query: Readonly<Record<string, string | null>>): string {
  const said = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== null) said.set(name, value);
  const text = said.toString();
  return text === "" ? path : `${path}?${text}`;
}
