// The queue's limits: how many, how large, and what fits a block.

import { expect, test } from "vitest";
import { TransactionQueue } from "./transaction-queue.ts";

const limits = {
  queueTransactionsMax: 4,
  queueBytesMax: 100,
  blockTransactionsMax: 2,
  blockBytesMax: 50,
};
const waiting = (bytes: number) => ({
  transaction: new Uint8Array(bytes),
  resolve: () => {},
  reject: () => {},
});
const sizes = (block: readonly { transaction: Uint8Array }[]) =>
  block.map(({ transaction }) => transaction.length);

test("has room up to the number and the bytes, and again once a block was taken", () => {
  const queue = new TransactionQueue(limits);
  for (const bytes of [10, 10, 10]) queue.push(waiting(bytes));
  expect(queue.hasRoom(70)).toBe(true);
  expect(queue.hasRoom(71)).toBe(false);
  queue.push(waiting(1));
  expect(queue.hasRoom(1)).toBe(false);
  expect(sizes(queue.takeBlock())).toEqual([10, 10]);
  expect(queue.hasRoom(89)).toBe(true);
  expect(queue.hasRoom(90)).toBe(false);
});

test("a block ends at its number or bytes, in order of arrival, and one large transaction fits alone", () => {
  const queue = new TransactionQueue({ ...limits, queueBytesMax: 1_000 });
  for (const bytes of [30, 30, 60, 5]) queue.push(waiting(bytes));
  expect(
    [
      queue.takeBlock(),
      queue.takeBlock(),
      queue.takeBlock(),
      queue.takeBlock(),
      queue.takeBlock(),
    ].map(sizes),
  ).toEqual([[30], [30], [60], [5], []]);
});

test("takeAll() empties it", () => {
  const queue = new TransactionQueue(limits);
  for (const bytes of [10, 20, 30]) queue.push(waiting(bytes));
  expect(sizes(queue.takeAll())).toEqual([10, 20, 30]);
  expect(queue.length).toBe(0);
  expect(queue.hasRoom(100)).toBe(true);
});
