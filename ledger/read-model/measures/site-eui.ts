// Site energy use intensity: kBtu of twelve whole months over gross floor area (ENERGY STAR Portfolio Manager, technical reference).

/** kBtu in a kilowatt-hour (Portfolio Manager, thermal conversion factors). */
const kbtuPerKwh = 3.412142;

/** kBtu of kilowatt-hours. */
export function kbtuOf(kwh: number): number {
  return kwh * kbtuPerKwh;
}

/** kBtu a square foot of the energy of twelve months. */
export function siteEui(kwh: number, grossFt2: number): number {
  return kbtuOf(kwh) / grossFt2;
}

/** Whether two local midnights, in ms of local civil time, are the ends of twelve civil months. */
export function isTwelveMonths(from: number, to: number): boolean {
  const end = new Date(from);
  end.setUTCFullYear(end.getUTCFullYear() + 1);
  return from % 86_400_000 === 0 && to === end.getTime();
}
