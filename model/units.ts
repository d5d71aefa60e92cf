/**
 * Units inside are UCUM codes (https://ucum.org/ucum, case-sensitive); outside people expect labels.
 * A unit that is not in this table is refused by the registry.
 */
const LABELS = {
  'kW.h': 'kWh',
  'MW.h': 'MWh',
  'W.h': 'Wh',
  kW: 'kW',
  W: 'W',
  'kV.A': 'kVA',
  'kV.A{reactive}': 'kvar',
  'kV.A{reactive}.h': 'kvarh',
  V: 'V',
  A: 'A',
  Hz: 'Hz',
  m3: 'm³',
  L: 'L',
  'm3/h': 'm³/h',
  Cel: '°C',
  K: 'K',
  '%': '%',
  hPa: 'hPa',
  mm: 'mm',
  'mm/h': 'mm/h',
  'm/s': 'm/s',
  'km/h': 'km/h',
  km: 'km',
  m: 'm',
  '{vehicle}/h': 'veh/h',
  '[ppm]': 'ppm',
  deg: '°',
  s: 's',
  min: 'min',
  h: 'h',
  '1': '',
} as const

export type Unit = keyof typeof LABELS
/** What indexes count in. */
export const METER_UNITS = [
  'kW.h',
  'MW.h',
  'W.h',
  'm3',
  'L',
  'kV.A{reactive}.h',
] as const satisfies readonly Unit[]
export const UNITS = Object.keys(LABELS) as [Unit, ...Unit[]]

/** The label that people expect: `kW.h` gives `kWh`, `Cel` gives `°C`. */
export function unitLabel(unit: Unit): string {
  return LABELS[unit]
}

/** The unit that somebody means who writes its label, as far as that can be told: `kwh`, `m³` and `°C` are some. */
export function unitOfLabel(written: string): Unit | undefined {
  const plain = (label: string) => label.trim().toLowerCase()
  return UNITS.find(unit =>
    [unit, unitLabel(unit), asciiUnitLabel(unit)].some(label => plain(label) === plain(written)),
  )
}

/** The label of open-data files, which stay within ASCII: `m3`, not `m³`. */
export function asciiUnitLabel(unit: Unit): string {
  return LABELS[unit].replace('³', '3').replace('°', '')
}

/** Units that differ by powers of ten, and the power of each beside the others of its kind. */
const POWERS: Partial<
  Record<Unit, { kind: 'energy' | 'volume' | 'reactive' | 'power' | 'length'; power: number }>
> = {
  'W.h': { kind: 'energy', power: 0 },
  'kW.h': { kind: 'energy', power: 3 },
  'MW.h': { kind: 'energy', power: 6 },
  L: { kind: 'volume', power: 0 },
  m3: { kind: 'volume', power: 3 },
  'kV.A{reactive}.h': { kind: 'reactive', power: 3 },
  W: { kind: 'power', power: 0 },
  kW: { kind: 'power', power: 3 },
  mm: { kind: 'length', power: -3 },
  m: { kind: 'length', power: 0 },
  km: { kind: 'length', power: 3 },
}

/** By which power of ten one unit is another: 3 from MW.h to kW.h; undefined where they are of different kinds. */
export function powerBetween(from: Unit, to: Unit): number | undefined {
  const [a, b] = [POWERS[from], POWERS[to]]
  return a && a.kind === b?.kind ? a.power - b.power : undefined
}

const OTHER_CONVERSIONS: Partial<Record<`${Unit} ${Unit}`, (value: number) => number>> = {
  'm/s km/h': value => value * 3.6,
  'km/h m/s': value => value / 3.6,
  'Cel K': value => value + 273.15,
  'K Cel': value => value - 273.15,
}

/** Takes a value from one unit to another; undefined where they measure different things. */
export function conversion(from: Unit, to: Unit): ((value: number) => number) | undefined {
  if (from === to) return value => value
  const power = powerBetween(from, to)
  if (power === undefined) return OTHER_CONVERSIONS[`${from} ${to}`]
  // No power below 1 is exact in binary.
  return power < 0 ? value => value / 10 ** -power : value => value * 10 ** power
}
