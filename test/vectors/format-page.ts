// The examples of ledger/core/FORMAT.md as they stand in the page: fenced blocks marked `hex NAME` or `text NAME`.

import { readFileSync, writeFileSync } from "node:fs";
import { fromHex, toHex } from "@muniment/core";
import type { Examples } from "./format-examples.ts";

const page = new URL("../../ledger/core/FORMAT.md", import.meta.url);
const BLOCK = /^```(hex|text) ([a-z0-9-]+)\n([\s\S]*?)^```$/gm;
const HEX_LINE = 128;

/** Every marked block of the page by its name; bytes are decoded from hexadecimal. */
export function readPage(): Map<string, Uint8Array | string> {
  const blocks = readFileSync(page, "utf8").matchAll(BLOCK);
  return new Map(
    Array.from(blocks, ([, kind, name, content]) => [
      name!,
      kind === "hex" ? fromHex(content!.replace(/\s/g, "")) : content!,
    ]),
  );
}

/** Puts examples into the page's blocks of their names. For whoever changes a format on purpose. */
export function writePage(examples: Examples): void {
  const text = readFileSync(page, "utf8").replace(BLOCK, (_block, kind: string, name: string) => {
    const example = examples.get(name);
    if (example === undefined)
      throw new Error(`the page has a block ${name}, for which there is no example`);
    const content =
      typeof example === "string"
        ? example
        : `${toHex(example)
            .match(new RegExp(`.{1,${HEX_LINE}}`, "g"))!
            .join("\n")}\n`;
    return `\`\`\`${kind} ${name}\n${content}\`\`\``;
  });
  writeFileSync(page, text);
}
