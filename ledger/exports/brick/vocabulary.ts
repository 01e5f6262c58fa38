// The part of Brick that this ledger writes: class names of Brick 1.4.4, and QUDT units for the units of SenML (RFC 8428 12.1, RFC 9100 4).

/** The ontology that the file imports, and the release its class names were compared with. */
export const brickOntology = "https://brickschema.org/schema/1.4/Brick";
export const brickVersion = "1.4.4";

/** Classes of points. A name that is not here is not written: Brick has some 850, and a wrong one misleads. */
export const POINT_CLASSES: ReadonlySet<string> = new Set(
  `
    Active_Power_Sensor Air_Flow_Sensor Air_Quality_Sensor Air_Temperature_Sensor
    Air_Temperature_Setpoint Alarm CO2_Level_Sensor CO2_Sensor CO_Level_Sensor CO_Sensor
    Chilled_Water_Flow_Sensor Chilled_Water_Temperature_Sensor Command Cooling_Command
    Cooling_Demand_Sensor Cooling_Temperature_Setpoint Current_Sensor Damper_Position_Command
    Damper_Position_Sensor Demand_Sensor Dewpoint_Sensor Differential_Pressure_Sensor
    Discharge_Air_Temperature_Sensor Duration_Sensor Electric_Energy_Sensor Electric_Power_Sensor
    Electrical_Energy_Usage_Sensor Energy_Generation_Sensor Energy_Sensor Energy_Usage_Sensor
    Exhaust_Air_Temperature_Sensor Fan_Status Flow_Sensor Formaldehyde_Level_Sensor
    Frequency_Sensor Gas_Sensor Generation_Sensor Heating_Command Heating_Demand_Sensor
    Heating_Temperature_Setpoint Hot_Water_Flow_Sensor Hot_Water_Usage_Sensor Humidity_Sensor
    Humidity_Setpoint Illuminance_Sensor Leak_Alarm Luminance_Command Luminance_Sensor
    Mixed_Air_Temperature_Sensor Motion_Sensor Natural_Gas_Usage_Sensor Occupancy_Count_Sensor
    Occupancy_Sensor Occupancy_Status On_Off_Status Outside_Air_CO2_Sensor
    Outside_Air_Humidity_Sensor Outside_Air_Temperature_Sensor Outside_Illuminance_Sensor
    PM10_Level_Sensor PM10_Sensor PM1_Level_Sensor PM2.5_Level_Sensor PM2.5_Sensor Parameter
    Peak_Demand_Sensor Point Position_Sensor Power_Factor_Sensor Power_Sensor Pressure_Sensor
    Rain_Level_Sensor Reactive_Energy_Sensor Reactive_Power_Sensor Relative_Humidity_Sensor
    Return_Air_CO2_Sensor Return_Air_Temperature_Sensor Run_Time_Sensor Sensor Setpoint
    Solar_Irradiance_Sensor Speed_Sensor Static_Pressure_Sensor Status Steam_Usage_Sensor
    Supply_Air_Flow_Sensor Supply_Air_Temperature_Sensor Supply_Air_Temperature_Setpoint
    TVOC_Level_Sensor TVOC_Sensor Temperature_Sensor Temperature_Setpoint
    Thermal_Energy_Usage_Sensor Thermal_Power_Sensor Usage_Sensor Valve_Position_Alarm
    Valve_Position_Command Valve_Position_Sensor Voltage_Sensor Water_Flow_Sensor
    Water_Level_Sensor Water_Temperature_Sensor Water_Usage_Sensor Wind_Direction_Sensor
    Wind_Speed_Sensor Zone_Air_Humidity_Sensor Zone_Air_Temperature_Sensor Zone_CO2_Level_Sensor
  `
    .trim()
    .split(/\s+/),
);

/** Classes of meters, which in Brick are equipment that has points. */
export const METER_CLASSES: ReadonlySet<string> = new Set(
  `
    Building_Chilled_Water_Meter Building_Electrical_Meter Building_Gas_Meter
    Building_Hot_Water_Meter Building_Meter Building_Water_Meter Chilled_Water_Meter
    Electrical_Meter Gas_Meter Hot_Water_Meter Meter Thermal_Power_Meter Waste_Meter Water_Meter
  `
    .trim()
    .split(/\s+/),
);

/** Brick left its own classes of places for those of RealEstateCore with 1.4.0. */
export const PLACE_CLASSES = {
  site: "Site",
  building: "Building",
  floor: "Level",
  room: "Room",
  zone: "Zone",
  outside: "OutdoorSpace",
} as const;

/** QUDT units, by the unit of the point. `/` is a ratio, `count` a number of things. */
export const QUDT_UNITS: Readonly<Record<string, string>> = {
  "%": "PERCENT",
  "%RH": "PERCENT_RH",
  "/": "FRACTION",
  A: "A",
  Cel: "DEG_C",
  Hz: "HZ",
  J: "J",
  K: "K",
  Pa: "PA",
  V: "V",
  VA: "V-A",
  VAh: "V-A-HR",
  W: "W",
  "W/m2": "W-PER-M2",
  Wh: "W-HR",
  count: "NUM",
  dB: "DeciB",
  deg: "DEG",
  kW: "KiloW",
  kWh: "KiloW-HR",
  kg: "KiloGM",
  l: "L",
  lm: "LM",
  lx: "LUX",
  m: "M",
  "m/s": "M-PER-SEC",
  m2: "M2",
  m3: "M3",
  "m3/s": "M3-PER-SEC",
  min: "MIN",
  ppm: "PPM",
  s: "SEC",
  var: "V-A_Reactive",
  varh: "V-A_Reactive-HR",
};
