// The evidence of one entry of a gateway's log, verified step by step in this browser under the pinned policy (D13, D14).
import { type Statement, verifyEvidence } from "@muniment/core";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { getText } from "../data/request.ts";
import type { Building } from "../data/shapes.ts";
import { useResource } from "../data/use-resource.ts";
import { buildingHref } from "../location/route.ts";
import { download } from "../parts/download.ts";
import { Page } from "../parts/page.tsx";
import { Shown } from "../parts/states.tsx";
import { type Changeable, changeable, changeOneByte } from "../trust/change-one-byte.ts";
import { usePinnedPolicy } from "../trust/pinned-policy.ts";
import { PolicyPanel } from "../trust/policy-panel.tsx";
import { EvidenceSteps } from "./evidence-steps.tsx";
import { StatementPanel } from "./statement-panel.tsx";
import { VerdictBanner } from "./verdict-banner.tsx";

interface EvidencePageProps {
  readonly gateway: string;
  readonly index: number;
}

/** Mount it with gateway and index as key. */
export default function EvidencePage({ gateway, index }: EvidencePageProps): ReactNode {
  const path = `/evidence/${encodeURIComponent(gateway)}/${index}`;
  const evidence = useResource<string>(path, { still: true, read: getText });
  const [place, setPlace] = useState<string | null>(null);
  const building = place?.split("/")[0] ?? null;
  const facts = useResource<Building>(
    building === null ? null : `/api/v1/buildings/${encodeURIComponent(building)}`,
    { still: true },
  );
  const trail = [
    { name: "Buildings", href: "/" },
    ...(building === null
      ? []
      : [{ name: facts.value?.name ?? building, href: buildingHref(building) }]),
  ];
  return (
    <Page
      title={`Evidence ${gateway} #${index}`}
      trail={trail}
      lead={
        <p>
          Checked on this computer, from the device’s signature to the ledger’s quorum. No server is
          believed.
        </p>
      }
    >
      <Shown of={evidence} what="the evidence" size="panel">
        {(text) => (
          <Checked
            text={text}
            name={`evidence-${gateway}-${index}`}
            zone={facts.value?.zone ?? "UTC"}
            onPlace={setPlace}
          />
        )}
      </Shown>
      <PolicyPanel />
    </Page>
  );
}

interface CheckedProps {
  readonly text: string;
  readonly name: string;
  readonly zone: string;
  readonly onPlace: (place: string) => void;
}

function Checked({ text, name, zone, onPlace }: CheckedProps): ReactNode {
  const pinned = usePinnedPolicy();
  const [changed, setChanged] = useState<Changeable | null>(null);
  const shown = useMemo(
    () => (changed === null ? text : changeOneByte(text, changed)),
    [text, changed],
  );
  const verdict = useMemo(
    () => verifyEvidence(shown, pinned === null ? {} : { policy: pinned.text }),
    [shown, pinned],
  );
  const statement: Statement | undefined = verdict.statement;
  const place = statement?.sub;
  useEffect(() => {
    // The place names the building, whose name and zone the page then shows.
    if (place !== undefined) onPlace(place);
  }, [place, onPlace]);
  const readable = changed !== null || verdict.failedStep !== "bundle";
  return (
    <>
      <VerdictBanner verdict={verdict} changed={changed} />
      <div className="split">
        <EvidenceSteps verdict={verdict} zone={zone} />
        <div className="split__side">
          {statement ? (
            <StatementPanel
              statement={statement}
              zone={zone}
              genuine={verdict.verdict !== "failed"}
              body={verdict.steps.find(({ step }) => step === "body")?.says ?? null}
            />
          ) : null}
          <section className="panel" aria-labelledby="keep-title">
            <header className="panel__head">
              <h2 id="keep-title">Keep it, or check it elsewhere</h2>
            </header>
            <p>
              The bundle stands alone: anyone can check it offline, without this server, for as long
              as SHA-256 and Ed25519 hold.
            </p>
            <p className="code-box">
              muniment verify {name}.json <span className="nowrap">--policy policy.txt</span>
            </p>
            <button
              type="button"
              className="usa-button tool"
              onClick={() => download(`${name}.json`, "application/json", text)}
            >
              Download the bundle
            </button>
          </section>
          {readable ? (
            <section className="panel" aria-labelledby="forge-title">
              <header className="panel__head">
                <h2 id="forge-title">Try to forge it</h2>
              </header>
              <p>Change one byte, in this browser only, and see which step notices.</p>
              <div className="tools">
                {changeable.map((part) => (
                  <button
                    key={part.key}
                    type="button"
                    className="usa-button usa-button--outline tool"
                    aria-pressed={changed === part.key}
                    onClick={() => setChanged(part.key)}
                  >
                    Change {part.name}
                  </button>
                ))}
                <button
                  type="button"
                  className="usa-button tool"
                  disabled={changed === null}
                  onClick={() => setChanged(null)}
                >
                  Restore
                </button>
              </div>
            </section>
          ) : null}
        </div>
      </div>
    </>
  );
}
