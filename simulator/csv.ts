// Rows of a CSV file, one after the other, whatever its size (RFC 4180: quoted fields, doubled quotes, line ends inside quotes).
import { SimulatorError } from "./errors.ts";

const recordCharsMax = 1_048_576;

/** Splits text chunks into records of fields. Blank lines are skipped. Throws csv.format with the line number. */
export async function* csvRecords(
  chunks: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<{ readonly line: number; readonly fields: readonly string[] }> {
  let fields: string[] = [];
  let field = "";
  let state: "start" | "plain" | "quoted" | "quote" = "start";
  let line = 1;
  let recordLine = 1;
  let chars = 0;

  const endField = () => {
    fields.push(field);
    field = "";
    state = "start";
  };
  for await (const chunk of chunks) {
    for (const char of chunk) {
      if (char === "\n") line++;
      if (++chars > recordCharsMax) {
        throw new SimulatorError(
          "csv.format",
          `line ${recordLine}: expected a record of at most ${recordCharsMax} characters`,
        );
      }
      if (state === "quoted") {
        if (char === '"') state = "quote";
        else field += char;
      } else if (char === '"' && state === "start") {
        state = "quoted";
      } else if (char === '"' && state === "quote") {
        field += '"';
        state = "quoted";
      } else if (char === ",") {
        endField();
      } else if (char === "\n") {
        if (fields.length > 0 || field !== "" || state !== "start") {
          endField();
          yield { line: recordLine, fields };
        }
        fields = [];
        recordLine = line;
        chars = 0;
      } else if (char === "\r") {
        // Half of a line end.
      } else if (state === "quote") {
        throw new SimulatorError(
          "csv.format",
          `line ${line}: expected a comma or line end after a quoted field, got ${JSON.stringify(char)}`,
        );
      } else if (char === "\uFEFF" && line === 1 && field === "" && fields.length === 0) {
        // The byte order mark that some spreadsheets put first.
      } else {
        field += char;
        state = "plain";
      }
    }
  }
  if (state === "quoted") {
    throw new SimulatorError(
      "csv.format",
      `line ${recordLine}: expected a closing quote, got the end of the file`,
    );
  }
  if (fields.length > 0 || field !== "") {
    endField();
    yield { line: recordLine, fields };
  }
}
