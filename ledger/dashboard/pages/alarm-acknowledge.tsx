// Says that somebody knows of an alarm: a name, and a note when there is something to say.
import { type FormEvent, type ReactNode, useId, useState } from "react";
import type { Alarm } from "../data/alarm-shapes.ts";
import { apiPath } from "../data/api-path.ts";
import { send } from "../data/request.ts";

const nameKey = "muniment.name";

/** The name is remembered in this browser, so that the next alarm is one click. */
export function Acknowledge({
  alarm,
  done,
}: {
  readonly alarm: Alarm;
  readonly done: () => void;
}): ReactNode {
  const id = useId();
  const [refusal, setRefusal] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const acknowledge = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const [by, note] = [String(fields.get("by")), String(fields.get("note"))];
    setBusy(true);
    remember(by);
    send("POST", apiPath(["alarms", alarm.id, "acknowledge"]), note === "" ? { by } : { by, note })
      .then(done, (error: unknown) => setRefusal(error instanceof Error ? error.message : "failed"))
      .finally(() => setBusy(false));
  };
  return (
    <details className="inline-form">
      <summary className="usa-button usa-button--outline tool">
        Acknowledge<span className="usa-sr-only"> {alarm.title}</span>
      </summary>
      <form onSubmit={acknowledge}>
        <label htmlFor={`${id}-by`}>Your name</label>
        <input
          className="usa-input"
          id={`${id}-by`}
          name="by"
          autoComplete="name"
          required
          maxLength={120}
          defaultValue={remembered()}
        />
        <label htmlFor={`${id}-note`}>Note, if any</label>
        <input className="usa-input" id={`${id}-note`} name="note" maxLength={500} />
        {refusal === null ? null : (
          <p className="usa-error-message" role="alert">
            {refusal}
          </p>
        )}
        <button type="submit" className="usa-button tool" disabled={busy}>
          I know
        </button>
      </form>
    </details>
  );
}

function remembered(): string {
  try {
    return window.localStorage.getItem(nameKey) ?? "";
  } catch {
    return ""; // storage is off
  }
}

function remember(name: string): void {
  try {
    window.localStorage.setItem(nameKey, name);
  } catch {
    // Storage is off: the name is asked for again next time.
  }
}
