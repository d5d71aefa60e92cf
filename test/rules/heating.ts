import type { Value } from '../../model/reading.ts'
import type { Registry } from '../../registry/registry.ts'
import { device, oneLine, registerPoint, site } from '../registry/yaml.ts'
import { liveRule } from './live-rule.ts'
import { loadTerritory } from './territory.ts'

export const SUPPLY = 'college/boiler/supply'
/** Supply and return are closer than 3 K. */
export const CLOSE = `{ id: close, name: { fr: Bouclage, en: Short circuit }, select: { quantity: supply-temperature },
  condition: { type: comparison, with: back, below: 3, hysteresis: 2 }, onDelay: 3min, offDelay: 5min,
  maxAge: 10min, severity: warning }`

const POINTS = `{ supply: supply, back: college/boiler/back, pump: pump, mode: boiler/mode, heat: meter/heat, power: meter/power }`
/** The rule's own point is the supply temperature. */
export const expressionRule = (when: string, points = POINTS) =>
  `{ id: r, name: { fr: R, en: R }, select: { points: [college/boiler/supply] },
  condition: { type: expression, when: ${JSON.stringify(when)}, points: ${points} }, onDelay: 3min, offDelay: 5min,
  maxAge: 10min, severity: warning }`

const MODE =
  "{ quantity: operating-mode, unit: '1', interval: 1min, modbus: { table: input, address: 4, type: uint16, states: { '0': 'off', '1': night } } }"
const devices = (site: string) => [
  device('boiler', site, {
    supply: registerPoint('supply-temperature', 'Cel', 0),
    back: registerPoint('return-temperature', 'Cel', 2),
    pump: registerPoint('occupancy', "'1'", 0, { table: 'coil', type: 'bool', more: ', heartbeat: 30min' }),
    mode: MODE,
  }),
  device('meter', site, {
    heat: registerPoint('thermal-power', 'kW', 10),
    power: registerPoint('active-power', 'W', 12),
  }),
]

/** Two buildings, each with a boiler (supply, back, pump, mode) and a meter (heat, power). */
export function heatingRegistry(rules: string[]): Promise<Registry> {
  const sites = ['college', 'gymnase']
  const yaml = `sites:\n${sites.map(id => site(id)).join('')}${oneLine(sites.flatMap(devices))}`
  return loadTerritory(yaml, rules)
}

/** A rule on a point of the boiler of a building, whose points are named as its device has them. */
export async function liveHeatingRule(rule: string, { point = 'boiler/supply', site = 'college' } = {}) {
  const registry = await heatingRegistry([rule])
  const live = await liveRule(registry, [...registry.rules.keys()][0]!, `${site}/${point}`)
  type Quality = Parameters<typeof live.say>[2]
  return {
    ...live,
    /** So many minutes at which a part of the points says so; null is bad. */
    at: (values: Readonly<Record<string, Value>>, minutes: number, quality?: Quality) =>
      live.say(
        minutes,
        Object.fromEntries(
          Object.entries(values).map(([name, value]) => [
            name.includes('/') ? `${site}/${name}` : `${site}/boiler/${name}`,
            value,
          ]),
        ),
        quality,
      ),
  }
}
