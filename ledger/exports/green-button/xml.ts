// XML 1.0 text, piece by piece: elements whose content is escaped text, a number, or elements already written.

/** Markup that is written; told from plain text by its type, so that nothing is escaped twice or not at all. */
export interface Markup {
  readonly xml: string;
}

type Content = Markup | string | number | null;

/** An element. Text is escaped; null content is left out; an element without content is written as empty. */
export function element(
  name: string,
  content: Content | readonly Content[],
  attributes: Readonly<Record<string, string>> = {},
): Markup {
  const head = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escaped(value)}"`)
    .join("");
  const inner = (Array.isArray(content) ? content : [content])
    .map((part: Content) =>
      part === null ? "" : typeof part === "object" ? part.xml : escaped(String(part)),
    )
    .join("");
  return { xml: inner === "" ? `<${name}${head}/>` : `<${name}${head}>${inner}</${name}>` };
}

/** Characters that mean something become references; those that XML 1.0 2.2 does not allow become U+FFFD. */
function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replace(FORBIDDEN, "\uFFFD");
}

const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;
