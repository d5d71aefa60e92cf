import type { Unit } from '../../model/units.ts'
import { unitLabel } from '../../model/units.ts'

const NAMES: Readonly<Record<Unit, string | null>> = {
  'kW.h': 'kilowatt hour',
  'MW.h': 'megawatt hour',
  'W.h': 'watt hour',
  kW: 'kilowatt',
  W: 'watt',
  'kV.A': 'kilovolt ampere',
  'kV.A{reactive}': 'kilovolt ampere reactive',
  'kV.A{reactive}.h': 'kilovolt ampere reactive hour',
  V: 'volt',
  A: 'ampere',
  Hz: 'hertz',
  m3: 'cubic meter',
  L: 'liter',
  'm3/h': 'cubic meter per hour',
  Cel: 'degree Celsius',
  K: 'kelvin',
  '%': 'percent',
  hPa: 'hectopascal',
  mm: 'millimeter',
  'mm/h': 'millimeter per hour',
  'm/s': 'meter per second',
  'km/h': 'kilometer per hour',
  km: 'kilometer',
  m: 'meter',
  '{vehicle}/h': 'vehicle per hour',
  '[ppm]': 'parts per million',
  deg: 'degree',
  s: 'second',
  min: 'minute',
  h: 'hour',
  '1': null,
}

/** By the register of OGC: the code of UCUM behind it. */
const UCUM = 'http://www.opengis.net/def/uom/UCUM/0/'

export interface UnitOfMeasurement {
  name: string | null
  symbol: string | null
  definition: string | null
}

/** As UCUM names it; nulls where something has no unit (OGC 18-088, table 10). */
export function describeUnit(unit: Unit): UnitOfMeasurement {
  const name = NAMES[unit]
  if (name === null) return { name, symbol: null, definition: null }
  return { name, symbol: unitLabel(unit), definition: UCUM + encodeURIComponent(unit) }
}
