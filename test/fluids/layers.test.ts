import fc from 'fast-check'
import { expect, it } from 'vitest'
import { layOver } from '../../fluids/layers.ts'
import type { Segment, Span } from '../../fluids/spans.ts'
import type { Origin } from '../../model/statement.ts'

const readings = (start: number, end: number, amount: number, covered = true): Segment => {
  return { start, end, amount, source: 'readings', covered }
}
let next = 1
const stated = (source: Origin, start: number, end: number, amount: number): Span => {
  return { start, end, amount, source, statement: next++ }
}
const brief = (segments: readonly Segment[]) =>
  segments.map(({ start, end, amount, source }) => [start, end, amount, source])

it('an invoice keeps the time before the readings, and what they have not counted of it', () => {
  const laid = layOver([readings(50, 60, 5), readings(60, 100, 45)], [stated('invoice', 0, 100, 90)])
  expect(brief(laid.segments)).toEqual([
    [0, 50, 40, 'invoice'],
    [50, 60, 5, 'readings'],
    [60, 100, 45, 'readings'],
  ])
})

it('an invoice that says less than the readings have counted contradicts them, and fills nothing', () => {
  const invoice = stated('invoice', 0, 100, 30)
  const laid = layOver([readings(50, 100, 45)], [invoice])
  expect(brief(laid.segments)).toEqual([[50, 100, 45, 'readings']])
  expect([...laid.contradicting]).toEqual([invoice.statement])
})

it('a statement that is overruled at all times does not contradict, whatever it says', () => {
  const laid = layOver([readings(0, 100, 45)], [stated('invoice', 10, 90, 1000)])
  expect(laid.contradicting.size).toBe(0)
  expect(brief(laid.segments)).toEqual([[0, 100, 45, 'readings']])
})

it('a correction takes its time out of the readings, whose rest stays what it was', () => {
  const laid = layOver([readings(0, 10, 10), readings(10, 20, 40)], [stated('correction', 5, 15, 7)])
  expect(brief(laid.segments)).toEqual([
    [0, 5, 5, 'readings'],
    [5, 15, 7, 'correction'],
    [15, 20, 20, 'readings'],
  ])
})

it('amounts between two indexes say how their difference is spread, and what they leave goes by time', () => {
  const laid = layOver(
    [readings(0, 100, 60, false)],
    [stated('distributor', 10, 20, 25), stated('invoice', 15, 40, 3), stated('distributor', 20, 30, 5)],
  )
  expect(brief(laid.segments)).toEqual([
    [0, 10, 3, 'readings'],
    [10, 20, 25, 'distributor'],
    [20, 30, 5, 'distributor'],
    [30, 100, 27, 'readings'],
  ])
})

it('of amounts that overlap between two indexes those are followed that are believed first', () => {
  const laid = layOver(
    [readings(0, 100, 60, false)],
    [stated('invoice', 10, 30, 7), stated('distributor', 20, 40, 12), stated('hand', 30, 60, 9)],
  )
  expect(brief(laid.segments)).toEqual([
    [0, 20, 12, 'readings'],
    [20, 40, 12, 'distributor'],
    [40, 100, 36, 'readings'],
  ])
})

it('amounts that fill the time between two indexes are brought to their difference, in proportion', () => {
  const fill = [stated('distributor', 0, 50, 10), stated('distributor', 50, 100, 30)]
  expect(brief(layOver([readings(0, 100, 60, false)], fill).segments)).toEqual([
    [0, 50, 15, 'readings'],
    [50, 100, 45, 'readings'],
  ])
  const nothing = fill.map(span => ({ ...span, amount: 0 }))
  expect(brief(layOver([readings(0, 100, 60, false)], nothing).segments)).toEqual([
    [0, 50, 30, 'readings'],
    [50, 100, 30, 'readings'],
  ])
})

it('amounts that leave time but say more than the difference are not followed', () => {
  const laid = layOver([readings(0, 100, 60, false)], [stated('hand', 0, 50, 61)])
  expect(brief(laid.segments)).toEqual([[0, 100, 60, 'readings']])
})

it('of one origin the newest statement is believed, and the older keeps the rest', () => {
  const older = stated('invoice', 0, 100, 100)
  const newer = stated('invoice', 60, 120, 30)
  expect(brief(layOver([], [older, newer]).segments)).toEqual([
    [0, 60, 80, 'invoice'],
    [60, 120, 30, 'invoice'],
  ])
})

it('what stays of a statement is exactly known within its own gap only', () => {
  const [first, , last] = layOver([readings(40, 60, 5)], [stated('invoice', 0, 100, 45)]).segments
  expect(first).toMatchObject({ end: 40, amount: 20, known: { start: 0, end: 100 } })
  expect(last).toMatchObject({ start: 60, amount: 20, known: { start: 0, end: 100 } })
  const [rest] = layOver([readings(40, 100, 5)], [stated('invoice', 0, 100, 45)]).segments
  expect(rest).toMatchObject({ end: 40, known: { start: 0, end: 40 } })
})

const amounts = fc.array(
  fc
    .record({
      source: fc.constantFrom('correction', 'distributor', 'hand', 'invoice', 'estimate'),
      start: fc.integer({ min: 0, max: 900 }),
      length: fc.integer({ min: 1, max: 400 }),
      amount: fc.integer({ min: 0, max: 2000 }),
    })
    .map(({ length, ...rest }) => ({ ...rest, end: rest.start + length }) as Omit<Span, 'statement'>),
  { maxLength: 12 },
)
const indexes = fc.array(
  fc.record({
    pause: fc.integer({ min: 1, max: 300 }),
    gain: fc.integer({ min: 0, max: 900 }),
    covered: fc.boolean(),
  }),
  { maxLength: 10 },
)

it('nothing lies over another, nothing is negative, and readings that no correction touches stay exactly', () => {
  fc.assert(
    fc.property(indexes, amounts, (steps, spans) => {
      let time = 0
      const chain = steps.map(({ pause, gain, covered }) => {
        time += pause
        return readings(time - pause, time, gain, covered)
      })
      const all = spans.map((span, at) => ({ ...span, statement: at + 1 }))
      const { segments } = layOver(chain, all)
      for (const [at, segment] of segments.entries()) {
        expect(Number.isSafeInteger(segment.amount) && segment.amount >= 0).toBe(true)
        expect(segment.end).toBeGreaterThan(segment.start)
        if (at > 0) expect(segment.start).toBeGreaterThanOrEqual(segments[at - 1]!.end)
      }
      const corrections = all.filter(({ source }) => source === 'correction')
      for (const link of chain) {
        if (corrections.some(({ start, end }) => start < link.end && end > link.start)) continue
        const inside = segments.filter(({ start, end }) => start >= link.start && end <= link.end)
        expect(inside.reduce((sum, { amount }) => sum + amount, 0)).toBe(link.amount)
        expect(inside.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(link.end - link.start)
      }
    }),
    { numRuns: 500 },
  )
})

it('the order in which statements of different origins come changes nothing', () => {
  fc.assert(
    fc.property(amounts, spans => {
      const all = spans.map((span, at) => ({ ...span, statement: at + 1 }))
      expect(layOver([], all.toReversed()).segments).toEqual(layOver([], all).segments)
    }),
  )
})
