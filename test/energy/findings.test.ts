import { describe, expect, test } from 'vitest'
import { continuousFlows } from '../../energy/continuous-flow.ts'
import {
  type FoundWaste,
  type LookedHours,
  lookAtBase,
  lookAtBoth,
  lookAtNights,
  lookForFlow,
  lookOutside,
} from '../../energy/findings.ts'
import { heatingAndCooling } from '../../energy/heating-and-cooling.ts'
import { sumOfHours } from '../../energy/hour-use.ts'
import { outsideUse } from '../../energy/outside-use.ts'
import { leastWaste, rankBy } from '../../energy/waste-ranking.ts'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'

const use = (...amounts: (number | undefined)[]) =>
  amounts.map((amount, at) => ({ start: at * HOUR_MS, end: (at + 1) * HOUR_MS, amount }))
const repeat = (count: number, ...amounts: (number | undefined)[]) => Array(count).fill(amounts).flat()

/** Hours by day and hour of the day; the last 28 days are looked into, and 28 before them are followed. */
function looked(
  days: number,
  amountAt: (day: number, hour: number) => number | undefined,
  isOpen = (_: number, hour: number) => hour >= 8 && hour < 18,
): LookedHours {
  const places = Array.from({ length: days * 24 }, (_, at) => [Math.floor(at / 24), at % 24] as const)
  return {
    hours: use(...places.map(([day, hour]) => amountAt(day, hour))).map((hour, at) => ({
      ...hour,
      open: isOpen(...places[at]!),
    })),
    days: Array.from({ length: days }, (_, day) => ({
      start: day * DAY_MS,
      end: (day + 1) * DAY_MS,
      first: day * 24,
      last: (day + 1) * 24,
      kind: 'open',
    })),
    from: (days - 28) * DAY_MS,
    followedFrom: (days - 56) * DAY_MS,
  }
}

describe('use outside opening', () => {
  test('is what was used while closed, and what of it the base load does not explain', () => {
    const hours = use(2, 5, undefined, 30, 1).map((hour, at) => ({ ...hour, open: at === 3 }))
    const { used, share, coverage, hours: known, beyondBase } = outsideUse(hours, 2)
    expect([used, share, coverage, known]).toEqual([8, 8 / 38, 0.75, 3])
    expect(beyondBase.map(({ start, amount }) => [start / HOUR_MS, amount])).toEqual([
      [0, 0],
      [1, 3],
      [4, -1],
    ])
  })

  test('machines that run on in the evening are found, and the base load is not held against them', () => {
    const at = (_: number, hour: number) => (hour >= 8 && hour < 22 ? 20 : 4)
    const { found, unknown } = lookOutside(looked(28, at), 'outside-opening')
    expect(unknown).toEqual([])
    expect(found[0]!.figures).toMatchObject({ kind: 'outside-opening', baseLoad: 4, hours: 28 * 14 })
    expect(sumOfHours(found[0]!.wasted)).toBe(28 * 4 * 16)
    expect(found[0]).toMatchObject({ since: 18 * HOUR_MS, until: (27 * 24 + 22) * HOUR_MS, coverage: 1 })
  })

  test('what goes up and down about the base load is none of it', () => {
    const restless = (day: number, hour: number) =>
      hour >= 8 && hour < 18 ? 20 : 10 + (hour % 4 < 2 ? -1 : 1) * (hour < 20 ? 1 : 3) + (day % 2)
    expect(lookOutside(looked(28, restless), 'outside-opening').found).toEqual([])
  })

  test('little of it is not told, and what is not known is said to be so', () => {
    const even = (_: number, hour: number) => (hour >= 8 && hour < 18 ? 20 : 4)
    const cleaning = (day: number, hour: number) => (hour === 18 ? 5 : even(day, hour))
    expect(lookOutside(looked(28, cleaning), 'outside-opening')).toEqual({ found: [], unknown: [] })
    const without = {
      ...looked(28, even),
      hours: looked(28, even).hours.map(h => ({ ...h, open: undefined })),
    }
    expect(lookOutside(without, 'outside-opening').unknown).toEqual([
      { kind: 'outside-opening', reason: 'no-opening' },
    ])
    const nights = looked(28, (day, hour) => (day % 4 < 3 && hour < 8 ? undefined : even(day, hour)))
    const dark = {
      ...nights,
      hours: nights.hours.map(h => ({ ...h, amount: h.open ? h.amount : undefined })),
    }
    expect(lookOutside(dark, 'outside-opening').unknown[0]).toMatchObject({ reason: 'few-hours' })
    const gaps = looked(28, (day, hour) => (hour === 12 ? undefined : even(day, hour)))
    expect(lookOutside(gaps, 'outside-opening').unknown[0]).toMatchObject({ reason: 'no-base-load' })
  })
})

describe('a base load that drifts', () => {
  const daily = (base: number) => (hour: number) => (hour >= 8 && hour < 18 ? base + 20 : base)

  test('is told since it did, also from before what is looked into, of which alone it counts the waste', () => {
    const at = (day: number, hour: number) => daily(day < 100 ? 4 : 6)(hour)
    const { found } = lookAtBase(looked(140, at), 0.01)
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({ since: 100 * DAY_MS, until: undefined, coverage: 1 })
    expect(found[0]!.figures).toMatchObject({ kind: 'base-load-drift', rise: 2, referenceDays: 84 })
    expect(found[0]!.wasted[0]!.start).toBe(112 * DAY_MS)
    expect(sumOfHours(found[0]!.wasted)).toBe(28 * 24 * 2)
  })

  test('that was over before is none of it', () => {
    const at = (day: number, hour: number) => daily(day >= 90 && day < 105 ? 8 : 4)(hour)
    expect(lookAtBase(looked(140, at), 0.01)).toEqual({ found: [], unknown: [] })
  })

  test('is an event and no drift where it is over within a week', () => {
    const at = (days: number) => (day: number, hour: number) =>
      daily(day >= 120 && day < 120 + days ? 8 : 4)(hour)
    expect(lookAtBase(looked(140, at(6)), 0.01).found).toEqual([])
    expect(lookAtBase(looked(140, at(7)), 0.01).found[0]).toMatchObject({ until: 127 * DAY_MS })
  })

  test('is not known without a reference, nor where most days are not', () => {
    const fresh = looked(140, (day, hour) => (day < 60 ? undefined : daily(4)(hour)))
    expect(lookAtBase(fresh, 0.01).unknown[0]).toMatchObject({ reason: 'few-reference-days' })
    const dark = looked(140, (day, hour) => (day > 120 && hour === 3 ? undefined : daily(4)(hour)))
    expect(lookAtBase(dark, 0.01).unknown[0]).toMatchObject({ reason: 'few-days' })
  })
})

describe('continuous flow', () => {
  test('is three days without an hour of none, with the least of them', () => {
    const flows = continuousFlows(use(0, ...repeat(36, 3, 0.5), 0, 1))
    expect(flows).toEqual([
      { start: HOUR_MS, end: 73 * HOUR_MS, stopped: true, hours: 72, coverage: 1, least: 0.5 },
    ])
    expect(continuousFlows(use(0, ...repeat(71, 3), 0))).toEqual([])
  })

  test('hours that are not known neither end it nor count, and are few', () => {
    const hours = use(...repeat(40, 1, 1), undefined, undefined, ...repeat(10, 2), undefined)
    expect(continuousFlows(hours)).toEqual([
      expect.objectContaining({ end: 92 * HOUR_MS, stopped: false, hours: 90, least: 1 }),
    ])
    expect(continuousFlows(use(...repeat(60, 1, undefined)))).toEqual([])
  })

  test('counts what never stops beyond what is used by right, in the time that is looked into', () => {
    const leak = looked(40, (day, hour) => (day < 10 && hour === 3 ? 0 : hour === 3 ? 0.3 : 2))
    const { found } = lookForFlow(leak, 0.1)
    expect(found[0]).toMatchObject({ since: (9 * 24 + 4) * HOUR_MS, until: undefined, coverage: 1 })
    expect(found[0]!.wasted).toHaveLength(28 * 24)
    expect(sumOfHours(found[0]!.wasted)).toBeCloseTo(28 * 24 * 0.2, 9)
    expect(lookForFlow(leak, 0.3)).toEqual({ found: [], unknown: [] })
    const dark = looked(40, (day, hour) => (day % 2 ? undefined : hour))
    expect(lookForFlow(dark, 0).unknown[0]).toMatchObject({ reason: 'few-hours' })
  })
})

describe('water at night', () => {
  /** The five hours of so many nights, each night with its hours' amounts. */
  const nights = (...amounts: (readonly (number | undefined)[])[]) =>
    amounts.map((night, day) => ({
      date: `night ${day}`,
      hours: night.map((amount, hour) => ({
        start: day * DAY_MS + hour * HOUR_MS,
        end: day * DAY_MS + (hour + 1) * HOUR_MS,
        amount,
      })),
    }))
  const dry = [3, 0, 1, 0, 2]
  const leak = [6, 4, 5, 4, 7]

  test('a leak is told from when it is usual on, and claims no more than its least hour', () => {
    const { found, unknown } = lookAtNights(nights(...Array(7).fill(dry), ...Array(7).fill(leak)), 0, 1)
    expect(unknown).toEqual([])
    const [{ since, until, wasted, coverage, figures }, ...others] = found as [FoundWaste, ...FoundWaste[]]
    expect(others).toEqual([])
    // In six of seven nights: the 20th percentile lies between the second and the third.
    expect(since).toBe(12 * DAY_MS)
    expect([until, coverage]).toEqual([undefined, 10 / 14])
    expect(figures).toEqual({ kind: 'night-flow', usual: 4, nights: 2 })
    expect(wasted.map(({ amount }) => amount)).toEqual(Array(10).fill(3))
  })

  test('one open tap is none, nor is what the building uses by right', () => {
    const once = nights(...Array(10).fill(dry), leak, ...Array(3).fill(dry))
    expect(lookAtNights(once, 0, 0)).toEqual({ found: [], unknown: [] })
    expect(lookAtNights(nights(...Array(14).fill(leak)), 0, 4)).toEqual({ found: [], unknown: [] })
  })

  test('what is mended has an end, and nights before only tell what is usual', () => {
    const mended = nights(...Array(8).fill(leak), ...Array(6).fill(dry))
    const [found] = lookAtNights(mended, 7 * DAY_MS, 0).found
    expect(found).toMatchObject({ since: 7 * DAY_MS, figures: { nights: 1 } })
    expect(found!.until).toBe(7 * DAY_MS + 5 * HOUR_MS)
  })

  test('too few nights tell nothing', () => {
    const unknown = [{ kind: 'night-flow', reason: 'few-hours' }]
    const gaps = Array(14).fill([4, undefined, 4, 4, 4])
    expect(lookAtNights(nights(...gaps), 0, 0)).toEqual({ found: [], unknown })
    expect(lookAtNights([], 0, 0)).toEqual({ found: [], unknown })
  })
})

describe('heating and cooling', () => {
  test('at once are hours in which each uses more than a threshold; the lesser of both counts', () => {
    const both = heatingAndCooling(use(5, 5, 5, undefined, 1), use(3, 1, 8, 8, 8), 1)
    expect(both).toMatchObject({ known: 4, hours: 2, heating: 10, cooling: 11 })
    expect(both.lesser.map(({ amount }) => amount)).toEqual([3, 5])
  })

  test('is told from half a day on, and not where most hours are not known', () => {
    const heat = use(...repeat(30, 5))
    const cold = (hours: number) => use(...repeat(hours, 2), ...repeat(30 - hours, 0))
    expect(lookAtBoth(heat, cold(11), 1).found).toEqual([])
    expect(sumOfHours(lookAtBoth(heat, cold(12), 1).found[0]!.wasted)).toBe(24)
    expect(lookAtBoth(heat, use(...repeat(15, undefined, undefined)), 1).unknown).toEqual([
      { kind: 'heating-and-cooling', reason: 'few-hours' },
    ])
  })
})

describe('the ranking', () => {
  const meters = [
    { id: 'main', counted: true },
    { id: 'kitchen', within: 'main', counted: false },
    { id: 'fridge', within: 'kitchen', counted: false },
    { id: 'lights', within: 'main', counted: false },
    { id: 'flat', within: 'main', counted: true },
    { id: 'other', counted: true },
  ]
  const on = (value: number, ...names: string[]) => ({ value, meters: names })

  test('counts no kWh twice: of a meter and its parts the greatest, of meters that add up the sum', () => {
    expect(leastWaste([on(5, 'main'), on(3, 'main'), on(2, 'other')], meters)).toBe(7)
    expect(leastWaste([on(5, 'main'), on(4, 'fridge'), on(3, 'kitchen'), on(2, 'lights')], meters)).toBe(6)
    expect(leastWaste([on(3, 'main'), on(5, 'flat')], meters)).toBe(8)
    expect(leastWaste([on(5, 'main'), on(9, 'main', 'other')], meters)).toBe(9)
    expect(leastWaste([], meters)).toBe(0)
  })

  test('has the greatest first, and nobody who wastes nothing', () => {
    expect(rankBy([3, 0, 9, 5], value => value, 2)).toEqual([9, 5])
    expect(rankBy([0], value => value, 10)).toEqual([])
  })
})
