// Utilization of office space: mean persons over the capacity of its usable area (USE IT Act, Pub. L. 118-272 div. B sec. 2302;
// GSA reporting guidelines: weekdays only, holidays are days like others).

/** Usable square feet a person (sec. 2302: capacity is usable area / 150). */
const usableFt2PerPerson = 150;
/** Space used below this share for two years is to be reduced (sec. 2302). */
const targetPercent = 60;

export interface Utilization {
  readonly capacity: number | null;
  readonly meanPersons: number | null;
  readonly rate: number | null;
  readonly below60: boolean | null;
}

/** Whether a weekday (0 is Sunday) is reported. */
export function isReporting(weekday: number): boolean {
  return weekday >= 1 && weekday <= 5;
}

/** Utilization from the persons of all reporting days that have a figure, added up. What cannot be said is null. */
export function utilizationOf(
  personDays: number,
  days: number,
  usableFt2: number | null,
): Utilization {
  const capacity = usableFt2 === null ? null : usableFt2 / usableFt2PerPerson;
  const meanPersons = days === 0 ? null : personDays / days;
  if (meanPersons === null || capacity === null || usableFt2 === null)
    return { capacity, meanPersons, rate: null, below60: null };
  // Exactly 60 % is not below: whole numbers tell, a quotient might not.
  const below60 = personDays * usableFt2PerPerson * 100 < targetPercent * usableFt2 * days;
  return { capacity, meanPersons, rate: meanPersons / capacity, below60 };
}
