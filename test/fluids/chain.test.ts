import { expect, it } from 'vitest'
import { chainIndexes } from '../../fluids/chain.ts'
import type { AcceptedIndex, Counter } from '../../fluids/indexes.ts'
import type { Origin, StoredStatement } from '../../model/statement.ts'

const DAY = 86_400_000
const counter: Counter = {
  stepsPerUnit: 1,
  digits: 5,
  maxPerHour: 100,
  unit: 'kW.h',
  replacements: [],
}
const point = { interval: 600_000, dueWithin: 600_000 }

let next = 1
const index = (day: number, value: number, origin: Origin = 'hand'): StoredStatement => ({
  id: next++,
  meter: 'elec',
  origin,
  form: 'index',
  start: day * DAY,
  end: day * DAY,
  value,
  author: 'test',
  recordedAt: 0,
})
const brief = (statements: readonly StoredStatement[], accepted: readonly AcceptedIndex[] = []) =>
  chainIndexes(accepted, statements, counter, point).segments.map(({ start, end, amount, source }) => [
    start / DAY,
    end / DAY,
    amount,
    source,
  ])

it('indexes read by hand follow each other, over a full turn of the counter', () => {
  expect(brief([index(0, 99_900), index(30, 99_990), index(60, 40)])).toEqual([
    [0, 30, 90, 'hand'],
    [30, 60, 50, 'hand'],
  ])
})

it('a slip of the pen is left out, not what comes after it', () => {
  const slip = index(60, 12_000)
  const statements = [index(0, 1000), index(30, 1100), slip, index(90, 1300), index(120, 1400)]
  const { contradicting } = chainIndexes([], statements, counter, point)
  expect([...contradicting]).toEqual([slip.id])
  expect(brief(statements)).toEqual([
    [0, 30, 100, 'hand'],
    [30, 90, 200, 'hand'],
    [90, 120, 100, 'hand'],
  ])
})

it('an estimate that was too high gives way to the index that was read after it', () => {
  const statements = [
    index(0, 1000),
    index(30, 1200, 'estimate'),
    index(60, 1150),
    index(90, 1300, 'invoice'),
  ]
  expect(brief(statements)).toEqual([
    [0, 60, 150, 'hand'],
    [60, 90, 150, 'invoice'],
  ])
})

it('leads from the last reading to what was read by hand and on to the next reading', () => {
  const accepted = [
    { time: 0, steps: 500, gain: undefined },
    { time: 600_000, steps: 501, gain: 1 },
    { time: 10 * DAY, steps: 561, gain: 60 },
  ]
  const beside = index(0, 500)
  expect(chainIndexes(accepted, [beside], counter, point).used.size).toBe(0)
  const chain = chainIndexes(accepted, [beside, index(5, 551), index(20, 600)], counter, point)
  expect(
    chain.segments.map(({ end, amount, source, covered }) => [end / DAY, amount, source, covered]),
  ).toEqual([
    [600_000 / DAY, 1, 'readings', true],
    [5, 50, 'hand', false],
    [10, 10, 'hand', false],
    [20, 39, 'hand', false],
  ])
  expect(chain.indexAt(300_000)).toBe(500)
  expect(chain.indexAt(15 * DAY)).toBe(580)
  expect(chain.indexAt(21 * DAY)).toBeUndefined()
})

it('tells which index the others lead to at the time of one that contradicts them', () => {
  const wrong = index(30, 900)
  const chain = chainIndexes([], [index(0, 1000), wrong, index(60, 1200), index(90, 1250)], counter, point)
  expect(chain.contradicting).toEqual(new Set([wrong.id]))
  expect(chain.indexAt(30 * DAY)).toBe(1100)
})
