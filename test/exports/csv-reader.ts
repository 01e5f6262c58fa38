// A reader of CSV written from RFC 4180 alone, to hold against the writer: records of fields, whatever stands in them.

/** Rows by column name. Throws where the text is not RFC 4180 with a header line. */
export function readCsv(text: string): readonly Readonly<Record<string, string>>[] {
  const [header = [], ...records] = recordsOf(text);
  return records.map((fields, i) => {
    if (fields.length !== header.length)
      throw new Error(`record ${i + 1}: ${fields.length} fields, expected ${header.length}`);
    return Object.fromEntries(header.map((name, c) => [name, fields[c]!]));
  });
}

function recordsOf(text: string): string[][] {
  const records: string[][] = [];
  let at = 0;
  while (at < text.length) {
    const record: string[] = [];
    for (;;) {
      const [field, end] = text[at] === '"' ? quotedAt(text, at) : plainAt(text, at);
      record.push(field);
      at = end;
      if (text[at] !== ",") break;
      at += 1;
    }
    if (text.slice(at, at + 2) !== "\r\n") throw new Error(`offset ${at}: expected CRLF`);
    at += 2;
    records.push(record);
  }
  return records;
}

function plainAt(text: string, at: number): [field: string, end: number] {
  const [field = ""] = /^[^",\r\n]*/.exec(text.slice(at, at + 100_000)) ?? [];
  return [field, at + field.length];
}

function quotedAt(text: string, at: number): [field: string, end: number] {
  let field = "";
  for (let i = at + 1; ; i += 1) {
    if (i >= text.length) throw new Error(`offset ${at}: a quote without end`);
    if (text[i] !== '"') field += text[i];
    else if (text[i + 1] === '"') {
      field += '"';
      i += 1;
    } else return [field, i + 1];
  }
}
