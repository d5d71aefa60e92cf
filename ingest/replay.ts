import { decodeAlertBatch } from '../bus/alert-codec.ts'
import { decodeReadingBatch } from '../bus/codec.ts'
import type { Decoded } from '../bus/envelope.ts'
import { senderOf, topics } from '../bus/topics.ts'
import type { Clock } from '../model/clock.ts'
import type { AlertBatch, Envelope, ReadingBatch } from '../model/delivery.ts'
import { type LedgerEntry, RELEASED_RUN } from '../model/ledger.ts'
import { appendColumns, emptyColumns, type ReadingColumns } from '../model/reading.ts'
import { HOUR_MS, isTime } from '../model/time.ts'
import type { KeptItem, Quarantine, QuarantineFilter } from '../store/quarantine.ts'
import type { ReadingStore } from '../store/readings.ts'
import type { RecordStore } from '../store/records.ts'
import { type RefusedPoints, withoutPoints } from './changed-units.ts'
import { beginning } from './positions.ts'
import { writeReadings } from './write-readings.ts'

export interface ReplayOptions {
  quarantine: Quarantine
  store: ReadingStore
  /** Asked for when there are alert events to replay. */
  records(): Promise<RecordStore>
  filter: QuarantineFilter
  /** Points of which no reading is stored still. */
  refused: RefusedPoints
  /** In which unit the registry has a point; undefined for one that it does not have. */
  unitOf(point: string): string | undefined
  /** The unit of what was set aside as being in another one. */
  unit?: string
  clock: Clock
  /** Called with readings that are in the store now. */
  onStored(readings: ReadingColumns): void
  signal?: AbortSignal
}

export interface ReplayOutcome {
  released: number
  /** Items that can't be stored still, by reason. */
  failed: { reason: string; items: number; id: number }[]
}

/** Below what `writeReadings` takes for a store that is at fault. */
const PORTION = 50

const REPLAYING = new WeakSet<Quarantine>()

/**
 * Takes items through ingest once more. What is stored now is marked as released, and moves from quarantined
 * to received in the ledger, once, however often the replay is cut off and repeated; the rest is kept with what was said of it.
 * @throws StoreUnavailableError; the same call may be made again.
 */
export async function replayQuarantine(options: ReplayOptions): Promise<ReplayOutcome> {
  const { quarantine, filter, signal } = options
  if (REPLAYING.has(quarantine)) throw new Error('a replay is under way already')
  REPLAYING.add(quarantine)
  try {
    const failures = new Map<string, ReplayOutcome['failed'][number]>()
    let released = await finishEarlier(options)
    for (let after = 0; ; ) {
      signal?.throwIfAborted()
      const items = quarantine.waiting(filter, { after, limit: PORTION })
      if (items.length === 0) return { released, failed: [...failures.values()] }
      after = items.at(-1)!.id
      const attempts = items.map(item => attempt(item, options))
      await storeReadings(options, attempts)
      await storeAlerts(options, attempts)
      released += await release(
        options,
        attempts.filter(({ failure }) => failure === undefined),
      )
      const failed = attempts.flatMap(({ item: { id }, failure: reason }) =>
        reason === undefined ? [] : [{ id, reason }],
      )
      quarantine.fail(failed)
      for (const { id, reason } of failed) {
        const before = failures.get(reason) ?? { reason, items: 0, id }
        failures.set(reason, { ...before, items: before.items + 1 })
      }
    }
  } finally {
    REPLAYING.delete(quarantine)
  }
}

/** An item as this version understands it. */
interface Attempt {
  item: KeptItem
  readings?: Decoded<ReadingBatch>
  alerts?: Decoded<AlertBatch>
  failure?: string
}

function attempt(item: KeptItem, options: ReplayOptions): Attempt {
  const { kind, payload, truncated, topic, stream, sender } = item
  const failed = (failure: string): Attempt => ({ item, failure })
  if (kind === 'gap') return failed('its sender has lost these numbers: there is nothing to store')
  if (truncated) return failed('only the beginning of it was kept')
  if (payload === null) return failed('its readings stayed with the sender')
  try {
    if (stream === 'alerts' || topic === topics.alertEvents(sender)) {
      const alerts = sound(item, decodeAlertBatch(bytesOf(item, entry => ({ events: [entry] }))))
      return { item, alerts }
    }
    const decoded = decodeReadingBatch(bytesOf(item, entry => ({ readings: columnsOf(entry) })))
    const misfit = otherUnit(payload, options)
    if (misfit) return failed(misfit)
    const readings = sound(item, withoutPoints(decoded, options.refused))
    return { item, readings }
  } catch (error) {
    return failed((error as Error).message)
  }
}

/** A number that was set aside under one unit says something else under another: that is for people to tell. */
function otherUnit(payload: unknown, { unitOf, unit: meant }: ReplayOptions): string | undefined {
  const { point, unit } = Object(payload) as { point?: unknown; unit?: unknown }
  if (typeof point !== 'string' || typeof unit !== 'string') return undefined
  const now = unitOf(point)
  if (now === undefined || now === unit || now === meant) return undefined
  return `the registry had ${point} in ${unit} when this was set aside, and has it in ${now} now: if the number is in ${now} all the same, replay it with --unit ${now}`
}

/** The message that an item was, or that would carry the one entry that it is. */
function bytesOf(item: KeptItem, carry: (entry: Record<string, unknown>) => object): Buffer {
  const { kind, payload, sender, stream, run, first, time } = item
  if (kind !== 'malformed') {
    const envelope = { version: 1, stream, run, first, sent: time, backlog: true }
    // An import has no name that could stand in a message.
    const named = { ...envelope, sender: sender.startsWith('import/') ? 'import' : sender }
    return Buffer.from(JSON.stringify({ ...named, ...carry(Object(payload)) }))
  }
  return typeof payload === 'string'
    ? Buffer.from(payload)
    : Buffer.from((payload as { base64: string }).base64, 'base64')
}

function columnsOf(entry: Record<string, unknown>) {
  const { point, time, value, quality, gatewayTime } = entry
  return {
    points: [point],
    times: [time],
    values: [value],
    qualities: [quality],
    gatewayTimes: [gatewayTime],
  }
}

/** @throws Error when not all of it is sound, or it is not from whom it came */
function sound<B extends Envelope>({ kind, topic }: KeptItem, decoded: Decoded<B>): Decoded<B> {
  const [rejected] = decoded.rejected
  if (rejected) throw new Error(rejected.reason)
  const from = topic === undefined ? undefined : senderOf(topic)
  if (kind === 'malformed' && decoded.batch.sender !== from)
    throw new Error(`sender is ${decoded.batch.sender}, the topic is that of ${from}`)
  return decoded
}

async function storeReadings(
  { store, onStored }: ReplayOptions,
  attempts: readonly Attempt[],
): Promise<void> {
  const columns = emptyColumns()
  const owners: Attempt[] = []
  for (const one of attempts) {
    if (!one.readings) continue
    appendColumns(columns, one.readings.batch.readings)
    for (const _ of one.readings.numbers) owners.push(one)
  }
  if (owners.length === 0) return
  const { faults } = await writeReadings(
    store,
    columns,
    [],
    () => [],
    async () => {},
  )
  for (const { index, reason } of faults) owners[index]!.failure = reason
  for (const { readings, failure } of attempts)
    if (readings && failure === undefined) onStored(readings.batch.readings)
}

async function storeAlerts({ records }: ReplayOptions, attempts: readonly Attempt[]): Promise<void> {
  for (const one of attempts) {
    if (!one.alerts) continue
    const { batch, numbers } = one.alerts
    const { sender, run } = batch
    const events = batch.events.map((event, i) => ({ sender, run, number: numbers[i]!, event }))
    const opened = await records()
    try {
      opened.writeAlertEvents(events, beginning({ sender, stream: 'alerts', run: RELEASED_RUN }))
    } catch (error) {
      one.failure = (error as Error).message
    }
  }
}

/** Accounts for items whose content is in the store, then marks them. Returns how many they are. */
async function release(options: ReplayOptions, attempts: readonly Attempt[]): Promise<number> {
  const { quarantine, store, clock } = options
  const items = attempts.map(({ item }) => item)
  const counted = items.filter(({ stream, counted = 0 }) => counted > 0 && stream !== 'alerts')
  if (counted.length > 0) {
    const reached = new Map<string, number>()
    for (const { sender, stream, run, upTo } of await store.positions())
      if (run === RELEASED_RUN) reached.set(`${stream} ${sender}`, upTo)
    for (const [key, group] of Map.groupBy(counted, ({ sender, stream }) => `${stream} ${sender}`)) {
      const first = (reached.get(key) ?? 0) + 1
      quarantine.number(
        group.map(({ id }) => id),
        first,
      )
      await account(store, group, first + group.length - 1)
    }
  }
  quarantine.release(
    items.map(({ id }) => id),
    clock.now(),
  )
  return items.length
}

/** Accounts for what a replay that was cut off had numbered: the store knows by the number whether it has. */
async function finishEarlier({ quarantine, store, clock }: ReplayOptions): Promise<number> {
  const items = quarantine.unfinished()
  for (const group of Map.groupBy(items, ({ sender, stream }) => `${stream} ${sender}`).values()) {
    await account(store, group, group.at(-1)!.number)
    quarantine.release(
      group.map(({ id }) => id),
      clock.now(),
    )
  }
  return items.length
}

/** Adds items of one stream to the ledger, with the position that makes the store do it once. */
async function account(store: ReadingStore, items: readonly KeptItem[], upTo: number): Promise<void> {
  const { sender, stream } = items[0]!
  const of = { sender, stream: stream! }
  const entries = new Map<number, LedgerEntry>()
  for (const item of items) {
    const hour = hourOf(item)
    const count = (entries.get(hour)?.count ?? 0) + item.counted!
    entries.set(hour, { ...of, hour, outcome: 'released', count })
  }
  const position = { ...of, run: RELEASED_RUN, upTo, ranges: [] }
  await store.write(emptyColumns(), [position], [...entries.values()])
}

/** The hour in which an item is counted as quarantined. */
function hourOf({ kind, payload, time }: KeptItem): number {
  const told = kind === 'malformed' ? undefined : (payload as { time?: unknown } | null)?.time
  return Math.floor((isTime(told) ? told : time) / HOUR_MS) * HOUR_MS
}
