// /api/v1/alarms, alarm-rules and alarm-channels: what rings, what should, and who is told (decision 12).

import type { FastifyPluginAsync } from "fastify";
import { type Static, Type } from "typebox";
import type { Alarm, AlarmStatus } from "../../alarms/alarm.ts";
import type { Alarms, RuleState } from "../../alarms/alarms.ts";
import { factsOf } from "../../alarms/message.ts";
import { RuleBody, SeverityName } from "../../alarms/rule.ts";
import { iso } from "../../read-model/period.ts";
import type { AccessCheck, AccessRule } from "../access.ts";
import type { App } from "../app.ts";
import { Count, Id, Instant, limitDefault, Nullable, Page, Paging, refusals } from "./answers.ts";
import { formatCursor, textOf } from "./paging.ts";

interface Needs {
  readonly alarms: Alarms;
  /** Whether a caller may see who acknowledged what. */
  readonly mayReadEntries: AccessRule;
  /** Refuses callers that may not change anything. */
  readonly checkAccess: AccessCheck;
}

const AlarmId = Type.String({ pattern: "^[a-z0-9-]{1,64}$" });
const StatusName = Type.Unsafe<AlarmStatus>({
  type: "string",
  enum: ["open", "acknowledged", "closed"],
});

const AlarmAnswer = Type.Object({
  id: AlarmId,
  rule: Id,
  building: Id,
  subject: Type.String({ description: "What rings: a point, device, gateway or building" }),
  subjectKind: Type.Unsafe<Alarm["subject"]["kind"]>({
    type: "string",
    enum: ["point", "device", "gateway", "building"],
  }),
  place: Nullable(Type.String()),
  severity: SeverityName,
  title: Type.String(),
  says: Type.String(),
  value: Type.Number({ description: "Measured at the opening" }),
  worst: Type.Number({ description: "Farthest beyond the limit; final once it is closed" }),
  unit: Type.String(),
  since: Type.String({ ...Instant, description: "Since when what led to it held" }),
  openedAt: Type.String({ ...Instant, description: "On the clock of what is watched" }),
  foundAt: Type.String({ ...Instant, description: "Ledger time at which this node found it" }),
  acknowledgedAt: Nullable(Instant),
  acknowledgedBy: Nullable(
    Type.String({ description: "Null for callers who may not read entries" }),
  ),
  note: Nullable(Type.String({ description: "Null for callers who may not read entries" })),
  closedAt: Nullable(Instant),
  closedBecause: Nullable(Type.String()),
  reopened: Type.Integer({
    minimum: 0,
    description: "How often it cleared and rang again within the hold-off of its rule",
  }),
  flapping: Type.Boolean(),
  historic: Type.Boolean({ description: "Found so late that nobody was told" }),
  status: StatusName,
  evidence: Nullable(
    Type.Object(
      {
        gateway: Id,
        index: Count,
        point: Nullable(Type.String()),
        time: Nullable(Instant),
        clockless: Type.Boolean({
          description: "Its device had no clock: the time is counted from when it was anchored",
        }),
      },
      { description: "/evidence/<gateway>/<index> proves it" },
    ),
  ),
  deliveries: Type.Array(
    Type.Object({
      channel: Id,
      event: Type.String({ description: "opened, reopened or closed" }),
      state: Type.String({
        description:
          "waiting, delivered, given-up, cancelled (it rang again) or summarized (told in the summary of a storm)",
      }),
      attempts: Count,
      at: Instant,
      error: Nullable(Type.String()),
    }),
  ),
});

const RuleAnswer = Type.Object({
  rule: RuleBody,
  since: Instant,
  subjects: Type.Integer({ minimum: 0, description: "What it watches now" }),
  open: Type.Integer({ minimum: 0, description: "Its alarms that are not closed" }),
  late: Type.Integer({
    minimum: 0,
    description: "Readings it could not judge: they came after later ones",
  }),
});

const ChannelAnswer = Type.Object({
  name: Id,
  kind: Type.Unsafe<"webhook" | "smtp">({ type: "string", enum: ["webhook", "smtp"] }),
  waiting: Type.Integer({ minimum: 0, description: "Messages that wait, or are tried again" }),
  deliveredAt: Nullable(Instant),
  error: Nullable(Type.String({ description: "The last failure since something was delivered" })),
});

const Acknowledgement = Type.Object(
  {
    by: Type.String({ minLength: 1, maxLength: 120, pattern: "\\S" }),
    note: Type.Optional(Nullable(Type.String({ maxLength: 1_000 }))),
  },
  { additionalProperties: false },
);

const changes = { security: [{ token: [] }] };
const conflicts = { ...refusals, 401: Type.Ref("Problem"), 409: Type.Ref("Problem") };

/** Registers the routes under /api/v1. Reading is open; a change needs what reading entries needs. */
export async function registerAlarmRoutes(app: App, needs: Needs): Promise<void> {
  const versioned: FastifyPluginAsync = async (scope) => {
    const routes: App = scope.withTypeProvider();
    registerAlarms(routes, needs);
    registerRules(routes, needs);
    registerChannels(routes, needs);
  };
  await app.register(versioned, { prefix: "/api/v1" });
}

function registerAlarms(app: App, { alarms, mayReadEntries, checkAccess }: Needs): void {
  const answer = async (alarm: Alarm, isPrivy: boolean): Promise<Static<typeof AlarmAnswer>> => ({
    ...factsOf(alarm),
    acknowledgedBy: isPrivy ? alarm.acknowledgedBy : null,
    note: isPrivy ? alarm.note : null,
    deliveries: (await alarms.deliveriesOf(alarm.id)).map(
      ({ channel, event, state, attempts, at, error }) => ({
        channel,
        event,
        state,
        attempts,
        at: iso(at),
        error,
      }),
    ),
  });

  app.get(
    "/alarms",
    {
      schema: {
        tags: ["alarms"],
        summary: "Alarms, those that opened last first",
        querystring: Type.Object(
          { ...Paging, status: Type.Optional(StatusName), building: Type.Optional(Id) },
          { additionalProperties: false },
        ),
        response: { 200: Page(AlarmAnswer), ...refusals },
      },
    },
    async (request) => {
      const { status, building, cursor, limit = limitDefault } = request.query;
      const before = textOf(cursor) ?? undefined;
      const page = await alarms.list({ status, building, before, limit });
      const isPrivy = mayReadEntries(request);
      return {
        items: await Promise.all(page.alarms.map((alarm) => answer(alarm, isPrivy))),
        next: page.more === null ? null : formatCursor([page.more]),
      };
    },
  );

  app.get(
    "/alarms/:id",
    {
      schema: {
        tags: ["alarms"],
        summary: "One alarm",
        params: Type.Object({ id: AlarmId }),
        response: { 200: AlarmAnswer, ...refusals },
      },
    },
    async (request) => answer(await alarms.alarm(request.params.id), mayReadEntries(request)),
  );

  app.post(
    "/alarms/:id/acknowledge",
    {
      onRequest: checkAccess,
      schema: {
        tags: ["alarms"],
        summary: "Somebody has seen it; once",
        ...changes,
        params: Type.Object({ id: AlarmId }),
        body: Acknowledgement,
        response: { 200: AlarmAnswer, ...conflicts },
      },
    },
    async (request) => {
      const { by, note = null } = request.body;
      return answer(await alarms.acknowledge(request.params.id, by, note), true);
    },
  );
}

function registerRules(app: App, { alarms, checkAccess }: Needs): void {
  const ruleOf = { params: Type.Object({ id: Id }) };
  // The rule says itself what is wrong with it, by member: a union of schemas only says that none fits.
  const unchecked = { validatorCompiler: () => () => true };

  app.get(
    "/alarm-rules",
    {
      schema: {
        tags: ["alarms"],
        summary: "All rules, by id, with their defaults",
        response: { 200: Page(RuleAnswer), ...refusals },
      },
    },
    async () => ({ items: alarms.rules().map(ruleAnswer), next: null }),
  );

  app.post(
    "/alarm-rules",
    {
      onRequest: checkAccess,
      ...unchecked,
      schema: {
        tags: ["alarms"],
        summary: "A new rule; it judges what comes from now on",
        ...changes,
        body: RuleBody,
        response: { 201: RuleAnswer, ...conflicts },
      },
    },
    async (request, reply) => reply.code(201).send(ruleAnswer(await alarms.addRule(request.body))),
  );

  app.put(
    "/alarm-rules/:id",
    {
      onRequest: checkAccess,
      ...unchecked,
      schema: {
        tags: ["alarms"],
        summary: "The rule instead of the one that is there: its open alarms close, it begins anew",
        ...changes,
        ...ruleOf,
        body: RuleBody,
        response: { 200: RuleAnswer, ...conflicts },
      },
    },
    async (request) => ruleAnswer(await alarms.replaceRule(request.params.id, request.body)),
  );

  app.delete(
    "/alarm-rules/:id",
    {
      onRequest: checkAccess,
      schema: {
        tags: ["alarms"],
        summary: "No such rule any more: its open alarms close, its history stays",
        ...changes,
        ...ruleOf,
        response: { 204: Type.Null(), ...conflicts },
      },
    },
    async (request, reply) => {
      await alarms.removeRule(request.params.id);
      return reply.code(204).send(null);
    },
  );
}

function registerChannels(app: App, { alarms }: Needs): void {
  app.get(
    "/alarm-channels",
    {
      schema: {
        tags: ["alarms"],
        summary: "Who is told, and how that goes",
        response: { 200: Page(ChannelAnswer), ...refusals },
      },
    },
    async () => ({
      items: alarms.channels().map(({ deliveredAt, ...channel }) => ({
        ...channel,
        deliveredAt: deliveredAt === null ? null : iso(deliveredAt),
      })),
      next: null,
    }),
  );
}

function ruleAnswer({ since, ...state }: RuleState): Static<typeof RuleAnswer> {
  return { ...state, since: iso(since) };
}
