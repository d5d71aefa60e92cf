import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { decodeJournal } from '../../bus/journal.ts'
import { listSegments, segmentFile } from '../../bus/segments.ts'
import type { Reading } from '../../model/reading.ts'
import { ask } from '../e2e/ask.ts'
import { GATEWAY, POINTS } from './territory.ts'
import type { Disturbance, World } from './world.ts'

/** What was compared in a round. */
export interface Verified {
  journalled: number
  stored: number
  /** Values that the device gave and that did not reach the journal, at a disturbance. */
  unread: number
}

const SETTLE_LIMIT_MS = 90_000
/** A value may be on its way when the gateway or its connection ends, and for a time-out before and after. */
const UNDER_WAY_MS = 1000
const STREAMS = ['indexes', 'measures'] as const
type StreamName = (typeof STREAMS)[number]

/**
 * Waits until all that the gateway has journalled is accounted for, then holds journal, store, ledger and device
 * against each other. Throws with all that differs.
 */
export async function verify(world: World): Promise<Verified> {
  const verified: Verified = { journalled: 0, stored: 0, unread: 0 }
  const wrong: string[] = []
  const journalled = { indexes: readJournal(world, 'indexes'), measures: readJournal(world, 'measures') }
  await settled(world, { indexes: journalled.indexes.length, measures: journalled.measures.length })
  for (const stream of STREAMS) {
    const point = POINTS[stream]
    const stored = await storedReadings(world, point)
    // Whatever is stored was journalled before.
    const since = readJournal(world, stream)
    const inStore = new Map(stored.map(reading => [reading.time, reading]))
    for (const reading of journalled[stream]) {
      const found = inStore.get(reading.time)
      if (!found) wrong.push(`${point} at ${reading.time}: journalled, not stored`)
      else if (found.value !== reading.value)
        wrong.push(`${point} at ${reading.time}: ${found.value} is stored, ${reading.value} was journalled`)
    }
    const inJournal = new Map(since.map(reading => [reading.time, reading]))
    for (const { time, value } of stored)
      if (!inJournal.has(time)) wrong.push(`${point} at ${time}: ${value} is stored, never journalled`)
    const values = stored.flatMap(({ value }) => (value === null ? [] : [Number(value)]))
    if (new Set(values).size < values.length) wrong.push(`${point}: a value is stored twice`)
    verified.journalled += journalled[stream].length
    verified.stored += stored.length
    verified.unread += compareWithDevice(world, stream, since, wrong)
  }
  const { alerts } = await ask(`${world.url()}/v1/alerts`)
  if (alerts.length > 1) wrong.push(`one alert was due, ${alerts.length} are there`)
  if (wrong.length > 0) throw new Error(`${wrong.length} things are wrong:\n${wrong.slice(0, 20).join('\n')}`)
  return verified
}

/**
 * Every value in the journal was given, once; of those given, only some at a disturbance are not in it, and those
 * that came too late, in the place of which a bad reading is.
 */
function compareWithDevice(
  { device, disturbances }: World,
  stream: StreamName,
  journal: readonly Reading[],
  wrong: string[],
): number {
  const given = device.given[stream]
  const read = new Set(journal.flatMap(({ value }) => (value === null ? [] : [Number(value)])))
  for (const value of read)
    if (!Number.isInteger(value) || value < 1 || value > given.length)
      wrong.push(`${POINTS[stream]}: ${value} was journalled, never given`)
  const unread = given.filter(({ value }) => !read.has(value))
  const now = Date.now()
  const failed = journal.filter(({ value }) => value === null).map(({ time }) => ({ from: time, to: time }))
  for (const { value, at } of unread) {
    const near = ({ from, to }: Disturbance) => at > from - UNDER_WAY_MS && at < to + UNDER_WAY_MS
    if (at < now - UNDER_WAY_MS && ![...disturbances, ...failed].some(near))
      wrong.push(`${POINTS[stream]}: ${value}, given at ${at}, was not journalled`)
  }
  return unread.length
}

/** Waits until the ledger accounts for so many numbers, with nothing missing, dropped or quarantined. */
async function settled(world: World, numbers: Record<StreamName, number>): Promise<void> {
  const end = Date.now() + SETTLE_LIMIT_MS
  let last: unknown
  while (Date.now() < end) {
    last = await tellLedger(world).catch((error: Error) => error.message)
    const told = last as Awaited<ReturnType<typeof tellLedger>>
    if (
      STREAMS.every(name => {
        const { received, missing, otherwise } = told[name] ?? { received: -1 }
        return received >= numbers[name] && missing === 0 && otherwise === 0
      })
    )
      return
    await pause(100)
  }
  throw new Error(
    `not settled after ${SETTLE_LIMIT_MS} ms: ${JSON.stringify(numbers)} were journalled, ${JSON.stringify(last)}`,
  )
}

interface Told {
  received: number
  missing: number
  otherwise: number
}

async function tellLedger(world: World): Promise<Record<string, Told>> {
  const { streams } = await ask(`${world.url()}/v1/completeness?by=hour&sender=${GATEWAY}`)
  const told: Record<string, Told> = {}
  for (const { stream, missing, periods } of streams) {
    const sum: Told = { received: 0, missing, otherwise: 0 }
    for (const { received, quarantined, dropped } of periods) {
      sum.received += received
      sum.otherwise += quarantined + dropped['outbox-full'] + dropped.corrupt
    }
    told[stream] = sum
  }
  return told
}

/** All that the gateway has journalled: the journals of a world stay within their first segment. */
function readJournal({ outboxFolder }: World, stream: StreamName): Reading[] {
  const folder = join(outboxFolder, stream)
  const segments = listSegments(folder)
  if (segments.length !== 1 || segments[0] !== 1)
    throw new Error(`the journal of ${stream} has the segments ${segments}: rounds in one world are too many`)
  const { records, damaged } = decodeJournal<Reading>(readFileSync(segmentFile(folder, 1)))
  if (damaged > 0) throw new Error(`the journal of ${stream} has ${damaged} damaged lines`)
  return records.flatMap(record => ('entries' in record ? record.entries : []))
}

const PAGE = 10_000

async function storedReadings(
  world: World,
  point: string,
): Promise<{ time: number; value: number | null }[]> {
  const answer = await ask(`${world.url()}/v1/points/${point}/readings?limit=${PAGE}`)
  if (answer.readings.length >= PAGE) throw new Error('rounds in one world are too many for one page')
  return answer.readings.map(({ time, value }: { time: string; value: number | null }) => {
    return { time: Date.parse(time), value }
  })
}
