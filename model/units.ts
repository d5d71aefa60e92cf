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
  '[ppm]': 'ppm',
  deg: '°',
  s: 's',
  '1': '',
} as const

export type Unit = keyof typeof LABELS
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
