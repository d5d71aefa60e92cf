import fc from 'fast-check'
import { expect, it } from 'vitest'
import { consumptionByHour } from '../../fluids/consumption.ts'
import { type AcceptedIndex, acceptIndexes } from '../../fluids/indexes.ts'
import { segmentsOf } from '../../fluids/spans.ts'
import { localDate, periodsBetween } from '../../model/calendar.ts'
import { sumFigures } from '../../model/figure.ts'
import { partOf } from '../../model/period.ts'

const HOUR = 3_600_000
const TEN_MINUTES = 600_000
const ZONES = [
  'Europe/Paris',
  'UTC',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'America/St_Johns',
]

/** The indexes of a plausible meter: pauses from a millisecond to months, gains from nothing to the limit. */
const history = fc
  .record({
    start: fc.integer({ min: Date.UTC(2023, 8, 1), max: Date.UTC(2024, 3, 1) }),
    first: fc.integer({ min: 0, max: 9_000_000 }),
    steps: fc.array(
      fc.record({
        pause: fc.oneof(
          { weight: 6, arbitrary: fc.constantFrom(TEN_MINUTES, TEN_MINUTES + 17, 2 * TEN_MINUTES, HOUR) },
          { weight: 1, arbitrary: fc.integer({ min: 1, max: 90 * 24 * HOUR }) },
        ),
        gain: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 100_000 })),
      }),
      { minLength: 1, maxLength: 60 },
    ),
  })
  .map(({ start, first, steps }) => {
    let [time, value] = [start, first]
    const indexes = steps.map(({ pause, gain }) => {
      time += pause
      value += gain
      return { time, steps: value }
    })
    return [{ time: start, steps: first }, ...indexes]
  })

function figuresOf(accepted: readonly AcceptedIndex[], timeZone: string) {
  const from = accepted[0]!.time
  const to = accepted.at(-1)!.time
  const times = accepted.map(({ time }) => time)
  const segments = segmentsOf(accepted, { interval: TEN_MINUTES, dueWithin: TEN_MINUTES })
  const hours = consumptionByHour(segments, periodsBetween('hour', from, to + 1, timeZone), times, timeZone)
  const days = sumFigures(hours, periodsBetween('day', from, to + 1, timeZone))
  const months = sumFigures(days, periodsBetween('month', from, to + 1, timeZone))
  const sums = (['week', 'year', 'heating-year'] as const).map(period =>
    sumFigures(partOf(period) === 'day' ? days : months, periodsBetween(period, from, to + 1, timeZone)),
  )
  return { hours, days, months, weeks: sums[0]!, years: sums[1]!, heatingYears: sums[2]! }
}

const total = (figures: readonly { amount: number }[]) => figures.reduce((sum, { amount }) => sum + amount, 0)

it('hours make days, days make weeks and months, months make years and heating years, and all make the difference of the indexes', () => {
  fc.assert(
    fc.property(history, fc.constantFrom(...ZONES), (indexes, timeZone) => {
      const { accepted, exclusions } = acceptIndexes(indexes, {
        stepsPerUnit: 10,
        unit: 'kW.h',
        replacements: [],
      })
      expect(exclusions).toEqual([])
      const { hours, days, months, weeks, years, heatingYears } = figuresOf(accepted, timeZone)
      const whole = indexes.at(-1)!.steps - indexes[0]!.steps
      for (const figures of [hours, days, weeks, months, years, heatingYears])
        expect(total(figures)).toBe(whole)
      for (const [parts, sums] of [
        [hours, days],
        [days, weeks],
        [days, months],
        [months, years],
        [months, heatingYears],
      ] as const) {
        for (const sum of sums) {
          const inside = parts.filter(({ start }) => start >= sum.start && start < sum.end)
          expect(total(inside)).toBe(sum.amount)
          expect(inside.every(part => part.end <= sum.end)).toBe(true)
        }
      }
      const all = [hours, days, weeks, months, years, heatingYears].flat()
      for (const { start, end, amount, coveredMs } of all) {
        expect(Number.isSafeInteger(amount) && amount >= 0).toBe(true)
        expect(coveredMs >= 0 && coveredMs <= end - start).toBe(true)
      }
    }),
    { numRuns: 300 },
  )
})

/** An index every ten minutes that grows by one step each time, from one local date to another. */
function steady(from: string, to: string, timeZone: string): AcceptedIndex[] {
  const start = Temporal.PlainDate.from(from).toZonedDateTime(timeZone).epochMilliseconds
  const end = Temporal.PlainDate.from(to).toZonedDateTime(timeZone).epochMilliseconds
  return Array.from({ length: (end - start) / TEN_MINUTES + 1 }, (_, n) => {
    return { time: start + n * TEN_MINUTES, steps: n, gain: n === 0 ? undefined : 1 }
  })
}

it.each([
  ['Europe/Paris', '2026-03-28', [24, 23, 24]],
  ['Europe/Paris', '2026-10-24', [24, 25, 24]],
  ['Asia/Kolkata', '2026-03-28', [24, 24, 24]],
  ['Australia/Lord_Howe', '2026-04-04', [24, 24.5, 24]],
  ['Australia/Lord_Howe', '2026-10-03', [24, 23.5, 24]],
])('trap 16: days around a change of the clocks, %s from %s', (timeZone, from, lengths) => {
  const to = Temporal.PlainDate.from(from).add({ days: 3 }).toString()
  const { hours, days } = figuresOf(steady(from, to, timeZone), timeZone)
  expect(days.map(({ amount }) => amount / 6)).toEqual(lengths)
  expect(days.map(({ coveredMs }) => coveredMs / HOUR)).toEqual(lengths)
  expect(total(hours)).toBe(total(days))
  expect(hours.slice(1).map(({ start }) => start)).toEqual(hours.slice(0, -1).map(({ end }) => end))
})

it('the 29th of February is a day, and February has it', () => {
  const { days, months } = figuresOf(steady('2028-02-01', '2028-03-01', 'Europe/Paris'), 'Europe/Paris')
  expect(days).toHaveLength(29)
  expect(localDate(days[28]!.start, 'Europe/Paris')).toBe('2028-02-29')
  expect(months.map(({ amount }) => amount)).toEqual([29 * 144])
})

it('hours are civil hours where the offset has half an hour', () => {
  const start = Date.parse('2026-01-01T00:00:00+05:30')
  const accepted = [
    { time: start - HOUR, steps: 0, gain: undefined },
    { time: start + HOUR / 2, steps: 3, gain: 3 },
    { time: start + HOUR, steps: 10, gain: 7 },
  ]
  const { hours } = figuresOf(accepted, 'Asia/Kolkata')
  expect(hours.map(hour => [hour.start - start, hour.amount])).toEqual([
    [-HOUR, 2],
    [0, 8],
  ])
})

it('a gap is shared out in proportion to time, but covers nothing', () => {
  const start = Date.UTC(2026, 0, 1)
  const accepted = [
    { time: start, steps: 0, gain: undefined },
    { time: start + TEN_MINUTES, steps: 1, gain: 1 },
    { time: start + 2.5 * HOUR, steps: 15, gain: 14 },
    { time: start + 2.5 * HOUR + 2 * TEN_MINUTES, steps: 16, gain: 1 },
  ]
  const { hours } = figuresOf(accepted, 'UTC')
  expect(hours.map(({ amount, coveredMs, readings }) => [amount, coveredMs / TEN_MINUTES, readings])).toEqual(
    [
      [6, 1, 2],
      [6, 0, 0],
      [4, 2, 2],
    ],
  )
})

it('two indexes twice the interval apart cover the time between them, a millisecond more and they do not', () => {
  const start = Date.UTC(2026, 0, 1)
  const covered = (pause: number) =>
    figuresOf(
      [
        { time: start, steps: 0, gain: undefined },
        { time: start + pause, steps: 1, gain: 1 },
      ],
      'UTC',
    ).hours[0]!.coveredMs
  expect([covered(2 * TEN_MINUTES), covered(2 * TEN_MINUTES + 1)]).toEqual([2 * TEN_MINUTES, 0])
})

it('an index that is told only when it changes covers the heartbeat while it rests, the interval while it rises', () => {
  const start = Date.UTC(2026, 0, 1)
  const covered = (pause: number, gain: number) =>
    consumptionByHour(
      segmentsOf(
        [
          { time: start, steps: 0, gain: undefined },
          { time: start + pause, steps: gain, gain },
        ],
        { interval: TEN_MINUTES, dueWithin: HOUR },
      ),
      periodsBetween('day', start, start + 1, 'UTC'),
      [start, start + pause],
      'UTC',
    )[0]!.coveredMs
  expect([covered(2 * HOUR, 0), covered(2 * HOUR + 1, 0)]).toEqual([2 * HOUR, 0])
  expect([covered(2 * TEN_MINUTES, 1), covered(2 * TEN_MINUTES + 1, 1)]).toEqual([2 * TEN_MINUTES, 0])
})

it('a period that no difference of indexes spans has no figure, rather than a zero', () => {
  const start = Date.UTC(2026, 0, 1)
  const reset = [
    { time: start, steps: 5, gain: undefined },
    { time: start + HOUR, steps: 6, gain: 1 },
    { time: start + 3 * HOUR, steps: 0, gain: undefined },
    { time: start + 4 * HOUR, steps: 0, gain: 0 },
  ]
  const { hours } = figuresOf(reset, 'UTC')
  expect(hours.map(hour => [(hour.start - start) / HOUR, hour.amount])).toEqual([
    [0, 1],
    [3, 0],
  ])
})

it('parts are exact where the product leaves the safe integers', () => {
  const start = Date.UTC(2026, 0, 1)
  const gain = 999_999_999_999
  const accepted = [
    { time: start, steps: 0, gain: undefined },
    { time: start + 3 * HOUR - 1, steps: gain, gain },
  ]
  const { hours } = figuresOf(accepted, 'UTC')
  const upTo = (elapsed: number) => Number((BigInt(gain) * BigInt(elapsed)) / BigInt(3 * HOUR - 1))
  expect(hours.map(({ amount }) => amount)).toEqual([
    upTo(HOUR),
    upTo(2 * HOUR) - upTo(HOUR),
    gain - upTo(2 * HOUR),
  ])
})
