// Joules in whole watt-hours, so that every running total is the exact one rounded: what one value loses, the next makes good.

const joulesPerWattHour = 3_600;

/**
 * Rounds a run of exact joules, one value after the other. The sum of what it gives is the rounded sum of what it was
 * given, after every single value; so no rounding adds up, and no single value is wrong by a watt-hour.
 */
export function wattHours(): (joules: number) => number {
  let joulesSoFar = 0;
  let wattHoursSoFar = 0;
  return (joules) => {
    joulesSoFar += joules;
    const total = Math.round(joulesSoFar / joulesPerWattHour);
    const step = total - wattHoursSoFar;
    wattHoursSoFar = total;
    return step;
  };
}
