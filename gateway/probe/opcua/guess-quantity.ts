import { MEASURED_QUANTITY_NAMES, type MeasuredQuantityName, quantity } from '../../../model/quantity.ts'
import { UNITS, type Unit, unitLabel } from '../../../model/units.ts'
import type { ReadVariable } from './read-variables.ts'

/** Words by which engineers name what they measure, French and English; the first that fits is taken. */
const WORDS: readonly [RegExp, MeasuredQuantityName][] = [
  [/d[ée]faut|alarm|fault/, 'fault'],
  [/taux.*occup|occup.*(voie|lane|rate)/, 'road-occupancy'],
  [/occup|pr[ée]sence/, 'occupancy'],
  [/ros[ée]e|dew/, 'dew-point'],
  [/chauss[ée]e|surface|pavement/, 'surface-temperature'],
  [/t(emp).*(ext|outdoor|outside)|(ext|outdoor|outside).*temp/, 'outdoor-temperature'],
  [/(temp|t).*air|air.*temp/, 'air-temperature'],
  [/temp|ambian/, 'indoor-temperature'],
  [/humid|hygro/, 'relative-humidity'],
  [/rafale|gust/, 'wind-gust'],
  [/vent|wind/, 'wind-speed'],
  [/visib/, 'visibility'],
  [/pluie|pr[ée]cip|rain/, 'precipitation-rate'],
  [/pluie|pr[ée]cip|rain/, 'precipitation'],
  [/v[ée]hic|vehic|traffic/, 'vehicle-count'],
  [/vitesse|speed/, 'mean-speed'],
  [/d[ée]bit|flow/, 'flow-rate'],
  [/(puissance|power).*(chal|therm|heat)|(chal|therm|heat).*(puissance|power)/, 'thermal-power'],
  [/puissance|power/, 'active-power'],
  [/gaz|gas/, 'gas-index'],
  [/eau|water/, 'water-index'],
  [/froid|cool/, 'cooling-index'],
  [/chal|heat|therm/, 'heat-index'],
  [/[ée]lec|[ée]nerg|index|kwh/, 'electricity-index'],
]

/**
 * What a variable most likely measures, by its names and its unit; to be looked at by whoever knows the building.
 * Undefined where nothing speaks for any quantity of the registry.
 */
export function guessQuantity({
  path,
  type,
  unit: label,
}: Pick<ReadVariable, 'path' | 'type' | 'unit'>): { quantity: MeasuredQuantityName; unit: Unit } | undefined {
  const kind = type === 'Boolean' ? 'boolean' : NUMBERS.has(type) ? 'number' : undefined
  const unit = UNITS.find(known => label !== undefined && [known, unitLabel(known)].includes(label.trim()))
  const isPossible = (name: MeasuredQuantityName) => {
    const { value, units } = quantity(name)
    return value === kind && (label === undefined || label === '' || units.includes(unit ?? '1'))
  }
  // The variable's own name says more than the folders that it stands in.
  const names = path.toLowerCase().split('/').reverse()
  for (const name of names) {
    const word = WORDS.find(([words, meant]) => words.test(name) && isPossible(meant))
    if (word) return { quantity: word[1], unit: unit ?? quantity(word[1]).units[0]! }
  }
  const [only, another] = MEASURED_QUANTITY_NAMES.filter(isPossible)
  return unit && only && !another ? { quantity: only, unit } : undefined
}

const NUMBERS = new Set([
  'SByte',
  'Byte',
  'Int16',
  'UInt16',
  'Int32',
  'UInt32',
  'Int64',
  'UInt64',
  'Float',
  'Double',
])
