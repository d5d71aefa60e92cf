import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import { decodeAlertBatch } from '../../bus/alert-codec.ts'
import type { Bus } from '../../bus/contract.ts'
import { filters, topics } from '../../bus/topics.ts'
import { type Alert, type AlertEvent, eventKey } from '../../model/alert.ts'
import type { Clock } from '../../model/clock.ts'
import type { Notification } from '../../model/notification.ts'
import { DAY_MS } from '../../model/time.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Channel } from '../../registry/schema.ts'
import type { RecordStore } from '../../store/records.ts'
import { carrierOf } from './channel.ts'
import { type Courier, type CourierCounts, startCourier } from './courier.ts'
import { openDailyTest } from './daily-test.ts'
import type { Deliveries, Occasion } from './deliveries.ts'
import type { Links } from './links.ts'
import { isOfHub, keyOf, type Notice, type Outcome } from './notice.ts'
import type { Phones } from './phones.ts'
import { startRepeating } from './repeat.ts'
import { openRoutes, type Recipient } from './routes.ts'

export interface Notify {
  /** By channel. */
  readonly counts: Record<string, CourierCounts>
  /** Tells of events, unless that was done before. */
  tell(events: readonly AlertEvent[]): void
  /** Goes on after the lists of the registry were replaced; told what they were. */
  change(previous: Pick<Registry, 'channels'>): Promise<void>
  close(): Promise<void>
}

interface NotifyOptions {
  registry: Registry
  bus: Bus
  /** What was sent and what is still to be sent. */
  deliveries: Deliveries
  links: Links
  phones: Phones
  /** Where events stand that were stored while nobody listened here, and where it is sealed who was told. */
  records: Pick<RecordStore, 'alerts' | 'alertEvents' | 'sealNotifications' | 'synced'>
  clock: Clock
  log: Logger
  /** Where people reach the hub, for links to alerts. */
  baseUrl(): string
  /** The first pause after a failed attempt, ms. */
  retryMs?: number
  /** How often unacknowledged alerts are looked at, ms. */
  tickMs?: number
}

/** News of yesterday sends nobody on the road. */
const MAX_AGE_MS = DAY_MS
/** An event may come again for as long as a sender is unacknowledged; it is known again for a week. */
const MEMORY_MS = 7 * DAY_MS
/** What lives on unacknowledged is not to be forgotten, also where no reminders are asked for. */
const UNASKED_REMINDER_MS = DAY_MS
/** How many of the newest alerts are looked through at start. */
const CATCH_UP_ALERTS = 1000
/** How many alerts are said again to be live. */
const MOST_LIVE = 1000

/**
 * Tells the channels of its rule of every alert event, each once, also across restarts; and of an alert that nobody
 * acknowledges those to whom its route leads, step by step.
 */
export async function startNotify(options: NotifyOptions): Promise<Notify> {
  const { registry, bus, deliveries, links, phones, records, clock, log, baseUrl } = options
  const { retryMs = 1000, tickMs = 1000 } = options
  await using starting = new AsyncDisposableStack()
  deliveries.forget(clock.now() - MEMORY_MS)
  let routeOf = openRoutes(registry)
  const couriers = new Map<string, Courier>()
  /** What was told last of each alert that nobody has acknowledged. */
  let escalated: ReadonlyMap<string, string> = new Map()
  let closed = false
  const failing = new Set<string>()

  function courierOf(channel: Channel): Courier {
    const hub = { registry, log, baseUrl, links, phones }
    const { send, repeater } = carrierOf(channel, hub, clock.now)
    const together = 'together' in channel ? channel.together : undefined
    const courier = {
      channel: channel.id,
      together,
      send,
      deliveries,
      settled,
      maxAge: MAX_AGE_MS,
      retryMs,
      clock,
      log,
    }
    const started = startCourier({ ...courier, otherwise: otherwiseOf(channel) })
    if (!repeater) return started
    const live = () => liveOn(channel.id)
    const repeating = startRepeating({ channel: channel.id, repeater, live, log })
    return {
      ...{ enqueue: started.enqueue },
      get counts() {
        return started.counts
      },
      async close() {
        repeating.close()
        await started.close()
      },
    }
  }

  /** What is live of what a channel was told of, or is to be. */
  function liveOn(channel: string): Alert[] {
    return records
      .alerts({ state: 'active', limit: MOST_LIVE })
      .filter(
        ({ id, rule }) =>
          !deliveries.unanswered.isOver(id) &&
          (registry.rules.get(rule)?.channels.includes(channel) ||
            deliveries.recipientsOf(id).some(recipient => recipient.channel === channel)),
      )
  }

  /** Has what waits on disk for some channels carried, or given up where a channel is no more. */
  function carryWaiting(isMeant: (channel: string) => boolean) {
    for (const delivery of deliveries.waiting().filter(({ channel }) => isMeant(channel))) {
      const courier = couriers.get(delivery.channel)
      if (courier) courier.enqueue(delivery)
      else {
        settled(deliveries.notice(delivery)!, 'failed', 'no such channel')
        log.error(
          { channel: delivery.channel, alert: delivery.alert },
          'notification given up: no such channel',
        )
      }
    }
  }

  /** Goes on by the changed registry: who is asked, and by which channels. What waits for a channel stays queued. */
  async function change({ channels: before }: Pick<Registry, 'channels'>): Promise<void> {
    routeOf = openRoutes(registry)
    test = openDailyTest({ registry, deliveries, tell: tellOn })
    escalated = new Map()
    const others = new Set(
      [...new Set([...before.keys(), ...registry.channels.keys()])].filter(
        id => !isDeepStrictEqual(before.get(id), registry.channels.get(id)),
      ),
    )
    const ending = [...couriers].filter(([id]) => others.has(id))
    for (const [id] of ending) couriers.delete(id)
    await Promise.all(ending.map(([, courier]) => courier.close()))
    if (closed) return
    for (const id of others) {
      const channel = registry.channels.get(id)
      if (channel) couriers.set(id, courierOf(channel))
    }
    carryWaiting(channel => others.has(channel))
  }

  for (const channel of registry.channels.values()) couriers.set(channel.id, courierOf(channel))
  starting.defer(trySeal)
  starting.defer(async () => {
    closed = true
    await Promise.all([...couriers.values()].map(courier => courier.close()))
  })

  carryWaiting(() => true)

  function tell(event: AlertEvent) {
    const { id, rule } = event.alert
    if (clock.now() - event.time > MAX_AGE_MS) {
      log.warn({ alert: id, event: event.type }, 'event too old to tell anyone')
      return
    }
    // It comes again from the records at each start: it is no news for whoever was told of the alert only later.
    if (deliveries.knows(event)) return
    const recipients = (registry.rules.get(rule)?.channels ?? []).map(channel => ({ channel }))
    // Who was told that it fired is told how it ends, also when the rule has changed or gone meanwhile.
    tellOn(event, [...recipients, ...deliveries.recipientsOf(id, event.time)])
  }

  /** What a channel was asked before it is not asked again. */
  function tellOn(event: Notice['event'], recipients: readonly Recipient[], occasion?: Occasion) {
    const reachable = recipients.filter(({ channel }) => registry.channels.has(channel))
    // While a channel changes nobody carries for it: what is queued on disk meanwhile is carried then.
    for (const delivery of deliveries.add(event, reachable, occasion))
      couriers.get(delivery.channel)?.enqueue(delivery)
  }

  /** Notes all first: what was acknowledged meanwhile is not escalated. */
  function tellAll(events: readonly AlertEvent[]) {
    if (closed) return
    for (const event of events) deliveries.unanswered.note(event)
    for (const event of events) tell(event)
    escalate()
  }

  /** Tells of what nobody has acknowledged whoever is due by now, and reminds those who were told. */
  function escalate() {
    if (registry.routes.length === 0 && !registry.territory.alerting?.fallback) return
    const now = clock.now()
    const next = new Map<string, string>()
    for (const { event, since } of deliveries.unanswered.list()) {
      const elapsed = now - since
      const { recipients, remindEvery = UNASKED_REMINDER_MS } = routeOf(event.alert, { elapsed, now })
      const reminder = Math.floor(elapsed / remindEvery)
      const told = JSON.stringify([eventKey(event), recipients, reminder])
      if (escalated.get(event.alert.id) !== told) tellOn(event, recipients, { reminder, due: now })
      next.set(event.alert.id, told)
    }
    escalated = next
  }

  /** Who is told what a channel could not tell: the next one of the same person, or the one that stands in. */
  function otherwiseOf(channel: Channel) {
    const { otherwise, otherwiseAfter: after } = channel.type === 'log' ? {} : channel
    if (after === undefined) return undefined
    return {
      after,
      tell({ event, person, reminder, due }: Notice) {
        // That a channel works another one cannot tell.
        if (isOfHub(event)) return
        const own = person === undefined ? [] : registry.people.get(person)?.channels
        const next = own?.[own.indexOf(channel.id) + 1]
        if (next !== undefined) tellOn(event, [{ channel: next, person: person! }], { reminder, due })
        if (otherwise !== undefined) tellOn(event, [{ channel: otherwise }], { reminder, due })
      },
    }
  }

  function settled(notice: Notice, outcome: Outcome, receipt: string) {
    deliveries.settle(notice, { outcome, time: clock.now(), receipt })
  }

  /** Seals what became of notices, all at once: to wait for the disk at each would only make the next one wait. */
  async function seal() {
    const settled = deliveries.unsealed()
    if (settled.length === 0) return
    const notifications = settled.map(({ notice, ...settlement }): [number, Notification] => {
      const { number, event, channel, person, reminder } = notice
      const about = { alert: event.alert.id, event: keyOf(event), reminder, channel }
      return [number, { ...about, ...(person !== undefined && { person }), ...settlement }]
    })
    // What is sealed and not noted so is sealed again, which changes nothing.
    records.sealNotifications(deliveries.began, new Map(notifications))
    await records.synced()
    deliveries.noteSealed(notifications.map(([number]) => number))
  }

  /** What cannot be done now is tried again; that is said once. */
  async function attempt(trouble: string, action: () => void | Promise<void>) {
    try {
      await action()
      failing.delete(trouble)
    } catch (error) {
      if (!failing.has(trouble)) log.error({ err: error }, `${trouble}; trying again`)
      failing.add(trouble)
    }
  }
  /** One after the other: what is being sealed must not be sealed beside it. */
  let sealing = Promise.resolve()
  function trySeal() {
    sealing = sealing.then(() => attempt('what became of notices cannot be sealed', seal))
    return sealing
  }

  await bus.subscribe(filters.allAlertEvents, (topic, payload) => {
    // The filter also matches the commands, which lie beside the senders.
    if (topic === topics.alertCommands) return
    tellAll(decodeAlertBatch(payload).batch.events)
  })

  const known = new Set([
    ...records.alerts({ limit: CATCH_UP_ALERTS }).map(({ id }) => id),
    ...deliveries.unanswered.list().map(({ event }) => event.alert.id),
  ])
  const stored = [...known]
    .flatMap(id => records.alertEvents(id))
    .filter(({ time }) => time >= deliveries.began)
  // What is too old to tell shows all the same who is to be reminded.
  for (const event of stored) deliveries.unanswered.note(event)
  tellAll(stored.filter(({ time }) => time >= clock.now() - MAX_AGE_MS))
  let test = openDailyTest({ registry, deliveries, tell: tellOn })
  const forgetting = setInterval(() => deliveries.forget(clock.now() - MEMORY_MS), DAY_MS)
  starting.defer(() => clearInterval(forgetting))
  const timer = setInterval(() => {
    void attempt('notices cannot be queued', () => {
      escalate()
      test(clock.now())
    })
    void trySeal()
  }, tickMs)
  starting.defer(() => clearInterval(timer))

  const running = starting.move()
  return {
    tell: tellAll,
    change,
    get counts() {
      return Object.fromEntries([...couriers].map(([channel, courier]) => [channel, courier.counts]))
    },
    close: () => running.disposeAsync(),
  }
}
