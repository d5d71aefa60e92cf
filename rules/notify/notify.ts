import type { Logger } from 'pino'
import { decodeAlertBatch } from '../../bus/alert-codec.ts'
import type { Bus } from '../../bus/contract.ts'
import { filters, topics } from '../../bus/topics.ts'
import type { AlertEvent } from '../../model/alert.ts'
import type { Clock } from '../../model/clock.ts'
import { DAY_MS } from '../../model/time.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Channel } from '../../registry/schema.ts'
import type { RecordStore } from '../../store/records.ts'
import { sendOf } from './channel.ts'
import { type Courier, type CourierCounts, startCourier } from './courier.ts'
import { openDeliveries } from './deliveries.ts'

export interface Notify {
  /** By channel. */
  readonly counts: Record<string, CourierCounts>
  /** Tells of an event, unless that was done before. */
  tell(event: AlertEvent): void
  close(): Promise<void>
}

interface NotifyOptions {
  registry: Registry
  bus: Bus
  /** Keeps what was sent and what is still to be sent. */
  folder: string
  /** Where events stand that were stored while nobody listened here; without it they stay untold. */
  records?: Pick<RecordStore, 'alerts' | 'alertEvents'>
  clock: Clock
  log: Logger
  /** Where people reach the hub, for links to alerts. */
  baseUrl(): string
  /** The first pause after a failed attempt, ms. */
  retryMs?: number
}

/** News of yesterday sends nobody on the road. */
const MAX_AGE_MS = DAY_MS
/** An event may come again for as long as a sender is unacknowledged; it is known again for a week. */
const MEMORY_MS = 7 * DAY_MS
/** How many of the newest alerts are looked through at start. */
const CATCH_UP_ALERTS = 1000

/** Tells the channels of its rule of every alert event, each once, also across restarts. */
export async function startNotify(options: NotifyOptions): Promise<Notify> {
  const { registry, bus, folder, records, clock, log, baseUrl, retryMs = 1000 } = options
  await using starting = new AsyncDisposableStack()
  const deliveries = openDeliveries(folder, clock.now())
  starting.defer(() => deliveries.close())
  deliveries.forget(clock.now() - MEMORY_MS)
  const couriers = new Map<string, Courier>()
  let closed = false
  for (const channel of registry.channels.values()) {
    const send = sendOf(channel, { registry, log, baseUrl })
    const courier = { channel: channel.id, send, deliveries, maxAge: MAX_AGE_MS, retryMs, clock, log }
    couriers.set(channel.id, startCourier({ ...courier, ...standIn(channel) }))
  }
  starting.defer(async () => {
    closed = true
    await Promise.all([...couriers.values()].map(courier => courier.close()))
  })

  for (const delivery of deliveries.waiting()) {
    const courier = couriers.get(delivery.channel)
    if (courier) courier.enqueue(delivery)
    else {
      deliveries.settle(delivery, 'failed')
      log.error(
        { channel: delivery.channel, alert: delivery.alert },
        'notification given up: no such channel',
      )
    }
  }

  function tell(event: AlertEvent) {
    if (closed) return
    const { id, rule } = event.alert
    if (clock.now() - event.time > MAX_AGE_MS) {
      log.warn({ alert: id, event: event.type }, 'event too old to tell anyone')
      return
    }
    // Who was told that it fired is told how it ends, also when the rule has changed or gone meanwhile.
    const channels = new Set([...(registry.rules.get(rule)?.channels ?? []), ...deliveries.channelsOf(id)])
    tellOn(
      event,
      [...channels].filter(channel => couriers.has(channel)),
    )
  }

  /** What a channel was asked before it is not asked again. */
  function tellOn(event: AlertEvent, channels: readonly string[]) {
    for (const delivery of deliveries.add(event, channels)) couriers.get(delivery.channel)!.enqueue(delivery)
  }

  function standIn(channel: Channel) {
    if (!('otherwise' in channel) || channel.otherwise === undefined) return {}
    const { otherwise, otherwiseAfter: after } = channel
    return { otherwise: { after, tell: (event: AlertEvent) => tellOn(event, [otherwise]) } }
  }

  await bus.subscribe(filters.allAlertEvents, (topic, payload) => {
    // The filter also matches the commands, which lie beside the senders.
    if (topic === topics.alertCommands) return
    for (const event of decodeAlertBatch(payload).batch.events) tell(event)
  })

  const since = Math.max(deliveries.began, clock.now() - MAX_AGE_MS)
  for (const alert of records?.alerts({ limit: CATCH_UP_ALERTS }) ?? []) {
    for (const event of records!.alertEvents(alert.id)) if (event.time >= since) tell(event)
  }

  const running = starting.move()
  return {
    tell,
    get counts() {
      return Object.fromEntries([...couriers].map(([channel, courier]) => [channel, courier.counts]))
    },
    close: () => running.disposeAsync(),
  }
}
