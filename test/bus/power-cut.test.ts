import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import type { Outbox } from '../../bus/contract.ts'
import { openOutbox } from '../../bus/outbox.ts'
import { type Coverage, cover, NOTHING_COVERED, nextUncovered, uncoveredUntil } from '../../bus/ranges.ts'
import type { Gap, NumberRange } from '../../model/delivery.ts'
import type { Reading } from '../../model/reading.ts'
import { type Choices, startChoices } from '../random.ts'
import { reading, readings, silentLog, temporaryFolder } from './fixtures.ts'
import { type Fate, type Left, UncertainDisk } from './power-cut.ts'
import { endSyncs, type Operation, recordFiles } from './recorded-files.ts'

// A process that is killed lets go of its lock, which this one could not without closing the outbox.
vi.mock('../../bus/folder-lock.ts', () => ({ lockFolder: () => ({ release: () => {} }) }))
vi.mock('node:fs', async importOriginal =>
  (await import('./recorded-files.ts')).recorded(await importOriginal()),
)

/** What the outbox was asked for, by the number of operations that had been recorded then. */
type Event = { at: number } & (
  | { asked: 'append'; last: number }
  | { confirmed: [first: number, last: number] }
  | { acknowledged: number }
  | { asked: 'drop' }
  /** All that was confirmed must be on the disk. */
  | { settled: true }
)

interface Life {
  operations: readonly Operation[]
  events: readonly Event[]
}

const SETTINGS = { stream: 'measures', log: silentLog, segmentBytes: 700 } as const

/**
 * Some lives of an outbox on one folder, of which all but the last are ended by a kill or in order: appends,
 * syncs that take their time, acknowledgements, full segments, and entries given up because it is full.
 */
async function live(choices: Choices, syncIntervalMs: number): Promise<Life> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const folder = temporaryFolder()
  const operations = recordFiles(folder)
  const events: Event[] = []
  let acknowledged = NOTHING_COVERED
  for (let life = 0; life < 2; life++) {
    const outbox = await open(join(folder, 'outbox'), syncIntervalMs)
    events.push({ at: operations.length, settled: true })
    for (let step = 0; step < 20; step++) {
      const what = choices.below(20)
      if (what < 12) {
        const count = choices.between(1, 3)
        events.push({ at: operations.length, asked: 'append', last: outbox.next + count - 1 })
        const first = outbox.append(readings(outbox.next, count))
        events.push({ at: operations.length, confirmed: [first, first + count - 1] })
      } else if (what < 15) vi.advanceTimersByTime(1000)
      else if (what < 17) {
        vi.advanceTimersByTime(1000)
        endSyncs()
        events.push({ at: operations.length, settled: true })
      } else if (what === 17) {
        events.push({ at: operations.length, asked: 'drop' })
        outbox.dropOldest()
      } else {
        const number = nextUncovered(acknowledged, 1)
        const last = Math.min(outbox.next - 1, number + choices.below(12))
        const from = choices.chance(0.7) ? number : Math.min(last, number + 2)
        acknowledged = cover(acknowledged, from, last)
        for (let n = from; n <= last; n++) events.push({ at: operations.length, acknowledged: n })
        outbox.read(number, 10)
        outbox.acknowledge(acknowledged.upTo, acknowledged.ranges)
      }
    }
    if (choices.chance(0.3)) await outbox.close()
    vi.clearAllTimers()
    endSyncs()
  }
  vi.useRealTimers()
  return { operations: [...operations], events }
}

const open = (folder: string, syncIntervalMs: number) =>
  openOutbox<Reading>({ folder, syncIntervalMs, ...SETTINGS })

/** What an outbox that is opened after a power cut must answer for. */
interface Owed {
  /** Numbers that append had returned for, and those that it was at. */
  confirmed: number
  attempted: number
  /** Of the confirmed ones, those of which all was on the disk. */
  synced: number
  acknowledged: ReadonlySet<number>
  mayHaveDropped: boolean
}

/** All that an outbox offers; each number once. */
function readAll(outbox: Outbox<Reading>) {
  const entries = new Map<number, Reading>()
  const gaps: Gap[] = []
  for (let from = 1; ; ) {
    const slice = outbox.read(from, 5)
    if (!slice) return { entries, gaps }
    gaps.push(...(slice.gaps ?? []))
    for (const [i, entry] of slice.entries.entries()) entries.set(slice.first + i, entry)
    from = slice.first + slice.entries.length
  }
}

function expectAllAnswered(outbox: Outbox<Reading>, owed: Owed): void {
  expect(outbox.next, 'the next number').toBeGreaterThan(owed.confirmed)
  const { entries, gaps } = readAll(outbox)
  let answered: Coverage = NOTHING_COVERED
  for (const [n, entry] of entries) {
    expect(n, 'an entry that was never appended').toBeLessThanOrEqual(owed.attempted)
    expect(entry).toEqual(reading(n))
    answered = cover(answered, n, n)
  }
  for (const gap of gaps) {
    const [first, last] = gap.range
    expect(nextCovered(answered, first), 'a gap over what is there').toBeGreaterThan(last)
    answered = cover(answered, first, last)
    if (gap.reason === 'corrupt') {
      const lost = numbersOf([first, Math.min(last, owed.synced)]).filter(n => !owed.acknowledged.has(n))
      expect(lost, 'lost although synced').toEqual([])
    } else {
      expect(owed.mayHaveDropped).toBe(true)
      expect(gap.counts).toEqual(countPoints(numbersOf(gap.range)))
    }
  }
  for (const n of owed.acknowledged) answered = cover(answered, n, n)
  expect(answered, 'every number is there or announced').toEqual({ upTo: outbox.next - 1, ranges: [] })
}

/** Of what was confirmed, and so nothing is announced. */
function expectNothingLost(outbox: Outbox<Reading>): void {
  expect(readAll(outbox).gaps.filter(({ reason }) => reason === 'corrupt')).toEqual([])
}

/** The first number from `number` on that is covered. */
const nextCovered = (coverage: Coverage, number: number) =>
  nextUncovered(coverage, number) > number ? number : uncoveredUntil(coverage, number) + 1

const numbersOf = ([first, last]: NumberRange) =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i)

function countPoints(numbers: readonly number[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const n of numbers) counts[reading(n).point] = (counts[reading(n).point] ?? 0) + 1
  return counts
}

/** Lays down what is left and starts the machine again. */
function boot(left: Left, folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  for (const path of left.folders) mkdirSync(join(folder, path))
  for (const [path, bytes] of left.files) writeFileSync(join(folder, path), bytes)
  const file = join(folder, 'outbox', 'measures', 'outbox.json')
  if (!left.files.has('outbox/measures/outbox.json')) return
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), boot: 'before' }))
}

const CERTAIN: Fate[] = [
  { data: 'all', names: 'all' },
  { data: 'none', names: 'none' },
  { data: 'all', names: 'none' },
  { data: 'none', names: 'all' },
]
const CHANCES: Fate[] = [
  { data: 'prefix', names: 'prefix' },
  { data: 'sectors', names: 'any' },
  { data: 'sectors', names: 'all' },
]

/** Cuts the power behind every operation, in every way, and opens what is left. Returns how many that were. */
async function cutEverywhere(life: Life, choices: Choices, syncIntervalMs: number): Promise<number> {
  const disk = new UncertainDisk()
  const folder = join(temporaryFolder(), 'disk')
  const owed: Owed = { confirmed: 0, attempted: 0, synced: 0, acknowledged: new Set(), mayHaveDropped: false }
  const acknowledged = new Set<number>()
  const events = [...life.events]
  let cuts = 0
  for (let done = 0; done <= life.operations.length; done++) {
    if (done > 0) disk.apply(life.operations[done - 1]!)
    while (events.length > 0 && events[0]!.at <= done) {
      const event = events.shift()!
      if ('confirmed' in event) owed.confirmed = event.confirmed[1]
      else if ('acknowledged' in event) acknowledged.add(event.acknowledged)
      else if ('settled' in event) expect(disk.isSynced, `settled at operation ${done}`).toBe(true)
      else if (event.asked === 'append') owed.attempted = event.last
      else owed.mayHaveDropped = true
    }
    owed.acknowledged = acknowledged
    if (disk.isSynced) owed.synced = owed.confirmed
    for (const fate of [...CERTAIN, ...CHANCES]) {
      boot(disk.cut(fate, choices), folder)
      const outbox = await open(join(folder, 'outbox'), syncIntervalMs)
      const where = `cut behind operation ${done}, ${JSON.stringify(fate)}`
      try {
        expectAllAnswered(outbox, owed)
        // A torn sector looks like one that went bad, of which more may have been there.
        if (syncIntervalMs === 0 && fate.data !== 'sectors') expectNothingLost(outbox)
        await expectGoesOn(outbox, join(folder, 'outbox'), syncIntervalMs)
      } catch (error) {
        const before = life.operations.slice(Math.max(0, done - 12), done)
        console.error(where, JSON.stringify(owed), before.map(describe).join('\n'))
        throw error
      }
      cuts++
    }
  }
  return cuts
}

function describe(operation: Operation): string {
  const { do: what, ...of } = operation
  return `${what} ${JSON.stringify('bytes' in of ? { ...of, bytes: of.bytes.length } : of)}`
}

/** Takes new entries under new numbers and has the same to offer when it is opened again. */
async function expectGoesOn(outbox: Outbox<Reading>, folder: string, syncIntervalMs: number): Promise<void> {
  const before = readAll(outbox)
  const { next, run } = outbox
  expect(outbox.append(readings(next, 3))).toBe(next)
  await outbox.close()
  const again = await open(folder, syncIntervalMs)
  const { entries, gaps } = readAll(again)
  expect([again.run, again.next]).toEqual([run, next + 3])
  expect(gaps).toEqual(before.gaps)
  expect([...entries.keys()]).toEqual([...before.entries.keys(), next, next + 1, next + 2])
  again.acknowledge(next + 2, [])
  expect(again.waiting).toBe(0)
  await again.close()
}

for (const syncIntervalMs of [1000, 0]) {
  it(`an outbox that syncs after ${syncIntervalMs} ms answers for all after a power cut at any moment`, {
    timeout: 240_000,
  }, async () => {
    const choices = startChoices(1)
    const life = await live(choices, syncIntervalMs)
    const cuts = await cutEverywhere(life, choices, syncIntervalMs)
    expect(cuts).toBeGreaterThan(800)
  })
}
