// The sky over the building: a year's wave, a day's wave and passing fronts with their clouds; a pure function of seed and time.
import { stream } from "../prng.ts";

/** What the weather is at one instant. */
export interface Sky {
  /** Outdoor air, degrees Celsius. */
  readonly celsius: number;
  /** Global horizontal irradiance, W/m2. */
  readonly irradiance: number;
}

const yearSeconds = 365.25 * 86_400;
const frontSeconds = 1.5 * 86_400;
/** Clouds change within a front. */
const cloudSeconds = 2_400;
/** Degrees north; that of Washington. */
const latitude = (38.9 * Math.PI) / 180;
const axialTilt = (23.44 * Math.PI) / 180;
/** 20 July is the warmest day, 21 June the longest; day of the year, from 0. */
const warmestDay = 200;
const longestDay = 171;
const warmestSecond = 15 * 3600;
const noonSecond = 12 * 3600;

/** The sky at an instant (unix seconds), for a zone whose winter clocks are that many seconds ahead of UTC. */
export function skyAt(seed: number, time: number, standardOffset: number): Sky {
  const local = time + standardOffset;
  const season = 12.5 + 12 * wave(local - warmestDay * 86_400, yearSeconds);
  const hour = 4.5 * wave(local - warmestSecond, 86_400);
  const front = blended(seed, "front", time, frontSeconds, (chance) => chance.normal(0, 3));
  return { celsius: season + hour + front, irradiance: irradianceAt(seed, time, local) };
}

/** Haurwitz 1945 for the clear sky, Kasten and Czeplak 1980 for what clouds leave of it. */
function irradianceAt(seed: number, time: number, local: number): number {
  const declination = axialTilt * wave(local - longestDay * 86_400, yearSeconds);
  const height =
    Math.sin(latitude) * Math.sin(declination) +
    Math.cos(latitude) * Math.cos(declination) * wave(local - noonSecond, 86_400);
  if (height <= 0.01) return 0;
  const dull = blended(seed, "dull", time, frontSeconds, (chance) => chance.next());
  const passing = blended(seed, "cloud", time, cloudSeconds, (chance) => chance.next());
  const cloud = Math.min(1, Math.max(0, 1.1 * dull + 0.5 * passing - 0.3));
  return 1098 * height * Math.exp(-0.057 / height) * (1 - 0.75 * cloud ** 3.4);
}

function wave(seconds: number, period: number): number {
  return Math.cos((2 * Math.PI * seconds) / period);
}

/** A random value every `period` seconds and a cosine's road from one to the next. */
function blended(
  seed: number,
  label: "front" | "dull" | "cloud",
  time: number,
  period: number,
  draw: (chance: ReturnType<typeof stream>) => number,
): number {
  const position = time / period;
  const index = Math.floor(position);
  const known = knots[label];
  if (known.seed !== seed || known.index !== index) {
    known.before = draw(stream(seed, label, index));
    known.after = draw(stream(seed, label, index + 1));
    known.seed = seed;
    known.index = index;
  }
  const blend = (1 - Math.cos(Math.PI * (position - index))) / 2;
  return known.before * (1 - blend) + known.after * blend;
}

/** The two values between which each wave stands now: they are asked for ten-thousand times in turn. */
const knots = {
  front: { seed: Number.NaN, index: 0, before: 0, after: 0 },
  dull: { seed: Number.NaN, index: 0, before: 0, after: 0 },
  cloud: { seed: Number.NaN, index: 0, before: 0, after: 0 },
};
