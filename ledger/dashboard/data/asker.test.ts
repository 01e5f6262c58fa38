// The rhythm of asking, on a clock of the test's own.
import { expect, test } from "vitest";
import { startAsker } from "./asker.ts";

function world() {
  let time = 0;
  const due: { at: number; then: () => void }[] = [];
  const open: (() => void)[] = [];
  const asked: number[] = [];
  const asker = startAsker({
    ask: () => {
      asked.push(time);
      return new Promise((resolve) => open.push(resolve));
    },
    now: () => time,
    wait: (ms, then) => {
      const item = { at: time + ms, then };
      due.push(item);
      return () => void due.splice(due.indexOf(item), 1);
    },
  });
  return {
    asker,
    asked,
    waiting: () => due.length,
    pass: (ms: number) => {
      time += ms;
      for (const item of due.filter(({ at }) => at <= time)) {
        due.splice(due.indexOf(item), 1);
        item.then();
      }
    },
    answer: async () => {
      open.shift()!();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test("it asks at once, and rests twenty times as long as the answer took", async () => {
  const { asker, asked, pass, answer } = world();
  expect(asked).toEqual([0]);
  pass(100);
  await answer();
  asker.again();
  pass(1_999);
  expect(asked).toEqual([0]);
  pass(1);
  expect(asked).toEqual([0, 2_100]);
});

test("however often it is told while asking, it asks once more, never twice at once", async () => {
  const { asker, asked, waiting, pass, answer } = world();
  for (let n = 0; n < 5; n++) asker.again();
  pass(10);
  expect(asked).toEqual([0]);
  await answer();
  expect(waiting()).toBe(1);
  pass(200);
  expect(asked).toEqual([0, 210]);
  await answer();
  expect(waiting()).toBe(0);
});

test("stopped, it asks no more", async () => {
  const { asker, asked, waiting, pass, answer } = world();
  await answer();
  asker.again();
  asker.stop();
  expect(waiting()).toBe(0);
  asker.again();
  pass(1_000);
  expect(asked).toEqual([0]);
});
