import type { Bus } from '../../bus/contract.ts'
import { topicMatches, topics } from '../../bus/topics.ts'
import type { SenderStatus } from '../../model/delivery.ts'
import type { Registry } from '../../registry/registry.ts'
import { device, oneLine, registerPoint, site } from '../registry/yaml.ts'
import { loadTerritory } from '../rules/territory.ts'

/** Two buildings: the one gateway reads a meter at each, and stands at the second. */
export function twoBuildings(rules: string[] = [], ofSites = ''): Promise<Registry> {
  const sites = ['ecole', 'mairie']
  const meters = sites.map((id, index) =>
    device(
      'meter',
      id,
      {
        index: registerPoint('electricity-index', 'kW.h', 0, { interval: '10min', type: 'uint32' }),
        power: registerPoint('active-power', 'kW', 2),
      },
      index + 1,
    ),
  )
  const yaml = `sites:\n${sites.map(id => site(id, { more: ofSites })).join('')}`
  return loadTerritory(yaml + oneLine(meters, '\n    site: mairie'), rules)
}

/** A school whose one device has these points, with what else is written of the territory. */
export function oneSchool(
  points: Readonly<Record<string, string>>,
  more: string,
  rules: string[] = [],
): Promise<Registry> {
  const school = site('ecole', { name: 'École' })
  return loadTerritory(`sites:\n${school}${oneLine([device('compteurs', 'ecole', points)])}${more}`, rules)
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
