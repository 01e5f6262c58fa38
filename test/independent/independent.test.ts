// Logs and evidence checked by programs that share no code with this project: golang.org/x/mod, and Python with openssl.

import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type EvidenceBundle, formatEvidence, fromBase64, toBase64 } from "@muniment/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  accessStatement,
  birthStatement,
  clocklessStatement,
  keyOf,
  LogFiles,
  readingStatement,
  type SampleLedger,
  sampleLedger,
  stateStatement,
} from "./sample-ledger.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "muniment-independent-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const has = (command: string, argument: string): boolean =>
  spawnSync(command, [argument], { stdio: "ignore" }).status === 0;

/** Debian's golang-golang-x-mod-dev puts the sources here; no module proxy is asked then. */
const DEBIAN_GOPATH = "/usr/share/gocode";

/** Builds the Go verifier: from Debian's sources if they are there, else as a module. Null, said aloud, if neither works. */
function buildVerifier(): string | null {
  if (!has("go", "version")) {
    console.warn(
      "SKIPPED: logs are not verified with golang.org/x/mod, because go is not installed",
    );
    return null;
  }
  const program = join(folder, "verify-log");
  const source = join(here, "verify-log");
  const debian = existsSync(join(DEBIAN_GOPATH, "src/golang.org/x/mod/sumdb/tlog"));
  const mode = debian
    ? { GO111MODULE: "off", GOPATH: DEBIAN_GOPATH, GOFLAGS: "" }
    : { GO111MODULE: "on", GOFLAGS: "-mod=readonly" };
  const built = spawnSync(
    "go",
    ["build", "-o", program, ...(debian ? [join(source, "main.go")] : ["."])],
    {
      cwd: debian ? folder : source,
      env: { ...process.env, ...mode },
      encoding: "utf8",
    },
  );
  if (built.status === 0) return program;
  console.warn(
    `SKIPPED: logs are not verified with golang.org/x/mod, because it cannot be built here: ${built.stderr.trim()}`,
  );
  return null;
}

const verifier = buildVerifier();

describe.runIf(verifier !== null)("golang.org/x/mod/sumdb", () => {
  const logSigner = keyOf("muniment sample gateway log");
  const verifyLog = (...args: string[]): SpawnSyncReturns<string> =>
    spawnSync(verifier!, args, { encoding: "utf8" });
  let log: LogFiles;
  let directory: string;

  beforeAll(() => {
    log = new LogFiles("ledger.muniment.example/demo/gw/gw-1", logSigner);
    log.append([readingStatement(1)]);
    const statements = Array.from({ length: 700 }, (_, i) => readingStatement(i + 1));
    for (const [from, to] of [
      [1, 70],
      [70, 300],
      [300, 700],
    ] as const)
      log.append(statements.slice(from, to));
    directory = join(folder, "log");
    log.writeTo(directory);
  });

  it("opens the checkpoint, finds every entry included and every older size consistent", () => {
    for (const size of [1, 70, 300, 700]) {
      const run = verifyLog(
        "-dir",
        directory,
        "-vkey",
        log.vkey,
        "-index",
        size === 700 ? "all" : "0,255,256,699",
        "-old",
        join(directory, `checkpoint.${size}`),
      );
      expect(run.stdout + run.stderr).toContain(`consistent: ${size} to 700`);
      expect(run.status).toBe(0);
    }
  });

  it("opens a cosigned ledger checkpoint", async () => {
    const sample = await sampleLedger();
    const ledger = join(folder, "ledger");
    sample.ledgerLog.writeTo(ledger);
    writeFileSync(join(ledger, "checkpoint"), sample.checkpoint);
    const run = verifyLog("-dir", ledger, "-vkey", sample.ledgerLog.vkey, "-index", "all");
    expect(run.stdout + run.stderr).toContain("included: 6 entries");
    expect(run.status).toBe(0);
  });

  it("refuses a changed entry, tile, root, signature, key, and a fork", () => {
    const flip = (bytes: Uint8Array, at: number): Uint8Array =>
      bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
    const checkpointText = new TextDecoder().decode(log.files.get("checkpoint"));
    const attacks: readonly (readonly [file: string, content: Uint8Array | string])[] = [
      ["tile/entries/001", flip(log.files.get("tile/entries/001")!, 1000)],
      ["tile/0/001", flip(log.files.get("tile/0/001")!, 77)],
      ["tile/1/000.p/2", flip(log.files.get("tile/1/000.p/2")!, 33)],
      ["checkpoint", checkpointText.replace("\n700\n", "\n699\n")],
      ["checkpoint", flip(log.files.get("checkpoint")!, checkpointText.length - 20)],
    ];
    for (const [i, [file, content]] of attacks.entries()) {
      const forged = join(folder, `attack-${i}`);
      log.writeTo(forged);
      writeFileSync(join(forged, file), content);
      const run = verifyLog(
        "-dir",
        forged,
        "-vkey",
        log.vkey,
        "-index",
        "all",
        "-old",
        join(directory, "checkpoint.300"),
      );
      expect(run.stdout, file).toContain("FAILED");
      expect(run.status, file).toBe(1);
    }
    const stranger = new LogFiles(log.origin, keyOf("muniment sample stranger"));
    expect(verifyLog("-dir", directory, "-vkey", stranger.vkey).status).toBe(1);
    const fork = new LogFiles(log.origin, logSigner);
    fork.append(Array.from({ length: 70 }, (_, i) => readingStatement(i + 1000)));
    const old = join(folder, "fork.checkpoint");
    writeFileSync(old, fork.files.get("checkpoint")!);
    expect(verifyLog("-dir", directory, "-vkey", log.vkey, "-old", old).stdout).toContain(
      "FAILED: size 70 to 700",
    );
  });
});

const python = has("python3", "--version") && has("openssl", "version");
if (!python)
  console.warn(
    "SKIPPED: evidence is not verified with Python and openssl, because one of them is not installed",
  );

describe.runIf(python)("Python's standard library and openssl", () => {
  let sample: SampleLedger;
  let reading: EvidenceBundle;
  let access: EvidenceBundle;
  let policy: string;
  let count = 0;

  function verifyBundle(text: string, ...options: string[]): SpawnSyncReturns<string> {
    const file = join(folder, `bundle-${count++}.json`);
    writeFileSync(file, text);
    return spawnSync("python3", ["-B", join(here, "verify_bundle.py"), file, ...options], {
      encoding: "utf8",
    });
  }

  beforeAll(async () => {
    sample = await sampleLedger();
    reading = await sample.evidence(7);
    access = await sample.evidence(20, accessStatement(20).body);
    policy = join(folder, "policy");
    writeFileSync(policy, sample.policy);
  });

  it("verify a reading and an access event under a pinned policy", () => {
    for (const bundle of [reading, access]) {
      const run = verifyBundle(formatEvidence(bundle), "--policy", policy);
      expect(run.stdout + run.stderr).toContain("cosigned by v1, v2, v3\nverified");
      expect(run.status).toBe(0);
    }
  });

  it("verify a birth, a state and readings of a device without a clock", async () => {
    const said = await sampleLedger(
      4,
      undefined,
      new Map([
        [7, birthStatement(7)],
        [8, stateStatement(8)],
        [9, clocklessStatement(9)],
      ]),
    );
    for (const index of [7, 8, 9]) {
      const run = verifyBundle(formatEvidence(await said.evidence(index)), "--policy", policy);
      expect(run.stdout + run.stderr).toContain("cosigned by v1, v2, v3\nverified");
      expect(run.stdout.includes("by a device without a clock")).toBe(index === 9);
    }
  });

  it("verify an access event whose body was destroyed, and say by which entry", async () => {
    const disposed = await sampleLedger(4, undefined, undefined, true);
    const withheld = await disposed.evidence(20);
    const run = verifyBundle(formatEvidence(withheld), "--policy", policy);
    expect(run.stdout + run.stderr).toContain("withheld by entry 7: GRS 5.6");
    expect(run.status).toBe(0);
    const other = await disposed.evidence(19);
    for (const bundle of [
      { ...withheld, body: access.body! },
      { ...withheld, disposition: withheld.anchor },
      { ...reading, disposition: withheld.disposition! },
      { ...withheld, gatewayProof: other.gatewayProof },
    ])
      expect(verifyBundle(formatEvidence(bundle), "--policy", policy).status).toBe(1);
  });

  it("say that the issuer is not trusted where no policy is pinned", () => {
    const run = verifyBundle(formatEvidence(reading));
    expect(run.stdout).toContain("consistent, issuer not trusted");
    expect(run.status).toBe(2);
  });

  it("fail, and name the step, when a field was touched", async () => {
    const flip = (text: string, at: number): string => {
      const bytes = fromBase64(text);
      return toBase64(
        bytes.map((byte, i) => (i === (at + bytes.length) % bytes.length ? byte ^ 1 : byte)),
      );
    };
    const swapLetter = (text: string, at: number): string =>
      text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
    const attacks: readonly (readonly [step: string, bundle: EvidenceBundle])[] = [
      ["device-signature", { ...reading, statement: flip(reading.statement, -1) }],
      ["statement", { ...access, body: flip(access.body!, 20) }],
      ["gateway-log", { ...reading, gatewayProof: (await sample.evidence(8)).gatewayProof }],
      ["gateway-log", { ...reading, gatewayProof: swapLetter(reading.gatewayProof, 40) }],
      ["anchor", { ...reading, gatewayKey: reading.deviceKey }],
      [
        "statement",
        {
          ...reading,
          deviceKey: { ...reading.deviceKey, effects: flip(reading.deviceKey.effects, 60) },
        },
      ],
      [
        "ledger-log",
        { ...reading, anchor: { ...reading.anchor, proof: swapLetter(reading.anchor.proof, 40) } },
      ],
      [
        "quorum",
        {
          ...reading,
          anchor: {
            ...reading.anchor,
            proof: `${reading.anchor.proof.split("\n").slice(0, -2).join("\n")}\n`,
          },
        },
      ],
      ["device-signature", await (await sampleLedger(4, "reading 7")).evidence(7)],
      ["anchor", await (await sampleLedger(4, "anchor")).evidence(7)],
      ["bundle", { ...reading, policy: (await sampleLedger(1)).policy }],
    ];
    for (const [step, bundle] of attacks) {
      const run = verifyBundle(formatEvidence(bundle), "--policy", policy);
      expect(run.stdout + run.stderr, step).toContain(`FAILED at ${step}`);
      expect(run.status, step).toBe(1);
    }
  });

  it("import nothing of this project", () => {
    const source = readFileSync(join(here, "verify_bundle.py"), "utf8");
    const imports = [...source.matchAll(/^(?:import|from) (\w+)/gm)].map((match) => match[1]);
    expect(imports).toEqual([
      "argparse",
      "base64",
      "hashlib",
      "json",
      "os",
      "re",
      "struct",
      "subprocess",
      "sys",
      "tempfile",
    ]);
  });
});
