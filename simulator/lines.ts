// Lines of a text stream, read when they are asked for: nothing is lost before the first, and no line is longer than a limit.
import { SimulatorError } from "./errors.ts";

const lineCharsMax = 65_536;

/** Splits chunks at line feeds; a carriage return before one is dropped. Throws senml.json for a line beyond the limit. */
export async function* linesOf(
  chunks: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > lineCharsMax) {
      throw new SimulatorError(
        "senml.json",
        `expected a line of at most ${lineCharsMax} characters`,
      );
    }
    for (const line of lines) yield line.endsWith("\r") ? line.slice(0, -1) : line;
  }
  if (rest !== "") yield rest;
}
