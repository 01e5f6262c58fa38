// UUIDs of names against the examples of RFC 9562, appendix A.4 and elsewhere published.
import { fromHex } from "@muniment/core";
import { expect, test } from "vitest";
import { uuidOf } from "./uuid.ts";

test("the example of RFC 9562 A.4", () => {
  const dns = fromHex("6ba7b8109dad11d180b400c04fd430c8");
  expect(uuidOf("www.example.com", dns)).toBe("2ed6657d-e927-568b-95e1-2665a8aea6a2");
});

test("another address, another name; the same address, the same name", () => {
  expect(uuidOf("https://a.example/1")).toBe(uuidOf("https://a.example/1"));
  expect(uuidOf("https://a.example/1")).not.toBe(uuidOf("https://a.example/2"));
  expect(uuidOf("https://a.example/1")).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});
