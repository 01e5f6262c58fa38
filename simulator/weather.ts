// The air outside: a year's wave, a day's wave and passing fronts; a pure function of seed and time.
import { stream } from "./prng.ts";

const yearSeconds = 365.25 * 86_400;
const frontSeconds = 1.5 * 86_400;

/** Outdoor temperature in degrees Celsius at an instant (unix seconds), for a zone that many seconds ahead of UTC. */
export function outdoorCelsius(seed: number, time: number, offset: number): number {
  const local = time + offset;
  // 20 July is the warmest day, 15:00 the warmest hour of a temperate climate.
  const season = 12.5 + 12 * Math.cos((2 * Math.PI * (local - 200 * 86_400)) / yearSeconds);
  const hour = 4.5 * Math.cos((2 * Math.PI * (local - 15 * 3600)) / 86_400);
  const position = time / frontSeconds;
  const before = Math.floor(position);
  const blend = (1 - Math.cos(Math.PI * (position - before))) / 2;
  return season + hour + front(seed, before) * (1 - blend) + front(seed, before + 1) * blend;
}

const fronts = new Map<string, number>();

function front(seed: number, index: number): number {
  const key = `${seed} ${index}`;
  let value = fronts.get(key);
  if (value === undefined) {
    value = stream(seed, "front", index).normal(0, 3);
    fronts.set(key, value);
  }
  return value;
}
