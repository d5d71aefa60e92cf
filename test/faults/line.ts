import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pino } from 'pino'
import { type Broker, startBroker } from '../../bus/broker.ts'
import { connectBus } from '../../bus/client.ts'
import type { Bus, Outbox, Sender } from '../../bus/contract.ts'
import { openOutbox } from '../../bus/outbox.ts'
import { listSegments, segmentFile } from '../../bus/segments.ts'
import { startSender } from '../../bus/sender.ts'
import { type Ingest, startIngest } from '../../ingest/ingest.ts'
import type { Reading } from '../../model/reading.ts'
import { HOUR_MS } from '../../model/time.ts'
import { openQuarantine } from '../../store/quarantine/quarantine-store.ts'
import { startTestClock } from '../e2e/test-clock.ts'
import { memoryStore } from '../ingest/memory-store.ts'
import { freePort } from '../peers/process.ts'
import { type Choices, startChoices } from '../random.ts'
import { NETWORK_FAULTS, startProxy } from './proxy.ts'

/** What a round handed to the outbox, by number, and what became of it. */
export interface LineOutcome {
  /** One for each number that was given; numbers that a power cut made unusable have none. */
  appended: ReadonlyMap<number, Reading>
  next: number
  stored: readonly Reading[]
  /** Numbers that are in gap records, and in items of the quarantine. */
  announced: ReadonlySet<number>
  setAside: ReadonlySet<number>
  /** Of the ledger: all counts together, and numbers that never came. */
  accounted: number
  missing: number
  /** What was done, for the message of a failure. */
  steps: readonly string[]
}

const STEPS = 40
const DRAIN_LIMIT_MS = 30_000
const YEAR_MS = 365.25 * 24 * HOUR_MS
const START = Date.UTC(2026, 10, 22)
const SENDER = 'gw'
/** A value on which the store fails, as on one that its database cannot hold. */
const REFUSED = -13
const log = pino({ level: 'silent' })
/** Small and short, so that much happens in a second. */
const LIMITS = { batchSize: 7, flushDelayMs: 2, acknowledgementTimeoutMs: 80, longestTimeoutMs: 200 }

/**
 * One round in this process: readings are appended to an outbox, while its sender is killed or its power cut,
 * the outbox is too small, networks fail, broker and ingest end, the clock jumps, the store is away, slow or
 * loses its answers, and some readings are unsound, contradict others, or make the store fail.
 */
export async function playLine(seed: number): Promise<LineOutcome> {
  const choices = startChoices(seed)
  const folder = mkdtempSync(join(tmpdir(), 'affluent-line-'))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rmSync(folder, { recursive: true, force: true }))
  const clock = startTestClock('2026-11-22T10:00:00Z')
  const steps: string[] = []
  const appended = new Map<number, Reading>()

  const store = memoryStore()
  store.isPoison = reading => reading.value === REFUSED
  let slowMs = 0
  const write = store.write.bind(store)
  const slowStore = Object.assign(Object.create(store), {
    async write(...args: Parameters<typeof store.write>) {
      await pause(slowMs)
      return write(...args)
    },
  })
  const quarantine = await openQuarantine({
    folder: join(folder, 'quarantine'),
    maxBytes: 64 * 1024 ** 2,
    maxAge: Number.POSITIVE_INFINITY,
    clock,
  })
  stack.defer(() => quarantine.close())

  const port = await freePort()
  let broker: Broker = await startBroker({ host: '127.0.0.1', port, log })
  stack.defer(() => broker.close())
  const uplink = stack.adopt(await startProxy({ to: port, mqtt: true }), link => link.close())
  const downlink = stack.adopt(await startProxy({ to: port, mqtt: true }), link => link.close())
  const connect = (name: string, at: number) =>
    connectBus({ url: `mqtt://127.0.0.1:${at}`, clientId: name, log })

  let hub: { bus: Bus; ingest: Ingest }
  async function startHub(): Promise<void> {
    const bus = await connect('hub', downlink.port)
    hub = { bus, ingest: await startIngest({ bus, store: slowStore, quarantine, clock, log, collectMs: 5 }) }
  }
  async function stopHub(): Promise<void> {
    // First, so that what is being stored is not acknowledged any more.
    await hub.bus.close()
    await hub.ingest.close()
  }
  await startHub()
  stack.defer(stopHub)

  const maxBytes = choices.chance(0.4) ? choices.between(6, 20) * 1024 : undefined
  let place = join(folder, 'outbox-0')
  let gateway: { outbox: Outbox<Reading>; bus: Bus; sender: Sender }
  async function startGateway(): Promise<void> {
    const outbox = await openOutbox<Reading>({ folder: place, stream: 'measures', log, segmentBytes: 1500 })
    const bus = await connect(SENDER, uplink.port)
    const sender = startSender({
      sender: SENDER,
      role: 'gateway',
      bus,
      outboxes: [outbox],
      clock,
      log,
      limits: LIMITS,
      outboxLimits: maxBytes === undefined ? undefined : { maxBytes },
    })
    gateway = { outbox, bus, sender }
  }
  async function stopGateway(): Promise<void> {
    await gateway.sender.close()
    await gateway.bus.close()
    await gateway.outbox.close()
  }
  await startGateway()
  stack.defer(stopGateway)

  /** Goes on from the files as they lie there at this moment. */
  async function killGateway(powerCut: boolean): Promise<void> {
    const left = join(folder, `outbox-${steps.length}`)
    cpSync(place, left, { recursive: true })
    await stopGateway()
    place = left
    if (powerCut) cutPower(join(left, 'measures'), choices)
    await startGateway()
  }

  function append(): void {
    const first = gateway.outbox.next
    const entries = Array.from({ length: choices.between(1, 9) }, (_, i) =>
      makeReading(first + i, choices, appended, clock.now()),
    )
    gateway.outbox.append(entries)
    for (const [i, entry] of entries.entries()) appended.set(first + i, entry)
  }

  function troubleStore(): void {
    const what = choices.below(5)
    if (what < 2) store.unavailable = !store.unavailable
    else if (what < 4) slowMs = slowMs === 0 ? choices.between(20, 150) : 0
    else store.loseNextAnswer = true
  }

  const incidents: [string, () => void | Promise<void>][] = [
    ['kill gateway', () => killGateway(false)],
    ['power cut', () => killGateway(true)],
    ['restart ingest', () => stopHub().then(startHub)],
    [
      'restart broker',
      async () => {
        await broker.close()
        broker = await startBroker({ host: '127.0.0.1', port, log })
      },
    ],
    ['uplink', () => uplink.fail(choices.pick(NETWORK_FAULTS))],
    ['downlink', () => downlink.fail(choices.pick(NETWORK_FAULTS))],
    ['heal uplink', () => uplink.heal()],
    ['heal downlink', () => downlink.heal()],
    ['store', () => troubleStore()],
    ['clock', () => clock.set(new Date(clock.now() + choices.pick(JUMPS)).toISOString())],
  ]
  for (let step = 0; step < STEPS; step++) {
    append()
    if (choices.chance(0.35)) {
      const [name, happen] = choices.pick(incidents)
      steps.push(name)
      await happen()
    }
    await pause(choices.between(0, 25))
  }
  for (const link of [uplink, downlink]) link.heal()
  store.unavailable = false
  slowMs = 0
  clock.set(new Date(START + HOUR_MS).toISOString())
  await gateway!.sender.drained(DRAIN_LIMIT_MS)

  const items = quarantine.list({}, { limit: 100_000 })
  const numbers = (kinds: readonly string[]) =>
    new Set(items.filter(({ kind }) => kinds.includes(kind)).flatMap(numbersOf))
  const ledger = await store.ledger(0, Number.MAX_SAFE_INTEGER)
  const positions = await store.positions()
  return {
    appended,
    next: gateway!.outbox.next,
    stored: store.readings(),
    announced: numbers(['gap']),
    setAside: numbers(['rejected', 'conflict', 'refused', 'malformed']),
    accounted: ledger.reduce((sum, { count }) => sum + count, 0),
    missing: positions.reduce((sum, { ranges }) => sum + ranges.length, 0),
    steps,
  }
}

const JUMPS = [HOUR_MS, -HOUR_MS, YEAR_MS, -YEAR_MS]

/** A reading whose point and time tell its number; some of them are poison. */
function makeReading(
  n: number,
  choices: Choices,
  before: ReadonlyMap<number, Reading>,
  now: number,
): Reading {
  const sound: Reading = {
    point: `college/meter-${n % 5}/index`,
    time: START + n * 1000,
    value: n,
    quality: 'good',
    gatewayTime: now,
  }
  const what = choices.below(60)
  if (what === 0) return { ...sound, value: REFUSED }
  if (what === 1) return { ...sound, quality: 'nonsense' as never }
  const other = before.get(choices.between(1, n))
  if (what === 2 && other) return { ...sound, point: other.point, time: other.time }
  return sound
}

/** What was not synced is torn off, and the machine has started anew. */
function cutPower(folder: string, choices: Choices): void {
  const newest = segmentFile(folder, listSegments(folder).at(-1)!)
  truncateSync(newest, choices.between(0, readFileSync(newest).length))
  const file = join(folder, 'outbox.json')
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), boot: 'before' }))
}

function numbersOf({ first = 1, last = 0 }: { first?: number; last?: number }): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

/** What differs between what was handed to the outbox and what became of it; nothing when all is well. */
export function findDifferences(outcome: LineOutcome): string[] {
  const { appended, next, stored, announced, setAside, accounted, missing } = outcome
  const wrong: string[] = []
  const key = ({ point, time }: Reading) => `${point} ${time}`
  const byKey = new Map(stored.map(reading => [key(reading), reading]))
  if (byKey.size < stored.length) wrong.push('a reading is stored twice')
  const given = Map.groupBy(appended.values(), key)
  for (const reading of stored) {
    const same = given.get(key(reading))?.some(({ value }) => value === reading.value)
    if (!same) wrong.push(`${key(reading)}: ${reading.value} is stored, never appended`)
  }
  for (let n = 1; n < next; n++) {
    const reading = appended.get(n)
    const isStored = reading !== undefined && byKey.get(key(reading))?.value === reading.value
    if (!isStored && !announced.has(n) && !setAside.has(n))
      wrong.push(`${n} is neither stored nor announced nor set aside`)
    if (isStored && setAside.has(n)) wrong.push(`${n} is stored and set aside`)
  }
  if (accounted !== next - 1) wrong.push(`the ledger accounts for ${accounted} of ${next - 1} numbers`)
  if (missing > 0) wrong.push(`the ledger says that ${missing} ranges are missing`)
  return wrong
}
