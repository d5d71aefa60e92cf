import type { Value } from '../../model/reading.ts'
import type { Registry } from '../../registry/registry.ts'
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

const modbus = (address: number, type = 'float32', table = 'input') =>
  `modbus: { table: ${table}, address: ${address}, type: ${type} }`
const temperature = (name: string, quantity: string, address: number) =>
  `${name}: { quantity: ${quantity}, unit: Cel, interval: 1min, ${modbus(address)} }`
const site = (id: string) =>
  `  - { id: ${id}, name: ${id}, kind: building, position: { lat: 44, lon: 6 }, commune: '04001' }`
const devices = (site: string) => `
          - id: boiler
            site: ${site}
            points:
              ${temperature('supply', 'supply-temperature', 0)}
              ${temperature('back', 'return-temperature', 2)}
              pump: { quantity: occupancy, unit: '1', interval: 1min, heartbeat: 30min, ${modbus(0, 'bool', 'coil')} }
              mode: { quantity: operating-mode, unit: '1', interval: 1min, modbus: { table: input, address: 4, type: uint16, states: { '0': 'off', '1': night } } }
          - id: meter
            site: ${site}
            points:
              heat: { quantity: thermal-power, unit: kW, interval: 1min, ${modbus(10)} }
              power: { quantity: active-power, unit: W, interval: 1min, ${modbus(12)} }`

/** Two buildings, each with a boiler (supply, back, pump, mode) and a meter (heat, power). */
export function heatingRegistry(rules: string[]): Promise<Registry> {
  const sites = ['college', 'gymnase']
  return loadTerritory(
    `sites:\n${sites.map(site).join('\n')}
gateways:
  - id: gw
    name: Gateway
    connections:
      - id: line
        driver: modbus
        host: 127.0.0.1
        devices:${sites.map(devices).join('')}
`,
    rules,
  )
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
