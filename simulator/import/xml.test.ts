// XML within limits: what is refused, and that text comes as it was written.
import { expect, test } from "vitest";
import { parseXml } from "./xml.ts";

const refused = (text: string, message: RegExp) =>
  expect(() => parseXml(text, "feed")).toThrow(
    expect.objectContaining({
      code: "greenbutton.format",
      message: expect.stringMatching(message),
    }),
  );

test("no document type is read: neither entities that expand nor files that they name", () => {
  const bomb = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "&l${i};&l${i};">`).join("");
  refused(`<!DOCTYPE feed [<!ENTITY l0 "ha">${bomb}]><feed>&l9;</feed>`, /document type/);
  refused('<!doctype feed SYSTEM "file:///etc/passwd"><feed/>', /document type/);
});

test("what is not well-formed, too deep or another document is refused", () => {
  refused("<feed><entry></feed>", /line 1/);
  refused("<feed>", /.+/);
  refused(`<feed>${"<a>".repeat(40)}${"</a>".repeat(40)}</feed>`, /nested|depth/i);
  refused("<rss/>", /expected a feed element/);
});

test("elements by name without prefix, attributes, and the references of XML", () => {
  const feed = parseXml(
    '<a:feed xmlns:a="x"><a:b href="1&amp;2">&lt;&#65;&#x42;&gt; &quot;&apos; &unknown;</a:b><b>2</b><c/><!-- d --></a:feed>',
    "feed",
  );
  expect(feed.names).toEqual(["b", "c"]);
  expect(feed.all("b").map(({ text }) => text)).toEqual([`<AB> "' &unknown;`, "2"]);
  expect(feed.first("b")?.attributes).toEqual({ href: "1&2" });
  expect(feed.textOf("c")).toBeNull();
  expect(feed.all("d")).toEqual([]);
});

test("names that would reach into objects are refused", () => {
  refused("<feed><constructor>1</constructor></feed>", /Invalid name/);
  refused("<feed><__proto__><polluted>1</polluted></__proto__></feed>", /Invalid name/);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});
