import { expect, it } from 'vitest'
import { type Coverage, openAmountCoverage, openIndexCoverage } from '../../../ingest/distributor/coverage.ts'
import { describeOutcome } from '../../../ingest/distributor/describe-outcome.ts'
import { DAY_MS, HOUR_MS } from '../../../model/time.ts'

const hours = (coverage: Coverage, pairs: readonly (readonly [number, number])[]) => {
  for (const [start, end] of pairs) coverage.add({ start: start * HOUR_MS, end: end * HOUR_MS })
  return coverage.holes().map(({ start, end }) => [start / HOUR_MS, end / HOUR_MS])
}

it('amounts leave holes where none is of, in whatever order they come', () => {
  const pairs = [
    [0, 1],
    [1, 2],
    [5, 6],
    [6, 8],
    [9, 10],
  ] as const
  const holes = [
    [2, 5],
    [8, 9],
  ]
  expect(hours(openAmountCoverage(), pairs)).toEqual(holes)
  expect(hours(openAmountCoverage(), pairs.toReversed())).toEqual(holes)
  expect(hours(openAmountCoverage(), [pairs[4], pairs[0], pairs[3], pairs[1], pairs[2]])).toEqual(holes)
})

it('amounts that overlap or come again leave none', () => {
  const pairs = [
    [0, 10],
    [2, 3],
    [10, 11],
    [0, 10],
  ] as const
  expect(hours(openAmountCoverage(), pairs)).toEqual([])
  expect(hours(openAmountCoverage(), [])).toEqual([])
})

it('indexes leave a hole where two are further apart than most, but not where the clocks change', () => {
  const daily = [0, 24, 49, 73, 97, 169, 193].map(at => [at, at] as const)
  expect(hours(openIndexCoverage(), daily.toReversed())).toEqual([[97, 169]])
  expect(hours(openIndexCoverage(), daily.slice(0, 1))).toEqual([])
})

it('a report says of each meter what there is and what is missing', () => {
  const start = Date.UTC(2026, 9, 23, 22)
  const hole = (days: number) => ({ start: start + days * DAY_MS, end: start + days * DAY_MS + HOUR_MS })
  const counted = { indexes: 0, amounts: 1440, estimated: 12, start, end: start + 40 * DAY_MS }
  const outcome = {
    formats: new Map([['enedis/r50', 1440]]),
    ...{ empty: 0, others: new Map(), unread: [], faults: [], faultCount: 0, unknown: new Map() },
    meters: new Map([
      ['mairie', { ...counted, holes: [0, 1, 2, 3, 4, 5, 6].map(hole) }],
      ['ecole', { ...counted, indexes: 2, amounts: 0, estimated: 0, holes: [] }],
    ]),
  }
  expect(describeOutcome(outcome, 'Europe/Paris')).toEqual([
    'enedis/r50 (1440 rows)',
    'mairie: 1440 amounts (1428 measured, 12 estimated), 2026-10-24 to 2026-12-02',
    'mairie: nothing is of 2026-10-24 00:00 to 2026-10-24 01:00, 2026-10-25 00:00 to 2026-10-25 01:00, 2026-10-25 23:00 to 2026-10-26 00:00, 2026-10-26 23:00 to 2026-10-27 00:00, 2026-10-27 23:00 to 2026-10-28 00:00, and 2 more',
    'ecole: 2 indexes (2 measured, 0 estimated), 2026-10-24 to 2026-12-02',
  ])
})
