// What rings and who is told: the rules in words, a form for another one, and the channels.
import { type ReactNode, useState } from "react";
import type { AlarmChannel, RuleState } from "../data/alarm-shapes.ts";
import { apiPath } from "../data/api-path.ts";
import { send } from "../data/request.ts";
import type { BuildingDetail } from "../data/shapes.ts";
import { useBuildingNames } from "../data/use-building-names.ts";
import { useEach } from "../data/use-each.ts";
import { usePages } from "../data/use-pages.ts";
import { type AlarmRule, ruleWords, whereWords } from "../measure/alarm-rule.ts";
import { formatNumber } from "../measure/number.ts";
import { formatValue } from "../measure/unit.ts";
import type { Column } from "../parts/column.ts";
import { Page } from "../parts/page.tsx";
import { PagedTable } from "../parts/paged-table.tsx";
import { UtcTime } from "../parts/utc-time.tsx";
import { AlarmRuleForm } from "./alarm-rule-form.tsx";
import { AlarmTabs } from "./alarm-tabs.tsx";

/** Rules are this node’s own; they judge the readings that every node has. */
export function AlarmRulesPage(): ReactNode {
  const rules = usePages<RuleState>("/api/v1/alarm-rules");
  const channels = usePages<AlarmChannel>("/api/v1/alarm-channels");
  const names = useBuildingNames();
  const amount = useAmounts(rules.page.value?.items ?? []);
  const [refusal, setRefusal] = useState<string | null>(null);
  const remove = (id: string): void => {
    setRefusal(null);
    send("DELETE", apiPath(["alarm-rules", id])).then(rules.page.retry, (error: unknown) =>
      setRefusal(error instanceof Error ? error.message : "The rule could not be removed."),
    );
  };
  const columns: readonly Column<RuleState>[] = [
    {
      title: "Rule",
      value: ({ rule }) => rule.title,
      show: ({ rule: { title, id } }) => (
        <>
          <strong>{title}</strong>
          <span className="under">{id}</span>
        </>
      ),
    },
    {
      title: "Severity",
      value: ({ rule }) => rule.severity,
      show: ({ rule: { severity } }) => (
        <span className={`severity severity--${severity}`}>{severity}</span>
      ),
    },
    { title: "Watches", value: ({ rule }) => whereWords(rule) },
    {
      title: "Rings when",
      value: ({ rule }) => ruleWords(rule, (value) => amount(rule, value)),
    },
    {
      title: "Watched now",
      numeric: true,
      value: ({ subjects }) => subjects,
      show: ({ subjects }) => formatNumber(subjects),
    },
    {
      title: "On",
      numeric: true,
      value: ({ open }) => open,
      show: ({ open }) => formatNumber(open),
    },
    {
      title: "Remove",
      value: () => null,
      show: ({ rule }) => (
        <button
          type="button"
          className="usa-button usa-button--unstyled"
          onClick={() => remove(rule.id)}
        >
          Remove<span className="usa-sr-only"> {rule.title}</span>
        </button>
      ),
    },
  ];
  return (
    <Page
      title="Alarm rules"
      trail={[{ name: "Alarms", href: "/alarms" }]}
      lead={
        <p>A rule judges readings from the moment it is added. Removing it closes its alarms.</p>
      }
    >
      <AlarmTabs />
      {refusal === null ? null : (
        <p className="usa-error-message" role="alert">
          {refusal}
        </p>
      )}
      <PagedTable
        title="Rules"
        file="alarm-rules"
        of={rules}
        none="No rule yet, so nothing rings."
        columns={columns}
        rowKey={({ rule }) => rule.id}
      />
      <AlarmRuleForm buildings={names} done={rules.page.retry} />
      <PagedTable
        title="Who is told"
        file="alarm-channels"
        of={channels}
        none="Nobody yet. Webhooks and e-mail are named in the node’s settings, under “alarms”."
        columns={channelColumns}
        rowKey={({ name }) => name}
      />
    </Page>
  );
}

const channelColumns: readonly Column<AlarmChannel>[] = [
  { title: "Channel", value: ({ name }) => name },
  {
    title: "Kind",
    value: ({ kind }) => kind,
    show: ({ kind }) => (kind === "smtp" ? "e-mail" : "webhook"),
  },
  { title: "Waiting", numeric: true, value: ({ waiting }) => waiting },
  {
    title: "Last delivered",
    value: ({ deliveredAt }) => deliveredAt,
    show: ({ deliveredAt }) => <UtcTime time={deliveredAt} />,
  },
  { title: "Last failure", value: ({ error }) => error, show: ({ error }) => error ?? "none" },
];

/** Says a rule's limit in the unit that people read, as far as the points of its building tell the unit. */
function useAmounts(states: readonly RuleState[]): (rule: AlarmRule, value: number) => string {
  const ids = new Set(states.flatMap(({ rule }) => rule.where.building ?? []));
  const buildings = useEach<BuildingDetail>(
    [...ids].map((name) => ({ name, path: apiPath(["buildings", name]) })),
  );
  return ({ where: { building, brick, point, name } }, value) => {
    const points = building === undefined ? [] : (buildings.values.get(building)?.points ?? []);
    const found = points.find((one) =>
      point !== undefined
        ? one.id === point
        : brick !== undefined
          ? one.brick === brick
          : one.name === name,
    );
    return found === undefined ? String(value) : formatValue(found, value);
  };
}
