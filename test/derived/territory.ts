import type { Bus } from '../../bus/contract.ts'
import { topicMatches, topics } from '../../bus/topics.ts'
import type { SenderStatus } from '../../model/delivery.ts'
import type { Registry } from '../../registry/registry.ts'
import { loadTerritory } from '../rules/territory.ts'

/** Two buildings: the one gateway reads a meter at each, and stands at the second. */
export function twoBuildings(rules: string[] = [], ofSites = 'tags: []'): Promise<Registry> {
  const site = (id: string) =>
    `  - { id: ${id}, name: ${id}, kind: building, position: { lat: 44, lon: 6 }, commune: '04001', ${ofSites} }\n`
  const device = (id: string, unit: number) => `
          - id: meter
            site: ${id}
            unit: ${unit}
            points:
              index: { quantity: electricity-index, unit: kW.h, interval: 10min, modbus: { table: input, address: 0, type: uint32 } }
              power: { quantity: active-power, unit: kW, interval: 1min, modbus: { table: input, address: 2, type: float32 } }`
  return loadTerritory(
    `
sites:
${site('ecole')}${site('mairie')}
gateways:
  - id: gw
    name: Gateway
    site: mairie
    connections:
      - id: line
        driver: modbus
        host: 127.0.0.1
        devices:${device('ecole', 1)}${device('mairie', 2)}
`,
    rules,
  )
}

/** A school whose one device has these points, with what else is written of the territory. */
export function oneSchool(
  points: Readonly<Record<string, string>>,
  more: string,
  rules: string[] = [],
): Promise<Registry> {
  const lines = Object.entries(points).map(([name, point]) => `              ${name}: ${point}\n`)
  return loadTerritory(
    `
sites:
  - { id: ecole, name: École, kind: building, position: { lat: 44, lon: 6 }, commune: '04001' }
gateways:
  - id: gw
    name: Gateway
    connections:
      - id: line
        driver: modbus
        host: 127.0.0.1
        devices:
          - id: compteurs
            site: ecole
            points:
${lines.join('')}${more}`,
    rules,
  )
}

/** A bus that says what it is told to, at once. */
export function quietBus() {
  const handlers: [filter: string, Parameters<Bus['subscribe']>[1]][] = []
  const listeners: (() => void)[] = []
  const say = (topic: string, payload: string) => {
    for (const [filter, handler] of handlers)
      if (topicMatches(filter, topic)) handler(topic, Buffer.from(payload), false)
  }
  return {
    connected: true,
    async subscribe(filter: string, handler: Parameters<Bus['subscribe']>[1]) {
      handlers.push([filter, handler])
    },
    onConnect(listener: () => void) {
      listeners.push(listener)
      listener()
      return () => {}
    },
    reconnect() {
      this.connected = true
      for (const listener of listeners) listener()
    },
    say(status: Partial<SenderStatus>) {
      const whole = { version: 1, sender: 'gw', role: 'gateway', online: true, registry: '', time: 0 }
      say(topics.status('gw'), JSON.stringify({ ...whole, ...status }))
    },
    acknowledge: () => say(topics.acknowledgements('gw'), '{}'),
  }
}
