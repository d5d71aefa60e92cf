import fc from 'fast-check'
import { expect, it } from 'vitest'
import { spreadByProfile } from '../../fluids/profile.ts'
import { partWithin, type Segment } from '../../fluids/spans.ts'
import { periodsBetween, startOfLocalDate } from '../../model/calendar.ts'

const ZONE = 'Europe/Paris'
const HOUR = 3_600_000
const at = (date: string) => startOfLocalDate(date, ZONE)
/** Of a school: all from 8 to 18, nothing at the weekend. */
const school = {
  working: Array.from({ length: 24 }, (_, hour) => (hour >= 8 && hour < 18 ? 10 : 0)),
  saturday: Array(24).fill(0),
  sunday: Array(24).fill(0),
}
const gap = (start: number, end: number, amount: number): Segment => {
  return { start, end, amount, source: 'readings', covered: false }
}

it('a gap of a week goes to the hours in which the meter usually counts', () => {
  const spread = spreadByProfile([gap(at('2026-03-23'), at('2026-03-30'), 5000)], school, ZONE)
  const days = periodsBetween('day', at('2026-03-23'), at('2026-03-30'), ZONE)
  const daily = days.map(day =>
    spread.reduce((sum, part) => sum + (part.start >= day.start && part.end <= day.end ? part.amount : 0), 0),
  )
  expect(daily).toEqual([1000, 1000, 1000, 1000, 1000, 0, 0])
  const nights = spread.filter(({ start }) => start < at('2026-03-23') + 8 * HOUR)
  expect(nights).toHaveLength(8)
  expect(nights.every(({ amount }) => amount === 0)).toBe(true)
})

it('where nothing is usual, and where readings follow closely, it stays as it is', () => {
  const weekend = gap(at('2026-03-28'), at('2026-03-30'), 100)
  const covered = { ...gap(at('2026-03-23'), at('2026-03-24'), 100), covered: true }
  const brief = gap(at('2026-03-23'), at('2026-03-23') + HOUR, 100)
  expect(spreadByProfile([brief, covered, weekend], school, ZONE)).toEqual([brief, covered, weekend])
})

it('parts of an hour weigh as much as they are long, and nothing is gained or lost', () => {
  const weights = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 24, maxLength: 24 })
  fc.assert(
    fc.property(
      fc.record({ working: weights, saturday: weights, sunday: weights }),
      fc.integer({ min: at('2026-03-20'), max: at('2026-04-05') }),
      fc.integer({ min: 1, max: 20 * 24 * HOUR }),
      fc.integer({ min: 0, max: 1_000_000 }),
      (profile, start, length, amount) => {
        const span = gap(start, start + length, amount)
        const spread = spreadByProfile([span], profile, ZONE)
        expect(spread.reduce((sum, part) => sum + part.amount, 0)).toBe(amount)
        expect(spread[0]!.start).toBe(span.start)
        expect(spread.at(-1)!.end).toBe(span.end)
        for (const [position, part] of spread.entries())
          if (position > 0) expect(part.start).toBe(spread[position - 1]!.end)
      },
    ),
  )
  const half = spreadByProfile(
    [gap(at('2026-03-23') + 7.5 * HOUR, at('2026-03-23') + 9.5 * HOUR, 90)],
    school,
    ZONE,
  )
  expect(half.map(({ amount }) => amount)).toEqual([0, 60, 30])
  expect(partWithin({ start: 0, end: 1 }, { start: 0, end: 3, amount: 10 })).toBe(3)
})
