#!/usr/bin/env node
// The `muniment` command: finds the package that has the command asked for and loads nothing else.
import { readFileSync } from "node:fs";
import { styleText } from "node:util";

/** Every command in one table: words, package, what it does. More words are groups and one of their commands. */
const commands = [
  ["demo", "@muniment/simulator", "start ledger, gateway and a simulated building, and show them"],
  ["ledger", "@muniment/ledger", "run a ledger node"],
  ["gateway", "@muniment/gateway", "run a gateway"],
  ["gateway enrol", "@muniment/gateway", "make a gateway's keys and enrol it"],
  ["bridge", "@muniment/firmware-bridge", "join the boards on a serial line to a gateway"],
  ["building register", "@muniment/ledger", "put a building's facts on the ledger"],
  ["place register", "@muniment/ledger", "put floors, rooms and zones on the ledger"],
  ["device enrol", "@muniment/ledger", "put a device's key, place and points on the ledger"],
  ["device revoke", "@muniment/ledger", "end the trust in a device's key"],
  ["policy set", "@muniment/ledger", "set what holds from a time on, with its source"],
  ["hold place", "@muniment/ledger", "keep the access records of some days, whatever their clock"],
  ["hold release", "@muniment/ledger", "end a legal hold"],
  ["retention run", "@muniment/ledger", "destroy access records that are past their clock"],
  ["alarm list", "@muniment/ledger", "list alarms of a ledger node"],
  ["alarm ack", "@muniment/ledger", "acknowledge an alarm"],
  ["alarm rule add", "@muniment/ledger", "say what should ring, from a JSON file"],
  ["alarm rule list", "@muniment/ledger", "list the rules, with their defaults"],
  ["alarm rule remove", "@muniment/ledger", "remove a rule; its open alarms are closed"],
  ["keys create", "@muniment/ledger", "make an Ed25519 key file"],
  ["keys show", "@muniment/ledger", "print what others need to know of a key"],
  ["publish", "@muniment/simulator", "sign SenML JSON lines from stdin and send them over MQTT"],
  ["simulate", "@muniment/simulator", "send the life of a simulated building, past and present"],
  [
    "replay",
    "@muniment/simulator",
    "send a real data set through devices, with its own timestamps",
  ],
  [
    "import greenbutton",
    "@muniment/simulator",
    "send the readings of a Green Button file, marked as a person's",
  ],
  ["import bills", "@muniment/simulator", "send monthly bills as readings, marked as a person's"],
  ["export", "@muniment/ledger", "write readings, figures or the model of a building into a file"],
  ["verify", "@muniment/ledger", "verify an evidence bundle, offline"],
  ["fsck", "@muniment/ledger", "check every tile of a log against its entries and its root"],
  ["audit replay", "@muniment/ledger", "execute the whole ledger again and compare every effect"],
];

if (process.env.MUNIMENT_ENDS_WITH_STDIN) endWithStdin();

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
const asked = process.argv.slice(2);
const name = asked.find((word) => !word.startsWith("-"));

if (name === undefined || name === "help") {
  if (asked.includes("--version") || asked.includes("-V")) console.log(version);
  else console.log(helpText());
} else {
  const found = commands.find(([words]) => words.split(" ")[0] === name);
  if (found === undefined) {
    console.error(`muniment: unknown command ${JSON.stringify(name)}.${suggestion(name)}`);
    console.error("muniment --help lists all commands.");
    process.exitCode = 2;
  } else {
    await run(found[1]);
  }
}

async function run(packageName) {
  let register;
  let CommandClass;
  try {
    CommandClass = (await import("commander")).Command;
    register = (await import(`${packageName}/command`)).register;
  } catch (error) {
    if (error?.code !== "ERR_MODULE_NOT_FOUND") throw error;
    const what = String(error.message).includes("/dist/")
      ? "muniment is not built yet: run `npm run build`"
      : `a package is missing: run \`npm ci\` (${error.message})`;
    console.error(`muniment: ${what}`);
    process.exitCode = 1;
    return;
  }
  const program = new CommandClass("muniment").version(version).showHelpAfterError();
  // What follows a command's name is that command's, also where both know the option.
  program.enablePositionalOptions();
  // Wrong usage is exit code 2, as in the shell; 1 is a command that failed.
  program.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
  register(program);
  try {
    await program.parseAsync(process.argv);
  } catch (error) {
    if (process.env.MUNIMENT_TRACE) throw error;
    const code = typeof error?.code === "string" ? ` [${error.code}]` : "";
    console.error(`muniment ${name}: ${error?.message ?? error}${code}`);
    process.exitCode = 1;
  }
}

/** A process that another one started ends in order when that one is gone, be it by SIGKILL: then its stdin closes. */
function endWithStdin() {
  delete process.env.MUNIMENT_ENDS_WITH_STDIN;
  const endMsMax = 20_000;
  const ignore = () => {}; // then nobody reads what it prints
  for (const stream of [process.stdin, process.stdout, process.stderr]) stream.on("error", ignore);
  process.stdin.once("close", () => {
    setTimeout(() => process.exit(1), endMsMax).unref();
    process.kill(process.pid, "SIGTERM");
  });
  process.stdin.resume();
  process.stdin.unref?.();
}

function helpText() {
  const width = Math.max(...commands.map(([words]) => words.length)) + 2;
  const bold = (text) => (process.stdout.isTTY ? styleText("bold", text) : text);
  return [
    "Muniment: a tamper-evident ledger for the buildings a government runs",
    "",
    `${bold("Usage:")} muniment <command> [options]`,
    "",
    bold("Commands:"),
    ...commands.map(([words, , says]) => `  ${words.padEnd(width)}${says}`),
    "",
    "muniment <command> --help shows a command's options. Environment: MUNIMENT_TRACE=1 shows stack traces.",
  ].join("\n");
}

function suggestion(wrong) {
  const names = [...new Set(commands.flatMap(([words]) => words.split(" ")[0]))];
  const [nearest] = names
    .map((candidate) => ({ candidate, distance: editDistance(wrong, candidate) }))
    .sort((a, b) => a.distance - b.distance);
  return nearest.distance <= Math.max(2, wrong.length / 3)
    ? ` Did you mean ${nearest.candidate}?`
    : "";
}

/** Levenshtein 1966, with swapped neighbours counted as one (Damerau). */
function editDistance(a, b) {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i]);
  for (let j = 1; j <= b.length; j++) rows[0][j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      rows[i][j] = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
      }
    }
  }
  return rows[a.length][b.length];
}
