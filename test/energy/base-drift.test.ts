import { expect, test } from 'vitest'
import { baseReference, DECISION, followBase, SLACK } from '../../energy/base-drift.ts'
import { baseLoad, type DayBase } from '../../energy/base-load.ts'
import { DAY_MS } from '../../model/time.ts'

const day = (at: number, base: number | undefined, kind = 'working'): DayBase => ({
  start: at * DAY_MS,
  end: (at + 1) * DAY_MS,
  kind,
  base,
})
const hourly = (...amounts: (number | undefined)[]) =>
  amounts.map((amount, at) => ({ start: at, end: at + 1, amount }))
/** Eight weeks about 10 an hour, with a spread of 1.4826: half of the days are off by 1 or more. */
const before = Array.from({ length: 56 }, (_, at) => day(at, 10 + [-1, 1, 0.5, -0.5, 1.5][at % 5]!))

test('the base load of a day is low among its hours, and four hours without current do not move it', () => {
  const hours = Array<number>(24).fill(4).fill(20, 8, 18)
  expect(baseLoad(hourly(...hours))).toBe(4)
  expect(baseLoad(hourly(...hours.fill(0, 1, 5)))).toBeCloseTo(4, 9)
  expect(baseLoad(hourly(...hours.with(3, undefined as never)))).toBeUndefined()
  expect(baseLoad([])).toBeUndefined()
})

test('a reference has the median of each kind of day, and a spread that a few odd days do not move', () => {
  const reference = baseReference(before, 0.01)!
  expect(reference).toMatchObject({ days: 56, spread: 1.4826 })
  expect(reference.centres.get('working')).toBe(10.5)
  const odd = before.map((each, at) => (at % 14 === 0 ? day(at, 90) : each))
  expect(baseReference(odd, 0.01)!.spread).toBeLessThan(1.6)
  const sundays = before.map((each, at) => (at % 7 === 6 ? day(at, 2, 'closed') : each))
  expect(baseReference(sundays, 0.01)!.centres.get('closed')).toBe(2)
  const few = before.map((each, at) => (at < 4 ? day(at, 2, 'closed') : each))
  expect(baseReference(few, 0.01)).toMatchObject({ days: 52, centres: new Map([['working', 10.5]]) })
})

test('a reference needs 28 days, and its spread is never below a step nor a twentieth of the base load', () => {
  expect(baseReference(before.slice(0, 27), 1)).toBeUndefined()
  const even = before.map((_, at) => day(at, 10))
  expect(baseReference(even, 0.01)!.spread).toBe(0.5)
  expect(
    baseReference(
      even.map((_, at) => day(at, 0)),
      0.01,
    )!.spread,
  ).toBe(0.01)
})

test('CUSUM adds up what is beyond the slack, in standard deviations, and never falls below 0', () => {
  const reference = { centres: new Map([['working', 10]]), spread: 2, days: 56 }
  const bases = [10, 14, 8, undefined, 13]
  const { cusum, drifts } = followBase(
    bases.map((base, at) => day(at, base)),
    reference,
  )
  expect(cusum).toEqual([0, 1.5, 0, undefined, 1])
  expect(drifts).toEqual([])
  expect([SLACK, DECISION]).toEqual([0.5, 5])
})

test('a step is told from the day on which it began, and by how much an hour', () => {
  const reference = { centres: new Map([['working', 10]]), spread: 1, days: 56 }
  const bases = [10, 9, 11, 10, 12, 13, 12, 13, 12, 12]
  const { drifts } = followBase(
    bases.map((base, at) => day(at, base)),
    reference,
  )
  expect(drifts).toHaveLength(1)
  expect(drifts[0]).toMatchObject({ since: 4 * DAY_MS, until: undefined })
  expect(drifts[0]!.rise).toBeCloseTo(14 / 6, 9)
  expect(drifts[0]!.days.map(({ rise }) => rise)).toEqual([2, 3, 2, 3, 2, 2])
})

test('a drift ends on the first of three days that are back, and another may begin behind it', () => {
  const reference = { centres: new Map([['working', 10]]), spread: 1, days: 56 }
  const bases = [10, 16, 16, 16, 16, 9, 16, 10, undefined, 10, 10, 20, 20, 20, 20]
  const { drifts } = followBase(
    bases.map((base, at) => day(at, base)),
    reference,
  )
  const told = drifts.map(({ since, until }) => [
    since / DAY_MS,
    until === undefined ? until : until / DAY_MS,
  ])
  expect(told).toEqual([
    [1, 7],
    [11, undefined],
  ])
  expect(drifts[0]!.days.map(({ rise }) => rise)).toEqual([6, 6, 6, 6, 0, 6])
})

test('a day whose kind has no reference is not judged, and one that is not known breaks nothing', () => {
  const reference = { centres: new Map([['working', 10]]), spread: 1, days: 56 }
  const days = [day(0, 13), day(1, undefined), day(2, 90, 'closed'), day(3, 13), day(4, 13), day(5, 13)]
  const { cusum, drifts } = followBase(days, reference)
  expect(cusum).toEqual([1.5, undefined, undefined, 3, 4.5, 6])
  expect(drifts[0]).toMatchObject({ since: 0, rise: 3 })
})

test('one odd day is no drift, nor are three, however high', () => {
  const reference = { centres: new Map([['working', 10]]), spread: 1, days: 56 }
  const bases = [10, 90, 90, 90, 10, 10, 10, 10, 90]
  const { cusum, drifts } = followBase(
    bases.map((base, at) => day(at, base)),
    reference,
  )
  expect(cusum).toEqual([0, 1.5, 3, 4.5, 4, 3.5, 3, 2.5, 4])
  expect(drifts).toEqual([])
})

test('days that only spread as before are no drift: a year of them', () => {
  const reference = baseReference(before, 0.01)!
  const year = Array.from({ length: 365 }, (_, at) => day(at, before[at % 56]!.base))
  expect(followBase(year, reference).drifts).toEqual([])
})
