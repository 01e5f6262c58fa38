// The rules that keep the house in order, checked: imports point down, core and machine are pure, files say what they are.
// Every message says what to do instead.

import { existsSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { basename, join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { NEVER_IMPORTED, PARTS, partOf, within } from "./tidy/import-table.ts";
import {
  at,
  declaredPackages,
  listFiles,
  type Module,
  packageOf,
  readModules,
  resolveOwn,
  root,
  walk,
} from "./tidy/source-tree.ts";

const modules = readModules();
const product = modules.filter(({ isTest }) => !isTest);
const byPath = new Map(modules.map((module) => [module.path, module]));

/** Whether a file is under the rule of purity: core without its providers and file idioms, and the machine. */
const isPureCore = ({ path }: Module): boolean =>
  within(path, "ledger/core") &&
  !within(path, "ledger/core/provider") &&
  !within(path, "ledger/core/files");
const isMachine = ({ path }: Module): boolean => within(path, "ledger/machine");

const isNode = (specifier: string): boolean =>
  specifier.startsWith("node:") || builtinModules.includes(specifier);

describe("tidy", () => {
  it("sees the whole repository", () => {
    const count = (folder: string): number =>
      product.filter(({ path }) => within(path, folder)).length;
    expect(count("ledger/core")).toBeGreaterThanOrEqual(22);
    expect(count("ledger/machine")).toBeGreaterThanOrEqual(15);
    expect(product.length).toBeGreaterThanOrEqual(90);
    // The parser must see imports, or every rule below passes on nothing.
    expect(product.reduce((sum, { imports }) => sum + imports.length, 0)).toBeGreaterThan(
      (3 * product.length) / 2,
    );
    expect(byPath.get("ledger/core/signature.ts")?.imports).toContain("#provider");
  });

  it("imports follow the table: down, and never sideways", () => {
    const broken: string[] = [];
    for (const module of product.filter(({ path }) => !path.endsWith(".config.ts"))) {
      const part = partOf(module.path);
      for (const specifier of module.imports) {
        const target = resolveOwn(module, specifier);
        const allowed =
          target !== null
            ? partOf(target) === part ||
              (part.folder === "ledger" && within(target, "ledger")) ||
              part.may.some((folder) => within(target, folder))
            : isNode(specifier)
              ? part.node
              : part.packages === "declared"
                ? declaredPackages(module.path).has(packageOf(specifier))
                : part.packages.includes(packageOf(specifier));
        // The browser reaches core only through its face; files and node:* are for servers.
        const serverOnly = target !== null && within(target, "ledger/core/files") && !part.node;
        const ofProvider =
          target !== null &&
          within(target, "ledger/core/provider") &&
          within(module.path, "ledger/core");
        const ofPort =
          target !== null &&
          within(target, "ledger/core/files") &&
          within(module.path, "ledger/core/files");
        if ((!allowed && !ofProvider) || (serverOnly && !ofPort))
          broken.push(`${module.path} imports ${specifier}: ${part.instead}`);
      }
    }
    expect(broken).toEqual([]);
  });

  it("core is entered by its face: @muniment/core, not a path", () => {
    const broken = product.flatMap((module) =>
      module.imports
        .filter(
          (specifier) =>
            specifier.startsWith(".") &&
            !within(module.path, "ledger/core") &&
            within(resolveOwn(module, specifier)!, "ledger/core"),
        )
        .map((specifier) => `${module.path} imports ${specifier}: write "@muniment/core"`),
    );
    expect(broken).toEqual([]);
  });

  it("inside a package the file is imported, not the index", () => {
    const broken = product.flatMap((module) =>
      module.imports
        .filter(
          (specifier) => /(^|\/)index\.ts$/.test(specifier) && basename(module.path) !== "index.ts",
        )
        .map(
          (specifier) =>
            `${module.path} imports ${specifier}: import the file that holds what is needed`,
        ),
    );
    expect(broken).toEqual([]);
  });

  it("nobody imports the tests or the simulator", () => {
    const broken = product.flatMap((module) =>
      module.imports
        .map((specifier) => resolveOwn(module, specifier))
        .filter(
          (target) =>
            target !== null &&
            NEVER_IMPORTED.some((folder) => within(target, folder) && !within(module.path, folder)),
        )
        .map(
          (target) =>
            `${module.path} imports ${target}: move what both need into the package that owns it`,
        ),
    );
    expect(broken).toEqual([]);
  });

  it("no module imports itself in a circle", () => {
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      const seen = trail.indexOf(path);
      if (seen >= 0)
        circles.push(
          `${[...trail.slice(seen), path].join(" → ")}: move what both need into a file of its own`,
        );
      if (seen >= 0 || done.has(path)) return;
      const module = byPath.get(path);
      for (const specifier of module?.imports ?? []) {
        const target = module === undefined ? null : resolveOwn(module, specifier);
        if (target !== null) visit(target, [...trail, path]);
      }
      done.add(path);
    };
    for (const { path } of modules) visit(path, []);
    expect(circles).toEqual([]);
  });

  it("every relative import names a file that is there", () => {
    const broken = modules.flatMap((module) =>
      module.imports
        .filter(
          (specifier) =>
            specifier.startsWith(".") &&
            /\.tsx?$/.test(specifier) &&
            !existsSync(join(root, resolveOwn(module, specifier)!)),
        )
        .map((specifier) => `${module.path} imports ${specifier}, which does not exist`),
    );
    expect(broken).toEqual([]);
  });
});

/** Names of the world that a pure file may not read, and what to do instead. */
const IMPURE: Readonly<Record<string, string>> = {
  process: "take the setting as an argument",
  performance: "take the time as an argument",
  setTimeout: "a timeout is an input: let the caller wait",
  setInterval: "a timer is an input: let the caller wait",
  setImmediate: "let the caller schedule",
  fetch: "take the bytes as an argument",
  crypto: "take the random bytes as an argument",
  globalThis: "take the value as an argument",
  localStorage: "take the value as an argument",
  navigator: "take the value as an argument",
  console: "return what happened",
};
const IMPURE_MEMBERS: Readonly<Record<string, string>> = {
  "Date.now": "take the time as an argument",
  "Math.random": "take the random bytes as an argument",
};
/** What the machine may not use besides: every node must come to the same bits (D9). */
const UNSTABLE: Readonly<Record<string, string>> = {
  Date: "block times are integers of milliseconds; compare them",
  Intl: "locales differ between machines; compare bytes",
  parseFloat: "amounts are integers: use Number.parseInt or bigint",
  Float32Array: "amounts are integers",
  Float64Array: "amounts are integers",
};
const UNSTABLE_MEMBERS: readonly string[] = [
  "parseFloat",
  "toFixed",
  "toPrecision",
  "toLocaleString",
  "toLocaleLowerCase",
  "toLocaleUpperCase",
  "localeCompare",
  "normalize",
];
const MATH_OF_INTEGERS = new Set([
  "abs",
  "ceil",
  "floor",
  "max",
  "min",
  "sign",
  "trunc",
  "imul",
  "clz32",
]);

/** Whether an identifier stands for the name itself, not for a property, a key or a declaration of that name. */
function isFreeName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return false;
  if (ts.isPropertyAssignment(parent) && parent.name === node) return false;
  if (
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodDeclaration(parent)
  )
    return false;
  return (
    !ts.isParameter(parent) && !ts.isVariableDeclaration(parent) && !ts.isBindingElement(parent)
  );
}

function impurities(module: Module): string[] {
  const found: string[] = [];
  walk(module.source, (node) => {
    if (ts.isIdentifier(node) && node.text in IMPURE && isFreeName(node))
      found.push(`${at(module, node)} uses ${node.text}: ${IMPURE[node.text]}`);
    if (ts.isPropertyAccessExpression(node)) {
      const member = `${node.expression.getText(module.source)}.${node.name.text}`;
      if (member in IMPURE_MEMBERS)
        found.push(`${at(module, node)} uses ${member}: ${IMPURE_MEMBERS[member]}`);
    }
    if (
      ts.isNewExpression(node) &&
      node.expression.getText(module.source) === "Date" &&
      (node.arguments?.length ?? 0) === 0
    ) {
      found.push(`${at(module, node)} reads the clock: take the time as an argument`);
    }
  });
  return found;
}

function instabilities(module: Module): string[] {
  const found: string[] = [];
  walk(module.source, (node) => {
    if (ts.isIdentifier(node) && node.text in UNSTABLE && isFreeName(node))
      found.push(`${at(module, node)} uses ${node.text}: ${UNSTABLE[node.text]}`);
    if (ts.isPropertyAccessExpression(node)) {
      const owner = node.expression.getText(module.source);
      if (UNSTABLE_MEMBERS.includes(node.name.text))
        found.push(`${at(module, node)} uses ${node.name.text}: compare bytes, count in integers`);
      if (owner === "Math" && !MATH_OF_INTEGERS.has(node.name.text))
        found.push(
          `${at(module, node)} uses Math.${node.name.text}: its result may not be an integer`,
        );
    }
    if (ts.isNumericLiteral(node) && !Number.isInteger(Number(node.text)))
      found.push(`${at(module, node)} has ${node.text}: scale it to an integer`);
    if (
      ts.isBinaryExpression(node) &&
      node.operatorToken.kind === ts.SyntaxKind.SlashToken &&
      !isFloored(node)
    ) {
      found.push(`${at(module, node)} divides: write Math.floor(a / b), or use bigint`);
    }
  });
  return found;
}

function isFloored(node: ts.Node): boolean {
  let parent = node.parent;
  while (ts.isParenthesizedExpression(parent)) parent = parent.parent;
  return (
    ts.isCallExpression(parent) && /^Math\.(floor|trunc|ceil)$/.test(parent.expression.getText())
  );
}

describe("pure files", () => {
  it("core and the machine see no clock, environment, network or chance", () => {
    const pure = product.filter((module) => isPureCore(module) || isMachine(module));
    expect(pure.length).toBeGreaterThan(30);
    expect(pure.flatMap(impurities)).toEqual([]);
  });

  it("the machine computes with integers and compares bytes", () => {
    expect(product.filter(isMachine).flatMap(instabilities)).toEqual([]);
  });

  it("only the node provider and core/files name node:*", () => {
    const naming = product.filter(
      (module) => within(module.path, "ledger/core") && module.imports.some(isNode),
    );
    for (const { path } of naming)
      expect(path).toMatch(/^ledger\/core\/(provider\/node\.ts|files\/.*)$/);
    expect(naming.length).toBeGreaterThan(1);
  });

  it("these checks find what they look for", () => {
    const planted = (text: string): Module => {
      const source = ts.createSourceFile(
        "planted.ts",
        text,
        ts.ScriptTarget.ESNext,
        true,
        ts.ScriptKind.TS,
      );
      return { path: "planted.ts", text, source, imports: [], isTest: false };
    };
    for (const text of [
      "Date.now()",
      "new Date()",
      "Math.random()",
      "process.env.HOME",
      "setTimeout(f, 1)",
      "crypto.getRandomValues(b)",
      "const t = performance.now()",
    ]) {
      expect(impurities(planted(text)), text).not.toEqual([]);
    }
    for (const text of [
      "new Date(5)",
      "parseFloat('1')",
      "Number.parseFloat('1')",
      "const a = 0.5",
      "a / b",
      "Math.sqrt(2)",
      "a.localeCompare(b)",
      "a.normalize()",
    ]) {
      expect(instabilities(planted(text)), text).not.toEqual([]);
    }
    for (const text of [
      "const x = { process: 1 }; x.process",
      "Math.floor((2 * a) / 3)",
      "// Date.now()",
      "'Math.random()'",
      "const a = 1_000",
    ]) {
      expect([...impurities(planted(text)), ...instabilities(planted(text))], text).toEqual([]);
    }
  });
});

describe("every file", () => {
  it("opens with a comment that says what it is", () => {
    const broken = modules
      .filter(({ text }) => !/^(#![^\n]*\n)?(\/\/ |\/\*\*? ?)\S/.test(text))
      .map(
        ({ path }) =>
          `${path}: open with one sentence that says what it is and which section it obeys`,
      );
    expect(broken).toEqual([]);
  });

  it("has a kebab-case name that is a noun of its own", () => {
    const broken = modules.flatMap(({ path }) => {
      const name = basename(path);
      if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.tsx?$/.test(name))
        return [`${path}: rename it in kebab-case`];
      if (/^(utils?|helpers?|common|types|misc|shared)\.tsx?$/.test(name))
        return [`${path}: name it after the idea it holds, or move its content to its user`];
      return [];
    });
    expect(broken).toEqual([]);
  });

  it("has no `any` and no work left undone", () => {
    const broken: string[] = [];
    for (const module of modules) {
      walk(module.source, (node) => {
        if (node.kind === ts.SyntaxKind.AnyKeyword)
          broken.push(`${at(module, node)} uses any: write unknown and narrow it`);
      });
      const left = /\b(TO-?DO|FIX-?ME|XX-?X)\b/.exec(
        module.text.replaceAll("TO-?DO|FIX-?ME|XX-?X", ""),
      );
      if (left !== null)
        broken.push(`${module.path} says ${left[0]}: do it, or open an issue and cite it`);
    }
    expect(broken).toEqual([]);
  });

  it("speaks of the product, not of how or where it was written", () => {
    // Spelt in pieces, so that this file passes its own check.
    const words = [
      `\\b${"age"}nts?\\b`,
      `\\b${"prom"}pts?\\b`,
      `/${"wo"}rk(?![-\\w])`,
      `/tmp/${"br"}ief`,
      `\\b${"hel"}per sessions?\\b`,
    ].join("|");
    const forbidden = new RegExp(words, "i");
    // Names of other people's interfaces.
    const foreign = new RegExp(
      `user[- ]${"age"}nt|new ${"Age"}nt\\(|\\b${"age"}nt:|\\{ ${"Age"}nt|${"Age"}nt\\b[^.]*node:https?`,
      "gi",
    );
    const texts = [
      ...new Set(
        ["ledger", "gateway", "firmware-bridge", "simulator", "test", "docs"]
          .filter((folder) => existsSync(join(root, folder)))
          .flatMap(listFiles),
      ),
    ];
    const files = [...texts, "README.md", "muniment.mjs", "package.json", "biome.json"].filter(
      (path) =>
        /\.(tsx?|mjs|md|json|py|go|html|css|ya?ml)$/.test(path) && existsSync(join(root, path)),
    );
    const broken = files.flatMap((path) => {
      const found = forbidden.exec(readFileSync(join(root, path), "utf8").replace(foreign, ""));
      return found === null ? [] : [`${path} says "${found[0]}": say what the product does`];
    });
    expect(files.length).toBeGreaterThan(100);
    expect(broken).toEqual([]);
  });

  it("belongs to a part of the import table, and each part has files or is still to come", () => {
    for (const { path } of modules) expect(() => partOf(path)).not.toThrow();
    const empty = PARTS.filter(
      ({ folder }) => !product.some(({ path }) => within(path, folder)) && folder !== "test",
    ).map(({ folder }) => folder);
    expect(empty).toEqual([]);
  });
});
