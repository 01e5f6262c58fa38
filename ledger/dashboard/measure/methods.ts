// How each derived figure is computed: formula, words and source, as the pages show them one click away.

export interface Method {
  readonly name: string;
  readonly formula: string;
  readonly words: string;
  readonly source: string;
}

const percentile =
  "Percentile as Hyndman and Fan (1996), type 7; base and peak as in Price (2010), LBNL-3713E";

export const methods = {
  utilization: {
    name: "Utilization",
    formula: "mean persons ÷ (usable ft² ÷ 150)",
    words:
      "Persons present per day, averaged over the whole reporting days (Monday to Friday) of the range that have a figure, against one person per 150 usable square feet. Below 60 % is flagged. Days without a figure are left out and counted as missing.",
    source: "USE IT Act, Pub. L. 118-272, div. B, § 2302",
  },
  persons: {
    name: "Persons by day",
    formula: "distinct badges of the day, else the greatest number counted at one time",
    words:
      "Badges are counted once however often they pass, and never shown one by one. Where badges were deleted on their clock, the number kept with the deletion stands. A building without badge readers shows its people counters.",
    source: "Persons, not cards: USE IT Act reporting; deletion under GRS 5.6",
  },
  occupancy: {
    name: "Persons at a time",
    formula: "Σ over places of the greatest counter of the place",
    words:
      "At each step the last of the readings nearest to it counts for each place, the greatest where a place has several counters. A step without any reading is unknown, not empty.",
    source: "People counters as enrolled (Brick Occupancy_Count_Sensor)",
  },
  week: {
    name: "Weekday and hour",
    formula: "mean of the steps that began in that hour of that weekday",
    words:
      "On the building’s own clock. The hour that clocks skip in spring has fewer steps, the hour they repeat in autumn more.",
    source: "IANA time zone of the building",
  },
  energy: {
    name: "Energy",
    formula: "Σ (meter reading at the end − at the start) ÷ 3,600,000 J per kWh",
    words:
      "From the main meters. An interval longer than declared is a gap: its total is counted where it starts. After a counter reset, what was consumed meanwhile is not counted.",
    source: "42 USC 8253(e), metered data; NAESB REQ.21 (ESPI 4.0)",
  },
  peak: {
    name: "Peak demand",
    formula: "max of kWh ÷ hours over one demand interval",
    words: "The greatest mean power over one declared interval of the meter.",
    source: "Demand as utilities bill it: 15 minutes, or the meter’s interval",
  },
  loadFactor: {
    name: "Load factor",
    formula: "kWh ÷ (peak kW × hours)",
    words: "How evenly the building draws: 1 is always at its peak.",
    source: "FEMP, Metering Best Practices",
  },
  baseAndPeak: {
    name: "Base and peak load",
    formula: "2.5th and 97.5th percentile of the demand intervals",
    words:
      "What the building draws when nearly idle and when nearly at its most; single spikes do not move them.",
    source: percentile,
  },
  loadDuration: {
    name: "Load duration",
    formula: "demand intervals, sorted from the greatest",
    words: "Each point says in which share of the time at least that load was drawn.",
    source: "Price (2010), LBNL-3713E",
  },
  afterHours: {
    name: "After-hours share",
    formula: "kWh outside opening hours ÷ kWh",
    words:
      "Opening hours and holidays are those registered on the ledger for this building. A demand interval counts by its start.",
    source: "FEMP, Metering Best Practices; hours registered on the ledger",
  },
  uses: {
    name: "Uses",
    formula: "kWh of each sub-meter ÷ kWh of the main meters",
    words:
      "Sub-meters measure again what the main meters measured. What no sub-meter saw stands as its own row.",
    source: "Meters as enrolled (Brick classes)",
  },
  eui: {
    name: "Site energy use intensity",
    formula: "kWh × 3.412142 kBtu ÷ gross ft²",
    words: "Only for twelve civil months that are over; other periods would mislead.",
    source: "ENERGY STAR Portfolio Manager, site EUI",
  },
  carbon: {
    name: "Carbon",
    formula: "kWh × grams of CO₂ equivalent per kWh",
    words: "Under the factor in force at the time; each factor is a dated policy on the ledger.",
    source: "EPA eGRID, year and subregion as shown",
  },
  cost: {
    name: "Cost",
    formula: "Σ of tariff lines, in whole cents",
    words:
      "Under the tariff in force at the time; gaps are not filled, so a gap costs nothing here.",
    source: "Tariff policy on the ledger, with its version",
  },
  baseline: {
    name: "Against the weather",
    formula: "kWh per day = a + b × heating degree days + c × cooling degree days",
    words:
      "Fitted by least squares to the baseline’s complete days; savings are predicted less actual. CUSUM is the running sum of actual less predicted: a line that climbs means more was used than the weather explains.",
    source: "ASHRAE Guideline 14; IPMVP, option C",
  },
  rooms: {
    name: "Share of open hours in use",
    formula: "steps in opening hours with a person in the room ÷ steps in opening hours heard",
    words:
      "A step without a reading counts neither way, and goes by the quarter-hour in which it began. Seats in use are the mean persons while somebody is there ÷ seats. Without registered opening hours the share is unknown.",
    source: "People counters of the room; registered hours and seats",
  },
  completeness: {
    name: "Completeness",
    formula: "readings received ÷ readings expected",
    words:
      "Expected are the declared intervals up to the ledger’s time: 92 or 100 quarter-hours on the days the clocks change. Nothing missing is filled in.",
    source: "Intervals as enrolled",
  },
  public: {
    name: "Withheld figures",
    formula: "withheld when fewer than k persons, or when a neighbour would give a small one away",
    words:
      "The public sees building and day only, by whole weeks once they are over. Where a day is withheld, so is a second one of its week, chosen by its place and not its value, or the week’s total would reveal the first.",
    source:
      "Threshold rule with complementary suppression, FCSM Statistical Policy Working Paper 22",
  },
} as const satisfies Readonly<Record<string, Method>>;

export type MethodKey = keyof typeof methods;
