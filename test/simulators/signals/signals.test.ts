import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stepsPerUnit } from '../../../registry/schema.ts'
import { createSignals } from '../../../simulators/signals/signals.ts'
import { DAY, HOUR, recordings, registry, SEED, show, signals } from '../territory.ts'

const indexes = [...registry.points.values()].filter(point => point.quantity.kind === 'index')

/** Where replays break: years, leap days, changes of the clocks, months, and the ends of the recordings. */
const SEAMS = [
  '2020-01-01T00:00:00Z',
  '2022-12-06T13:00:00Z',
  '2024-02-29T00:00:00Z',
  '2024-03-01T00:00:00Z',
  '2025-12-31T23:00:00Z',
  '2026-01-01T00:00:00Z',
  '2026-03-29T01:00:00Z',
  '2026-10-25T00:00:00Z',
  '2026-10-25T01:00:00Z',
  '2026-11-01T00:00:00Z',
  '2027-01-01T00:00:00Z',
  '2040-02-29T00:00:00Z',
].map(Date.parse)

/** The mean of what a point shows at so many hours from an instant on. */
function meanOf(id: string, from: number, hours: number): number {
  let sum = 0
  for (let hour = 0; hour < hours; hour++) sum += show(id, from + hour * HOUR)
  return sum / hours
}

const instant = fc.oneof(
  fc.integer({ min: Date.UTC(2019, 11, 30), max: Date.UTC(2041, 0, 1) }),
  fc
    .tuple(fc.constantFrom(...SEAMS), fc.integer({ min: -2 * HOUR, max: 2 * HOUR }))
    .map(([seam, by]) => seam + by),
)

describe('an index', () => {
  test('never decreases, over milliseconds or years', () => {
    const step = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 400 * DAY }))
    fc.assert(
      fc.property(fc.constantFrom(...indexes), instant, step, ({ id }, time, by) => {
        expect(show(id, time + by)).toBeGreaterThanOrEqual(show(id, time))
      }),
      { numRuns: 3000 },
    )
  })

  test.each(SEAMS.map(seam => [new Date(seam).toISOString(), seam] as const))(
    'does not jump at %s',
    (_, seam) => {
      for (const { id } of indexes) {
        const before = show(id, seam - 3 * HOUR)
        const usual = (show(id, seam + 3 * DAY) - show(id, seam - 3 * DAY)) / (6 * 24)
        expect(show(id, seam + 1000) - show(id, seam - 1000), id).toBeLessThanOrEqual(
          Math.max(1, usual / 100),
        )
        expect(show(id, seam + 3 * HOUR) - before, id).toBeLessThanOrEqual(1 + 6 * 8 * usual)
      }
    },
  )

  test('is a whole number of steps, and keeps within its digits', () => {
    const meter = registry.meters.get('college-eau')!
    for (let time = Date.UTC(2026, 0, 1); time < Date.UTC(2026, 1, 1); time += 7 * HOUR) {
      const value = show(meter.point!.id, time)
      expect(value).toBe(Math.round(value * stepsPerUnit(meter.resolution)!) / 1000)
      expect(value).toBeLessThan(10 ** meter.digits! * meter.resolution)
    }
    expect(show(meter.point!.id, Date.UTC(2026, 0, 1))).toBeGreaterThan(1000)
  })

  test('grows by what the power or the flow beside it amounts to', () => {
    const from = Date.parse('2026-11-18T05:00:00Z')
    for (const [index, rate, perUnit] of [
      ['college/electricite/index', 'college/electricite/power', 1],
      ['college/chaleur/index', 'college/chaleur/power', 1e-6],
      ['college/eau/index', 'college/eau/flow', 1],
    ] as const) {
      let amount = 0
      for (let at = 0; at < 6 * HOUR; at += 10_000) amount += (show(rate, from + at + 5000) * perUnit) / 360
      const grown = show(index, from + 6 * HOUR) - show(index, from)
      expect(Math.abs(amount / grown - 1), index).toBeLessThan(0.01)
    }
  })
})

describe('values are a pure function of seed, point and time', () => {
  test('whoever asks, in whatever order', () => {
    const other = createSignals({ registry, seed: SEED, recordings })
    fc.assert(
      fc.property(fc.constantFrom(...signals.keys()), instant, (id, time) => {
        expect(other.get(id)!(time)).toBe(signals.get(id)!(time))
      }),
      { numRuns: 2000 },
    )
  })

  test('another seed makes another territory', () => {
    const other = createSignals({ registry, seed: SEED + 1, recordings })
    const time = Date.UTC(2026, 10, 22, 9)
    for (const { id } of indexes) expect(other.get(id)!(time), id).not.toBe(show(id, time))
  })
})

describe('a collège of 5,000 m²', () => {
  const year = (point: string, of: number) =>
    show(point, Date.UTC(of + 1, 0, 1)) - show(point, Date.UTC(of, 0, 1))

  test.each([
    ['college/electricite/index', 20, 30],
    ['college/chaleur/index', 0.068, 0.102],
    ['college/eau/index', 0.2, 0.4],
  ])('%s: a year is between %d and %d a square metre', (point, least, most) => {
    for (const of of [2022, 2025, 2026]) {
      expect(year(point, of) / 5000).toBeGreaterThan(least * 0.95)
      expect(year(point, of) / 5000).toBeLessThan(most * 1.05)
    }
  })

  test('heats in winter, and draws no water at night', () => {
    const month = (of: number) =>
      show('college/chaleur/index', Date.UTC(2026, of, 1)) -
      show('college/chaleur/index', Date.UTC(2026, of - 1, 1))
    expect(month(1)).toBeGreaterThan(4 * month(7))
    const drawn = (from: string, to: string) =>
      show('college/eau/index', Date.parse(to)) - show('college/eau/index', Date.parse(from))
    expect(drawn('2026-11-17T23:00:00+01:00', '2026-11-18T05:00:00+01:00')).toBe(0)
    expect(drawn('2026-11-18T08:00:00+01:00', '2026-11-18T17:00:00+01:00')).toBeGreaterThan(2)
  })

  /** Of a civil span, MWh; of a month the weekdays, each with its mean outdoor temperature. */
  const heat = (from: string, to: string) =>
    show('college/chaleur/index', Date.parse(to)) - show('college/chaleur/index', Date.parse(from))
  const weekdays = (month: number, first = 1, last = 31) =>
    Array.from({ length: last - first + 1 }, (_, i) => Date.UTC(2026, month - 1, first + i))
      .filter(day => new Date(day).getUTCMonth() === month - 1 && new Date(day).getUTCDay() % 6 !== 0)
      .map(day => new Date(day).toISOString().slice(0, 10))

  test('heats less at night than by day, as its timetable says', () => {
    for (const day of [...weekdays(1, 6), ...weekdays(11, 3), ...weekdays(12, 1, 18)]) {
      if (day.endsWith('11-11')) continue
      const night = heat(`${day}T00:00+01:00`, `${day}T05:00+01:00`) / 5
      expect(night, day).toBeLessThan(heat(`${day}T08:00+01:00`, `${day}T17:00+01:00`) / 9)
    }
  })

  test('heats less in the evening, when it is closed, than a home does beside its own days', () => {
    const share = (id: string) => {
      const used = (day: string, from: string, to: string) =>
        show(id, Date.parse(`${day}T${to}+01:00`)) - show(id, Date.parse(`${day}T${from}+01:00`))
      const days = [...weekdays(1, 6), ...weekdays(12, 1, 18)]
      const sum = (from: string, to: string) => days.reduce((sum, day) => sum + used(day, from, to), 0)
      return sum('19:00', '22:00') / sum('08:00', '17:00')
    }
    expect(share('college/chaleur/index')).toBeLessThan(0.7 * share('foyer/gaz/index'))
  })

  test('heats less in the holidays than on school days as cold', () => {
    const dayHeat = (day: string) => heat(`${day}T08:00+01:00`, `${day}T17:00+01:00`)
    const cold = (day: string) => meanOf('foyer/gtb/outdoor', Date.parse(`${day}T00:00+01:00`), 24)
    const school = [...weekdays(2, 2, 13), ...weekdays(3, 2, 31), ...weekdays(12, 1, 18)]
    let compared = 0
    for (const day of [...weekdays(2, 16, 27), ...weekdays(12, 21, 31)]) {
      if (day.endsWith('12-25')) continue
      const as = school.filter(other => Math.abs(cold(other) - cold(day)) < 1.5)
      if (as.length < 3) continue
      compared++
      expect(dayHeat(day), day).toBeLessThan(as.reduce((sum, other) => sum + dayHeat(other), 0) / as.length)
    }
    expect(compared).toBeGreaterThan(8)
  })

  test.each([1, 2, 3, 11, 12])('heats more on cold days than on mild ones of month %d', month => {
    const days = weekdays(month).map(day => {
      const start = Date.parse(`${day}T00:00+01:00`)
      const cold = meanOf('foyer/gtb/outdoor', start, 24)
      return { cold, used: (id: string) => show(id, start + DAY) - show(id, start) }
    })
    const sorted = days.sort((a, b) => a.cold - b.cold)
    const third = Math.floor(days.length / 3)
    for (const id of ['college/chaleur/index', 'foyer/gaz/index']) {
      const used = (some: typeof days) => some.reduce((sum, day) => sum + day.used(id), 0)
      expect(used(sorted.slice(0, third)), id).toBeGreaterThan(1.15 * used(sorted.slice(-third)))
    }
  })

  test('a week has five working days', () => {
    const day = (date: number) =>
      show('college/electricite/index', Date.UTC(2026, 10, date + 1)) -
      show('college/electricite/index', Date.UTC(2026, 10, date))
    const [monday, sunday] = [day(16), day(22)]
    expect(sunday).toBeLessThan(0.7 * monday)
  })
})

describe('the weather', () => {
  const hours = Array.from({ length: 8760 }, (_, hour) => Date.UTC(2026, 0, 1) + hour * HOUR)

  test('keeps to physics', () => {
    for (const time of hours) {
      const [air, dew] = [show('station/meteo/air', time), show('station/meteo/dew', time)]
      expect(dew).toBeLessThanOrEqual(air)
      const humidity = show('station/meteo/humidity', time)
      expect(humidity).toBeGreaterThan(5)
      expect(humidity).toBeLessThanOrEqual(100)
      expect(show('station/meteo/wind', time)).toBeLessThan(40)
      expect(show('station/meteo/rain', time)).toBeGreaterThanOrEqual(0)
      expect(signals.get('station/meteo/raining')!(time)).toBe(show('station/meteo/rain', time) > 0)
    }
  })

  test('goes from minute to minute without a jump', () => {
    fc.assert(
      fc.property(instant, time => {
        for (const point of ['air', 'dew', 'surface']) {
          const change = show(`station/meteo/${point}`, time + 60_000) - show(`station/meteo/${point}`, time)
          expect(Math.abs(change)).toBeLessThan(0.4)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test.each(SEAMS)('crosses the seam at %d without a jump', seam => {
    for (const point of ['air', 'dew', 'surface']) {
      const change = show(`station/meteo/${point}`, seam) - show(`station/meteo/${point}`, seam - 1000)
      expect(Math.abs(change), point).toBeLessThan(0.05)
    }
  })

  test('brings frost to the road in winter, by night under a clear sky colder than the air, and heat in summer', () => {
    const surface = hours.map(time => show('station/meteo/surface', time))
    const air = hours.map(time => show('station/meteo/air', time))
    const winter = hours.findIndex(
      (time, at) => new Date(time).getUTCHours() === 4 && air[at]! - surface[at]! > 2.5,
    )
    expect(winter).toBeGreaterThanOrEqual(0)
    expect(surface.filter(value => value < 0).length).toBeGreaterThan(300)
    expect(Math.max(...surface)).toBeGreaterThan(40)
    expect(Math.max(...surface)).toBeLessThan(65)
  })

  test('the road is colder under the air in clear nights than in overcast ones', () => {
    const nights = Array.from({ length: 365 }, (_, day) => Date.UTC(2026, 0, 1, 2) + day * DAY).map(time => {
      const [air, dew, surface] = ['air', 'dew', 'surface'].map(name => show(`station/meteo/${name}`, time))
      return { dryness: air! - dew!, below: air! - surface! }
    })
    const meanBelow = (some: typeof nights) => some.reduce((sum, { below }) => sum + below, 0) / some.length
    const [clear, overcast] = [
      nights.filter(({ dryness }) => dryness > 6),
      nights.filter(({ dryness }) => dryness < 1.5),
    ]
    expect(Math.min(clear.length, overcast.length)).toBeGreaterThan(30)
    expect(meanBelow(clear)).toBeGreaterThan(meanBelow(overcast) + 1.5)
    expect(meanBelow(overcast)).toBeLessThan(0.5)
  })

  test('rooms are warm while people are in them', () => {
    const noon = show('foyer/gaz/temperature', Date.parse('2026-01-14T12:00:00Z'))
    expect(noon).toBeGreaterThan(18.5)
    expect(noon).toBeLessThan(22)
  })
})
