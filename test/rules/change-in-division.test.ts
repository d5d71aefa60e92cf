import { expect, test } from 'vitest'
import { decodeAlertBatch } from '../../bus/alert-codec.ts'
import { connectBus } from '../../bus/client.ts'
import { encodeReadingBatch } from '../../bus/codec.ts'
import type { Bus } from '../../bus/contract.ts'
import type { Share, Shared } from '../../bus/share.ts'
import { filters, topics } from '../../bus/topics.ts'
import { type AlertEvent, eventKey } from '../../model/alert.ts'
import { type Reading, toColumns } from '../../model/reading.ts'
import { startRules } from '../../rules/rules.ts'
import type { ReadingStore } from '../../store/readings.ts'
import { closeLater } from '../close-later.ts'
import { startHub } from './hub.ts'
import {
  FROST,
  MIN,
  memoryReadings,
  reading,
  runningClock,
  START,
  SURFACE,
  temporaryFolder,
  testRegistry,
  until,
} from './territory.ts'

const SITE = 'col-du-loup'
const rule = (id: string, more = '') => FROST.replace('id: frost', `id: ${id}`).replace('onDelay: 3min', more)
/** Unchanged and live, unchanged and pending, changed and pending, changed and live, live and taken out. */
const BEFORE = [
  FROST,
  rule('slow', 'onDelay: 20min'),
  rule('later', 'onDelay: 30min'),
  rule('graver', 'onDelay: 1min'),
  rule('gone', 'onDelay: 2min'),
]
const AFTER = [
  FROST,
  rule('slow', 'onDelay: 20min'),
  rule('later', 'onDelay: 15min'),
  rule('graver', 'onDelay: 2min').replace('hysteresis: 0.5', 'hysteresis: 1'),
  rule('fresh', 'onDelay: 0s'),
]

/** A store of which each request is answered only when that is asked for. */
function heldBack(store: ReadingStore) {
  const held: (() => void)[] = []
  let holds = false
  return {
    store: {
      ...store,
      async latest(points: readonly string[]) {
        const found = await store.latest(points)
        if (holds) await new Promise<void>(resolve => held.push(resolve))
        return found
      },
    } satisfies ReadingStore,
    hold() {
      holds = true
    },
    /** Answers a request, by its place; the requests that are made from now on are not held. */
    async answer(place: number) {
      holds = false
      await until(() => expect(held.length).toBeGreaterThan(place))
      held[place]!()
    },
    asked: (count: number) => until(() => expect(held.length).toBe(count)),
  }
}

/** A process of rules, to which the test gives its sites and takes them. */
async function startMember(
  name: string,
  {
    hub,
    stored,
    clock,
  }: { hub: Awaited<ReturnType<typeof startHub>>; stored: Reading[]; clock: ReturnType<typeof runningClock> },
) {
  const folder = await temporaryFolder()
  closeLater({ close: folder.remove })
  const { log } = hub.log
  const bus = closeLater(await connectBus({ url: hub.broker.url, clientId: name, log }))
  await new Promise<void>(resolve => void bus.onConnect(resolve))
  let heard = 0
  const listening: Bus = Object.assign(Object.create(bus) as Bus, {
    subscribe: (filter: string, handler: Parameters<Bus['subscribe']>[1]) =>
      bus.subscribe(filter, (...message) => {
        handler(...message)
        if (filter === filters.allReadings) heard += 1
      }),
  })
  const readings = heldBack(memoryReadings(stored))
  let shared: Shared | undefined
  let has = false
  const share: Share = {
    ...{ member: name, remembered: false, listened: Promise.resolve(), close: async () => {} },
    ...{ owns: site => has && site === SITE, holds: () => true, others: () => [] },
    async join(parts) {
      shared = parts
    },
  }
  const rules = closeLater(
    await startRules({
      ...{
        registry: await testRegistry(BEFORE),
        bus: listening,
        readings: readings.store,
        share,
        clock,
        log,
        tickMs: 5,
      },
      outboxFolder: folder.path,
    }),
  )
  const gained = (site: string) => site === SITE
  return {
    readings,
    /** How many batches it has taken. */
    heard: () => heard,
    change: async () => rules.change(await testRegistry(AFTER)),
    takeOn: () => shared!.takeOn(gained, new AbortController().signal),
    begin() {
      has = true
      shared!.begin(gained)
    },
    async letGo() {
      has = false
      await shared!.letGo(false)
    },
  }
}
type Member = Awaited<ReturnType<typeof startMember>>

/** A ready division, in each order of what happens on the way of a site from one process to another. */
const ORDERS: Record<string, (from: Member, to: Member, heard: () => Promise<void>) => Promise<void>> = {
  async 'while the new owner reads the store, and done after it has begun'(from, to, heard) {
    await from.letGo()
    to.readings.hold()
    const taking = to.takeOn()
    await to.readings.asked(1)
    const changing = [to.change(), from.change()]
    await to.readings.asked(2)
    await heard()
    await to.readings.answer(0)
    await taking
    to.begin()
    await to.readings.answer(1)
    await Promise.all(changing)
  },
  async 'while the new owner reads the store, and done before it begins'(from, to, heard) {
    await from.letGo()
    to.readings.hold()
    const taking = to.takeOn()
    await to.readings.asked(1)
    const changing = [to.change(), from.change()]
    await to.readings.asked(2)
    await heard()
    await to.readings.answer(1)
    await Promise.all(changing)
    await to.readings.answer(0)
    await taking
    to.begin()
  },
  async 'before the site is let go, and done after the new owner has begun'(from, to, heard) {
    to.readings.hold()
    from.readings.hold()
    const changing = [to.change(), from.change()]
    await Promise.all([to.readings.asked(1), from.readings.asked(1)])
    await from.letGo()
    const taking = to.takeOn()
    await to.readings.asked(2)
    await heard()
    await to.readings.answer(1)
    await taking
    to.begin()
    await Promise.all([to.readings.answer(0), from.readings.answer(0)])
    await Promise.all(changing)
  },
  async 'while a division is given up for another, by which the site comes back'(from, to, heard) {
    await from.letGo()
    to.readings.hold()
    const taking = to.takeOn()
    await to.readings.asked(1)
    const changing = [to.change(), from.change()]
    await to.readings.asked(2)
    await heard()
    await to.letGo()
    await Promise.all([to.readings.answer(0), taking])
    await Promise.all([to.readings.answer(1), ...changing])
    await from.takeOn()
    from.begin()
  },
}

test.each(Object.keys(ORDERS))('no alert is lost or told twice by rules that change %s', async order => {
  const hub = closeLater(await startHub())
  const clock = runningClock()
  const stored: Reading[] = []
  const told: AlertEvent[] = []
  await hub.bus.subscribe(filters.allAlertEvents, (topic, payload) => {
    if (topic !== topics.alertCommands) told.push(...decodeAlertBatch(payload).batch.events)
  })
  const members = [
    await startMember('rules-a', { hub, stored, clock }),
    await startMember('rules-b', { hub, stored, clock }),
  ] as const
  const [from, to] = members
  await from.takeOn()
  from.begin()
  let sent = 0
  const say = async (value: number) => {
    const said = reading(SURFACE, clock.now(), value)
    stored.push(said)
    sent += 1
    const batch = {
      version: 1,
      sender: 'gw',
      stream: 'measures',
      run: 'r',
      first: sent,
      backlog: false,
    } as const
    const payload = encodeReadingBatch({ ...batch, sent: clock.now(), readings: toColumns([said]) })
    await hub.publish(topics.readings('gw'), payload)
    await until(() => expect(members.map(({ heard }) => heard())).toEqual([sent, sent]))
  }
  const pass = async (minutes: number, value: number) => {
    for (let minute = 0; minute < minutes; minute++) {
      clock.advance(MIN)
      await say(value)
    }
  }
  /** Who takes a site over tells its alerts again: the same event, which is known by its key. */
  const eventsOf = (id: string) => [
    ...new Set(
      told.filter(({ alert }) => alert.rule === id).map(event => `${event.alert.id} ${eventKey(event)}`),
    ),
  ]
  const kindsOf = (id: string) => eventsOf(id).map(event => event.split(' ')[1])

  await say(-1)
  await pass(4, -1)
  await until(() =>
    expect(['frost', 'graver', 'gone'].map(kindsOf)).toEqual([['fired'], ['fired'], ['fired']]),
  )
  const { alert } = told.find(event => event.alert.rule === 'frost')!
  await hub.acknowledge(alert.id)
  await until(() => expect(kindsOf('frost')).toEqual(['fired', 'acknowledged']))

  await ORDERS[order]!(from, to, () => pass(1, -2))
  await until(() => expect(kindsOf('gone')).toEqual(['fired', 'resolved']))
  // Nobody confirms what is told here, so that it is sent again and again.
  const end = told.find(({ type, alert }) => alert.rule === 'gone' && type === 'resolved')!
  expect(end.alert.ended).toBe('rule-gone')
  await pass(11, -2)
  await until(() => expect(kindsOf('later')).toEqual(['fired']))
  await pass(5, -2)
  await until(() => expect(kindsOf('slow')).toEqual(['fired']))
  for (const id of ['slow', 'later', 'fresh'])
    expect(told.find(event => event.alert.rule === id)!.alert.since, id).toBe(START)
  await pass(6, 4)
  const ends = ['frost', 'slow', 'later', 'graver', 'fresh']
  await until(() =>
    expect(ends.map(kindsOf)).toEqual([
      ['fired', 'acknowledged', 'resolved'],
      ...ends.slice(1).map(() => ['fired', 'resolved']),
    ]),
  )
  // What has ended stays retained until the records have it, which nobody keeps here.
  await until(() => expect(new Set(hub.live().map(({ state }) => state))).toEqual(new Set(['resolved'])))
  expect(kindsOf('gone')).toEqual(['fired', 'resolved'])
})
