// Numbers as the pages print them: grouped, one count of digits for each quantity, and a dash for what is unknown.

export const unknown = "–";

const formatters = [0, 1, 2, 3].map(
  (digits) =>
    new Intl.NumberFormat("en-US", {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      signDisplay: "negative", // what rounds to nothing has no sign
    }),
);

/** `1,234.5`; null is a dash. */
export function formatNumber(value: number | null | undefined, digits = 0): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return unknown;
  return formatters[digits]!.format(value);
}

/** A share as per cent. It never rounds up to 100 what is not whole, nor down to 0 what is not nothing. */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0) return unknown;
  const share = (part / whole) * 100;
  if (share >= 100) return "100 %";
  if (share <= 0) return "0 %";
  return `${formatNumber(Math.min(99.9, Math.max(0.1, share)), 1)} %`;
}

/** How long ago, in the largest unit that fits. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
