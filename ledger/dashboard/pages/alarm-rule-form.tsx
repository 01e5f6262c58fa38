// The form for a rule: what to watch, where, from which limit on and for how long.
import { type FormEvent, type ReactNode, useState } from "react";
import { apiPath } from "../data/api-path.ts";
import { send } from "../data/request.ts";
import type { BuildingDetail, Point } from "../data/shapes.ts";
import type { BuildingNames } from "../data/use-building-names.ts";
import { useResource } from "../data/use-resource.ts";
import { type RuleKind, ruleKinds, ruleOf } from "../measure/alarm-rule.ts";
import { displayUnit } from "../measure/unit.ts";

interface AlarmRuleFormProps {
  readonly buildings: BuildingNames;
  readonly done: () => void;
}

/** Which fields a kind has, and what they are called. */
const fieldsOf: Readonly<
  Record<
    RuleKind,
    {
      readonly limit?: string;
      readonly clear?: boolean;
      readonly minutes?: string;
      readonly during?: boolean;
      readonly points?: boolean;
    }
  >
> = {
  above: {
    limit: "Limit",
    clear: true,
    minutes: "For at least, minutes",
    during: true,
    points: true,
  },
  below: {
    limit: "Limit",
    clear: true,
    minutes: "For at least, minutes",
    during: true,
    points: true,
  },
  "rate-above": {
    limit: "Change in an hour",
    minutes: "For at least, minutes",
    during: true,
    points: true,
  },
  "rate-below": {
    limit: "Change in an hour",
    minutes: "For at least, minutes",
    during: true,
    points: true,
  },
  silence: { minutes: "Silent for at least, minutes", during: true },
  completeness: { limit: "Readings that must come, %", minutes: "Judged over, minutes" },
  "gateway-lag": { minutes: "Behind by more than, minutes" },
  quarantine: { limit: "More than this many", minutes: "Within, minutes" },
};

/** Adds a rule; the node judges it strictly and its refusal is shown as it says it. */
export function AlarmRuleForm({ buildings, done }: AlarmRuleFormProps): ReactNode {
  const [kind, setKind] = useState<RuleKind>("above");
  const [building, setBuilding] = useState("");
  const [brick, setBrick] = useState("");
  const [said, setSaid] = useState<{ readonly ok: boolean; readonly text: string } | null>(null);
  const detail = useResource<BuildingDetail>(
    building === "" ? null : apiPath(["buildings", building]),
    { still: true },
  );
  const points = building === "" ? [] : (detail.value?.points ?? []);
  const kinds = measuresOf(points);
  const measure = kinds.find((one) => one.brick === brick) ?? null;
  const has = fieldsOf[kind];
  const add = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const text = (name: string): string => String(fields.get(name) ?? "");
    const rule = ruleOf({
      kind,
      building,
      brick: has.points ? brick : "",
      title: text("title"),
      severity: text("severity"),
      limit: text("limit"),
      clear: text("clear"),
      minutes: text("minutes"),
      during: has.during ? text("during") : "always",
      scale: measure?.scale ?? 1,
    });
    send("POST", "/api/v1/alarm-rules", rule).then(
      () => {
        setSaid({ ok: true, text: `Rule “${text("title")}” is in force.` });
        form.reset();
        done();
      },
      (error: unknown) =>
        setSaid({ ok: false, text: error instanceof Error ? error.message : "The rule failed." }),
    );
  };
  return (
    <section className="panel" aria-labelledby="add-title">
      <header className="panel__head">
        <h2 id="add-title">Add a rule</h2>
      </header>
      <form className="form" onSubmit={add}>
        <Field id="rule-title" label="Title">
          <input className="usa-input" id="rule-title" name="title" required maxLength={120} />
        </Field>
        <Field id="rule-kind" label="Rings when">
          <select
            className="usa-select"
            id="rule-kind"
            value={kind}
            onChange={(event) => setKind(event.currentTarget.value as RuleKind)}
          >
            {ruleKinds.map((one) => (
              <option key={one.kind} value={one.kind}>
                {one.name}
              </option>
            ))}
          </select>
        </Field>
        <Field id="rule-building" label="Building">
          <select
            className="usa-select"
            id="rule-building"
            value={building}
            onChange={(event) => {
              setBuilding(event.currentTarget.value);
              setBrick("");
            }}
          >
            <option value="">All buildings</option>
            {[...buildings].map(([id, { name }]) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </Field>
        {has.points ? (
          <Field
            id="rule-brick"
            label="Reading"
            hint={building === "" ? "Choose a building to see what it measures" : undefined}
          >
            <select
              className="usa-select"
              id="rule-brick"
              value={brick}
              required
              onChange={(event) => setBrick(event.currentTarget.value)}
            >
              <option value="">Choose …</option>
              {kinds.map((one) => (
                <option key={one.brick} value={one.brick}>
                  {one.name}
                </option>
              ))}
            </select>
          </Field>
        ) : null}
        {has.limit ? (
          <Field
            id="rule-limit"
            label={measure && has.points ? `${has.limit}, ${measure.unit}` : has.limit}
          >
            <input
              className="usa-input"
              id="rule-limit"
              name="limit"
              type="number"
              step="any"
              required
            />
          </Field>
        ) : null}
        {has.clear ? (
          <Field id="rule-clear" label="Clears at" hint="The limit itself when empty">
            <input className="usa-input" id="rule-clear" name="clear" type="number" step="any" />
          </Field>
        ) : null}
        {has.minutes ? (
          <Field id="rule-minutes" label={has.minutes}>
            <input
              className="usa-input"
              id="rule-minutes"
              name="minutes"
              type="number"
              min="0"
              step="any"
              required={kind === "gateway-lag"}
            />
          </Field>
        ) : null}
        {has.during ? (
          <Field id="rule-during" label="At which hours">
            <select className="usa-select" id="rule-during" name="during">
              <option value="always">Always</option>
              <option value="open">In opening hours</option>
              <option value="closed">Outside opening hours</option>
            </select>
          </Field>
        ) : null}
        <Field id="rule-severity" label="Severity">
          <select className="usa-select" id="rule-severity" name="severity" defaultValue="warning">
            <option value="info">Info</option>
            <option value="warning">Warning</option>
            <option value="critical">Critical</option>
          </select>
        </Field>
        <div className="form__end">
          <button type="submit" className="usa-button tool">
            Add the rule
          </button>
          <p role="status" className={said?.ok === false ? "usa-error-message" : "hint"}>
            {said?.text}
          </p>
        </div>
      </form>
    </section>
  );
}

interface Measure {
  readonly brick: string;
  readonly name: string;
  readonly unit: string;
  readonly scale: number;
}

/** What can be measured against a limit: the Brick classes of gauges, each with the unit that people read. */
function measuresOf(points: readonly Point[]): readonly Measure[] {
  const found = new Map<string, Measure>();
  for (const { brick, unit, kind } of points) {
    if (brick === null || kind === "event" || found.has(brick)) continue;
    const { label, scale } = displayUnit(unit, brick);
    const name = `${brick.replaceAll("_", " ")}${label === "" ? "" : `, ${label}`}`;
    found.set(brick, { brick, name, unit: label, scale });
  }
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly children: ReactNode;
}

function Field({ id, label, hint, children }: FieldProps): ReactNode {
  return (
    <div className="form__field">
      <label htmlFor={id}>{label}</label>
      {children}
      {hint ? <p className="hint">{hint}</p> : null}
    </div>
  );
}
