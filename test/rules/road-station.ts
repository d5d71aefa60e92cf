import type { QuantityName } from '../../model/quantity.ts'
import { quantity } from '../../model/quantity.ts'
import type { Registry } from '../../registry/registry.ts'
import { loadTerritory } from './territory.ts'

/** What a well-equipped road station tells. */
export const FULL_STATION = [
  'surface-temperature',
  'freezing-temperature',
  'surface-condition',
  'precipitation',
  'precipitation-type',
  'air-temperature',
  'relative-humidity',
  'fault',
] as const satisfies readonly QuantityName[]

export interface TestStation {
  site: string
  lat: number
  quantities: readonly QuantityName[]
  /** Whether the public may see it. */
  openData?: boolean
}

/** Road stations on one meridian, each with a point for every quantity, named after it, and rules in flow style. */
export function roadRegistry(stations: readonly TestStation[], rules: string[]): Promise<Registry> {
  const point = (name: QuantityName, i: number) => {
    const { value, units } = quantity(name)
    const type = { number: 'float32', boolean: 'bool, bit: 0', string: 'string, length: 8' }[value]
    return `${name}: { quantity: ${name}, unit: '${units[0]}', interval: 1min, modbus: { table: input, address: ${i * 10}, type: ${type} } }`
  }
  const sitesAndGateways = `
sites:
${stations.map(({ site, lat, openData = false }) => `  - { id: ${site}, name: ${site}, kind: road-station, position: { lat: ${lat}, lon: 6 }, commune: '04001', openData: ${openData} }`).join('\n')}
gateways:
  - id: gw
    name: Gateway
    connections:
${stations
  .map(
    ({ site, quantities }, n) => `      - id: line-${n}
        driver: modbus
        host: 127.0.0.${n + 1}
        devices:
          - id: meteo
            site: ${site}
            points:
${quantities.map((name, i) => `              ${point(name, i)}`).join('\n')}`,
  )
  .join('\n')}
`
  return loadTerritory(sitesAndGateways, rules)
}
