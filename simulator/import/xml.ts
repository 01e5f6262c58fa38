// XML of strangers, read within limits: no document type, so no entities; bounded size and depth; every element an object of lists.
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { SimulatorError } from "../errors.ts";

/** Characters of one document. */
const documentCharsMax = 64 * 1024 * 1024;
/** An ESPI feed nests eight deep. */
const depthMax = 24;

/** An element: its attributes, its text, and its children by name, in order. Names are without their prefixes. */
export interface XmlElement {
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  /** Children of that name; none is an empty list. */
  all(name: string): readonly XmlElement[];
  /** The first child of that name, or null. */
  first(name: string): XmlElement | null;
  /** Text of the first child of that name, or null where there is none or it is empty. */
  textOf(name: string): string | null;
  /** Names of the children, each once. */
  readonly names: readonly string[];
}

const ATTRIBUTE = "@";
const TEXT = "#text";

/** The root element. Throws greenbutton.format: not well-formed, too large, too deep, or with a document type. */
export function parseXml(text: string, root: string): XmlElement {
  if (text.length > documentCharsMax)
    throw wrong(`expected at most ${documentCharsMax} characters, got ${text.length}`);
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) throw wrong("a document type is not read");
  const checked = XMLValidator.validate(text);
  if (checked !== true) throw wrong(`line ${checked.err.line}: ${checked.err.msg}`);
  let document: unknown;
  try {
    document = new XMLParser({
      ignoreAttributes: false,
      attributeNamePrefix: ATTRIBUTE,
      textNodeName: TEXT,
      removeNSPrefix: true,
      parseTagValue: false,
      parseAttributeValue: false,
      // With no document type only the five of XML itself are left, and those are read here.
      processEntities: false,
      ignoreDeclaration: true,
      ignorePiTags: true,
      maxNestedTags: depthMax,
      isArray: (_name, _path, _leaf, isAttribute) => !isAttribute,
    }).parse(text);
  } catch (cause) {
    throw wrong(cause instanceof Error ? cause.message : String(cause), { cause });
  }
  const found = elementOf(document).first(root);
  if (found === null) throw wrong(`expected a ${root} element`);
  return found;
}

function wrong(found: string, options?: ErrorOptions): SimulatorError {
  return new SimulatorError("greenbutton.format", found, options);
}

function elementOf(node: unknown): XmlElement {
  const entries = typeof node === "object" && node !== null ? Object.entries(node) : [];
  const attributes: Record<string, string> = {};
  const children = new Map<string, readonly unknown[]>();
  let text = typeof node === "string" ? node : "";
  for (const [name, value] of entries) {
    if (name === TEXT) text = String(value);
    else if (name.startsWith(ATTRIBUTE)) attributes[name.slice(1)] = plain(String(value));
    else if (Array.isArray(value)) children.set(name, value);
  }
  const all = (name: string): readonly XmlElement[] => (children.get(name) ?? []).map(elementOf);
  const first = (name: string): XmlElement | null => {
    const child = children.get(name)?.[0];
    return child === undefined ? null : elementOf(child);
  };
  return {
    attributes,
    text: plain(text).trim(),
    all,
    first,
    textOf: (name) => first(name)?.text || null,
    names: [...children.keys()],
  };
}

const PREDEFINED: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

/** The five references of XML 1.0 4.6, and characters by number. */
function plain(text: string): string {
  return text.replace(/&(?:(\w+)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));/g, (all, name, tens, hex) => {
    if (name !== undefined) return PREDEFINED[name] ?? all;
    const code = tens === undefined ? Number.parseInt(hex, 16) : Number(tens);
    return code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });
}
