import { decodeAlertBatch } from '../../bus/alert-codec.ts'
import { type Broker, startBroker } from '../../bus/broker.ts'
import { connectBus } from '../../bus/client.ts'
import { encodeReadingBatch } from '../../bus/codec.ts'
import type { Bus } from '../../bus/contract.ts'
import { filters, topics } from '../../bus/topics.ts'
import type { Alert, AlertEvent } from '../../model/alert.ts'
import type { ReadingBatch } from '../../model/delivery.ts'
import { type Reading, toColumns } from '../../model/reading.ts'
import { memoryLog } from './territory.ts'

/** A broker, what the rules say on it, and a gateway and an API that speak to them. */
export interface Hub {
  broker: Broker
  /** A connection of a part under test. */
  bus: Bus
  log: ReturnType<typeof memoryLog>
  /** Alert events in the order of their numbers, each once. */
  events(): AlertEvent[]
  /** The retained live set as a subscriber that comes late would see it. */
  live(): Alert[]
  publish(topic: string, payload: string): Promise<void>
  /** Resolves when the part under test has taken them. */
  read(readings: Reading[], envelope?: Partial<ReadingBatch>): Promise<void>
  acknowledge(alert: string, actor?: string, change?: number): Promise<void>
  close(): Promise<void>
}

export async function startHub(port = 0): Promise<Hub> {
  const log = memoryLog()
  const broker = await startBroker({ host: '127.0.0.1', port, log: log.log })
  const bus = await connectBus({ url: broker.url, clientId: 'under-test', log: log.log })
  const peer = await connectBus({ url: broker.url, clientId: 'peer', log: log.log })
  const events = new Map<number, AlertEvent>()
  const live = new Map<string, Alert>()
  let number = 0
  await peer.subscribe(filters.allAlertEvents, (topic, payload) => {
    if (topic === topics.alertCommands) return
    const { batch, numbers, rejected } = decodeAlertBatch(payload)
    if (rejected.length > 0) throw new Error(rejected[0]!.reason)
    for (const [index, event] of batch.events.entries()) events.set(numbers[index]!, event)
  })
  await peer.subscribe(filters.allLiveAlerts, (topic, payload) => {
    if (payload.length === 0) live.delete(topic.split('/').at(-1)!)
    else live.set(topic.split('/').at(-1)!, JSON.parse(payload.toString()) as Alert)
  })
  // The broker acknowledges before it delivers: what the newest handler has taken is noted here.
  const taken = new Map<string, () => void>()
  const newest = new Map<string, symbol>()
  const underTest: Bus = Object.assign(Object.create(bus) as Bus, {
    subscribe(filter: string, handler: Parameters<Bus['subscribe']>[1]) {
      const me = Symbol()
      newest.set(filter, me)
      return bus.subscribe(filter, (topic, payload, retained) => {
        try {
          handler(topic, payload, retained)
        } finally {
          if (newest.get(filter) === me) taken.get(payload.toString())?.()
        }
      })
    },
  })
  for (const each of [bus, peer]) await new Promise<void>(resolve => void each.onConnect(resolve))

  return {
    broker,
    bus: underTest,
    log,
    events: () => [...events].sort(([a], [b]) => a - b).map(([, event]) => event),
    live: () => [...live.values()],
    publish: (topic, payload) => peer.publish(topic, payload, { retain: topic.includes('/alerts/') }),
    async read(readings, envelope = {}) {
      const first = number + 1
      number += readings.length
      const batch: ReadingBatch = {
        version: 1,
        sender: 'gw',
        stream: 'measures',
        run: 'r1',
        first,
        sent: readings[0]!.gatewayTime,
        backlog: false,
        readings: toColumns(readings),
        ...envelope,
      }
      const payload = encodeReadingBatch(batch)
      await new Promise<void>((resolve, reject) => {
        taken.set(payload, resolve)
        peer.publish(topics.readings('gw'), payload).catch(reject)
      })
      taken.delete(payload)
    },
    acknowledge(alert, actor = 'nadia', change) {
      const command = { id: 'c1', action: 'acknowledge', alert, actor, time: 0, change }
      return peer.publish(topics.alertCommands, JSON.stringify(command))
    },
    async close() {
      await bus.close()
      await peer.close()
      await broker.close()
    },
  }
}
