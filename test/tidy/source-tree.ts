// Every TypeScript module of the repository, parsed: what it imports, and which syntax it uses.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Top folders of the repository's own code. */
const TOP = ["ledger", "gateway", "firmware-bridge", "simulator", "test"];
const SKIPPED = new Set(["node_modules", "dist", "coverage", "data", ".git"]);

export interface Module {
  /** Path from the root, with "/" between parts. */
  readonly path: string;
  readonly text: string;
  readonly source: ts.SourceFile;
  /** Module specifiers as written, in order. */
  readonly imports: readonly string[];
  readonly isTest: boolean;
}

/** All files under a folder of the repository, as paths from the root. */
export function listFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : listFiles(path);
    return entry.isFile() ? [path] : [];
  });
}

/** Every module: TypeScript files of all packages, tests included. */
export function readModules(): Module[] {
  const present = new Set(readdirSync(root));
  return TOP.filter((folder) => present.has(folder))
    .flatMap(listFiles)
    .filter((path) => /\.tsx?$/.test(path) && !path.endsWith(".d.ts"))
    .map(readModule);
}

function readModule(path: string): Module {
  const text = readFileSync(join(root, path), "utf8");
  const kind = path.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true, kind);
  const imports: string[] = [];
  walk(source, (node) => {
    const specifier =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
        ? node.moduleSpecifier
        : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
          ? node.arguments[0]
          : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
            ? node.argument.literal
            : undefined;
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) imports.push(specifier.text);
  });
  return {
    path,
    text,
    source,
    imports,
    isTest: path.startsWith("test/") || /\.(test|suite)\.tsx?$/.test(path),
  };
}

/** Visits every node of a syntax tree. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** Line of a node, from 1, after its path: what an editor can open. */
export function at(module: Module, node: ts.Node): string {
  return `${module.path}:${module.source.getLineAndCharacterOfPosition(node.getStart(module.source)).line + 1}`;
}

/** The file of the repository that a specifier means, or null for packages of others and node's own. */
export function resolveOwn(module: Module, specifier: string): string | null {
  if (specifier.startsWith("."))
    return posix.normalize(posix.join(posix.dirname(module.path), specifier));
  const own = /^@muniment\/([a-z-]+)(?:\/(.+))?$/.exec(specifier);
  if (own === null) return specifier === "#provider" ? "ledger/core/provider/node.ts" : null;
  const folder = own[1] === "core" ? "ledger/core" : own[1]!;
  if (own[2] === undefined) return `${folder}/index.ts`;
  return own[2] === "files" ? `${folder}/files/index.ts` : `${folder}/${own[2]}.ts`;
}

/** Name of the npm package that a specifier means. */
export function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** Packages that the package.json nearest to a file declares, for use at run time. */
export function declaredPackages(path: string): Set<string> {
  for (
    let folder = dirname(join(root, path));
    relative(root, folder).split(sep)[0] !== "..";
    folder = dirname(folder)
  ) {
    try {
      const json = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<
        string,
        Record<string, string> | undefined
      >;
      return new Set(
        ["dependencies", "optionalDependencies", "peerDependencies", "devDependencies"].flatMap(
          (field) => Object.keys(json[field] ?? {}),
        ),
      );
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  return new Set();
}
