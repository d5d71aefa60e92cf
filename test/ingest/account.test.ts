import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Accountable, accountFor } from '../../ingest/account.ts'
import { advance, beginning } from '../../ingest/positions.ts'
import type { Gap, StreamPosition } from '../../model/delivery.ts'
import type { LedgerEntry, Outcome } from '../../model/ledger.ts'
import { type Reading, toColumns } from '../../model/reading.ts'
import { HOUR_MS, MINUTE_MS } from '../../model/time.ts'
import { reading } from '../bus/fixtures.ts'

const stream = { sender: 'gateway', stream: 'measures', run: 'r' } as const
const NOON = Date.parse('2026-11-22T12:00:00Z')
const start = beginning(stream)

function arrivalOf(
  first: number,
  times: readonly number[],
  more: { before?: StreamPosition; gaps?: Gap[]; arrived?: number } = {},
): Accountable {
  const { before = start, gaps, arrived = NOON } = more
  const readings = toColumns(times.map((time, i): Reading => ({ ...reading(first + i), time })))
  return {
    carried: { ...stream, first, count: times.length, ...(gaps && { gaps }) },
    decoded: { batch: { readings }, numbers: times.map((_, i) => first + i), rejected: [] },
    before,
    arrived,
  }
}

const entry = (hour: number, outcome: Outcome, count: number): LedgerEntry => {
  return { sender: 'gateway', stream: 'measures', hour, outcome, count }
}

it('counts by the hour of the source time, and as late what came more than an hour after it', () => {
  const times = [NOON, NOON - 1, NOON - HOUR_MS, NOON - HOUR_MS - 1, NOON - 5 * HOUR_MS]
  expect(accountFor([arrivalOf(1, times)])).toEqual([
    entry(NOON, 'prompt', 1),
    entry(NOON - HOUR_MS, 'prompt', 2),
    entry(NOON - 2 * HOUR_MS, 'late', 1),
    entry(NOON - 5 * HOUR_MS, 'late', 1),
  ])
})

it('counts a number once, whatever part of a batch came before', () => {
  const first = arrivalOf(1, [NOON, NOON, NOON])
  const before = advance(start, first.carried)
  expect(accountFor([{ ...arrivalOf(2, [NOON, NOON, NOON, NOON]), before }])).toEqual([
    entry(NOON, 'prompt', 2),
  ])
  const between = advance(before, { first: 5, count: 1 })
  expect(accountFor([{ ...arrivalOf(3, [NOON, NOON, NOON, NOON]), before: between }])).toEqual([
    entry(NOON, 'prompt', 2),
  ])
})

it('counts as set aside what was not sound, what could not be read, and what the store did not take', () => {
  const sound = arrivalOf(1, [NOON, NOON, NOON - HOUR_MS])
  const rejected = [
    { number: 4, reason: 'x', entry: { time: NOON - 2 * HOUR_MS } },
    { number: 5, reason: 'x', entry: { time: 'yesterday' } },
    { number: 6, reason: 'x', entry: null },
  ]
  const partly: Accountable = {
    ...sound,
    carried: { ...sound.carried, count: 6 },
    decoded: { ...sound.decoded!, rejected },
  }
  const unreadable: Accountable = {
    carried: { ...stream, first: 7, count: 10 },
    before: advance(start, { first: 1, count: 9 }),
    arrived: NOON,
  }
  const last = arrivalOf(20, [NOON])
  // The fourth of the joined readings is that of the last batch.
  expect(accountFor([partly, unreadable, last], new Set([2, 3]))).toEqual([
    entry(NOON, 'prompt', 2),
    entry(NOON - HOUR_MS, 'quarantined', 1),
    entry(NOON - 2 * HOUR_MS, 'quarantined', 1),
    entry(NOON, 'quarantined', 2 + 7 + 1),
  ])
})

const gap = (range: [number, number], from: number, to: number): Gap => {
  return { range, from, to, counts: {}, reason: 'outbox-full' }
}

it('spreads a gap over its hours in proportion to time, and counts what is new of it', () => {
  const from = NOON - HOUR_MS / 2
  const lost = gap([1, 40], from, from + 2 * HOUR_MS - 1)
  expect(accountFor([arrivalOf(41, [], { gaps: [lost] })])).toEqual([
    entry(NOON - HOUR_MS, 'outbox-full', 10),
    entry(NOON, 'outbox-full', 20),
    entry(NOON + HOUR_MS, 'outbox-full', 10),
  ])
  const before = advance(start, { first: 1, count: 30 })
  const again = accountFor([arrivalOf(41, [], { before, gaps: [lost, lost] })])
  expect(again.reduce((sum, { count }) => sum + count, 0)).toBe(10)
  expect(accountFor([arrivalOf(41, [], { gaps: [gap([1, 9], 0, NOON)] })])).toEqual([
    entry(NOON, 'outbox-full', 9),
  ])
  expect(accountFor([arrivalOf(41, [], { gaps: [gap([1, 9], NOON, NOON - 1)] })])).toEqual([
    entry(NOON - HOUR_MS, 'outbox-full', 9),
  ])
})

it('accounts for every number once, in any order, with repetitions, overlaps and gaps', () => {
  const last = 150
  const anyBatch = fc.record({
    first: fc.integer({ min: 1, max: last }),
    length: fc.integer({ min: 0, max: 50 }),
    isGap: fc.boolean(),
    minutes: fc.integer({ min: 0, max: 600 }),
  })
  fc.assert(
    fc.property(fc.array(anyBatch, { maxLength: 25 }), batches => {
      let position = start
      const seen = new Set<number>()
      const arrivals = batches.map(({ first, length, isGap, minutes }) => {
        const numbers = Array.from({ length }, (_, i) => first + i)
        for (const number of numbers) seen.add(number)
        const time = NOON - minutes * MINUTE_MS
        const arrival =
          isGap && length > 0
            ? arrivalOf(last * 2, [], {
                before: position,
                gaps: [gap([first, first + length - 1], time, NOON)],
              })
            : arrivalOf(
                first,
                numbers.map(number => time + number),
                { before: position },
              )
        position = advance(position, arrival.carried)
        return arrival
      })
      const counted = accountFor(arrivals)
      expect(counted.reduce((sum, { count }) => sum + count, 0)).toBe(seen.size)
      expect(counted.every(({ count }) => count > 0)).toBe(true)
      expect(new Set(counted.map(({ hour, outcome }) => `${hour} ${outcome}`)).size).toBe(counted.length)
    }),
  )
})
