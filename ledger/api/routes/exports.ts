// `GET /api/v1/buildings/<id>/export`: a building's readings, figures or model as a file, streamed.

import { Readable } from "node:stream";
import { Type } from "typebox";
import {
  EXPORT_FORMATS,
  EXPORT_TABLES,
  type ExportFormat,
  type ExportTable,
  openExport,
  showsReadings,
} from "../../exports/export.ts";
import { QueryError } from "../../read-model/errors.ts";
import type { ReadModel } from "../../read-model/read-model.ts";
import type { LedgerSource } from "../../read-model/sources.ts";
import type { Step } from "../../read-model/steps.ts";
import type { AccessCheck } from "../access.ts";
import type { App } from "../app.ts";
import { Id, refusals } from "./answers.ts";
import { buildingNamed, PeriodQuery, periodOf, StepQuery } from "./question.ts";

interface Needs {
  readonly readModel: ReadModel;
  readonly consensus: LedgerSource;
  readonly mayReadEntries: AccessCheck;
}

/** Exports under way at once; each holds a query, and a Parquet file also a folder. */
const exportsMax = 4;
const pointsCharactersMax = 8_192;

const ExportQuery = Type.Object(
  {
    format: Type.Unsafe<ExportFormat>({ type: "string", enum: [...EXPORT_FORMATS] }),
    of: Type.Optional(
      Type.Unsafe<ExportTable>({
        type: "string",
        enum: [...EXPORT_TABLES],
        description: "What a CSV or Parquet file holds; readings by default",
      }),
    ),
    step: Type.Optional(StepQuery),
    points: Type.Optional(
      Type.String({
        pattern: "^[A-Za-z0-9._-]+(,[A-Za-z0-9._-]+)*$",
        maxLength: pointsCharactersMax,
        description: "Point ids, separated by commas; all that the format is about by default",
      }),
    ),
    ...PeriodQuery,
  },
  { additionalProperties: false },
);

/** A stream is sent as it is, so this only describes it. */
const File = Type.Unsafe<Readable>({ type: "string", format: "binary" });

/** Registers the route. Single readings need what entries need; figures by day and the building's model do not. */
export function registerExportRoutes(app: App, needs: Needs): void {
  const { readModel, consensus, mayReadEntries } = needs;
  let open = 0;

  app.get(
    "/api/v1/buildings/:id/export",
    {
      schema: {
        tags: ["exports"],
        summary:
          "A building's readings, energy or occupancy (csv, parquet), interval energy (greenbutton) or model (brick) as a file",
        security: [{ token: [] }, {}],
        params: Type.Object({ id: Id }),
        querystring: ExportQuery,
        response: { 200: File, ...refusals },
      },
      preHandler: async (request, reply) => {
        const { format, of: table = "readings", step = stepDefault } = request.query;
        return showsReadings({ format, table, step }) ? mayReadEntries(request, reply) : undefined;
      },
    },
    async (request, reply) => {
      const { format, of: table = "readings", step = stepDefault, points } = request.query;
      if (open >= exportsMax)
        throw new QueryError("query.busy", `${exportsMax} exports are under way`);
      open += 1;
      try {
        const file = await openExport(readModel, {
          building: buildingNamed(readModel, request.params.id),
          origin: consensus.head().origin,
          format,
          table,
          step,
          period: periodOf(request.query, readModel.applied().time),
          points: points?.split(",") ?? null,
        });
        const stream = Readable.from(await begun(file.chunks), { objectMode: false });
        open += 1;
        stream.once("close", () => {
          open -= 1;
        });
        for (const [name, value] of Object.entries(file.facts))
          void reply.header(headerOf(name), encodeURI(value));
        return reply
          .header("content-disposition", `attachment; filename="${file.fileName}"`)
          .header("cache-control", "no-store")
          .type(file.mediaType)
          .send(stream);
      } finally {
        open -= 1;
      }
    },
  );
}

const stepDefault: Step = "P1D";

/** Facts of a table as header fields, such as muniment-ledger-entries. */
function headerOf(fact: string): string {
  return `muniment-${fact.replaceAll("_", "-")}`;
}

/**
 * The chunks, the first of them already made: what fails before it is a problem document, not a file cut short. Whoever stops
 * reading, even before the first chunk, ends the making too.
 */
async function begun(
  chunks: AsyncIterable<string | Uint8Array>,
): Promise<AsyncIterable<string | Uint8Array>> {
  const iterator = chunks[Symbol.asyncIterator]();
  let first: IteratorResult<string | Uint8Array> | null = await iterator.next();
  const next = async () => {
    const result = first ?? (await iterator.next());
    first = null;
    return result;
  };
  const stop = async () => (await iterator.return?.()) ?? { done: true as const, value: undefined };
  return { [Symbol.asyncIterator]: () => ({ next, return: stop }) };
}
