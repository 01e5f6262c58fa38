// Finds the third-party vectors, which are not part of this repository and may be absent.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Folder of the vectors: MUNIMENT_MATERIAL, or `../shared/material` beside the repository. */
export const materialFolder = process.env.MUNIMENT_MATERIAL ?? join(root, "../shared/material");

/** Whether a family of vectors is there; if not, one line says aloud what is skipped. */
export function hasMaterial(family: string): boolean {
  const present = existsSync(join(materialFolder, family));
  if (!present)
    console.warn(
      `SKIPPED: third-party ${family} vectors, because ${join(materialFolder, family)} is absent (set MUNIMENT_MATERIAL)`,
    );
  return present;
}

/** Bytes of one file of the material. */
export function readMaterial(path: string): Uint8Array {
  return new Uint8Array(readFileSync(join(materialFolder, path)));
}

/** Text of one file of the material. */
export function readMaterialText(path: string): string {
  return readFileSync(join(materialFolder, path), "utf8");
}

/** One JSON file of the material, with integers beyond 2^53 kept exact as bigint. */
export function readMaterialJson<T>(path: string): T {
  // A number of 16 digits or more that stands as a value becomes a tagged string, then a bigint.
  const text = readMaterialText(path).replace(/(:\s*)(\d{16,})(\s*[,}\]])/g, '$1"bigint:$2"$3');
  return JSON.parse(text, (_key, value: unknown) =>
    typeof value === "string" && value.startsWith("bigint:") ? BigInt(value.slice(7)) : value,
  ) as T;
}

/** Every file under a folder of the material, in order, as paths relative to the material. */
export function listMaterial(folder: string, extension = ""): string[] {
  return readdirSync(join(materialFolder, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => relative(materialFolder, join(entry.parentPath, entry.name)))
    .sort();
}
