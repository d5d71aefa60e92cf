import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { civilTime, localDate, periodStart, periodsBetween, startOfLocalDate } from '../../model/calendar.ts'

const HOUR = 3_600_000
const at = (text: string) => Date.parse(text)
const iso = (time: number) => new Date(time).toISOString().replace('.000', '')

describe('Paris', () => {
  const zone = 'Europe/Paris'

  test.each([
    ['2026-03-29', 23, '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'],
    ['2026-10-25', 25, '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'],
    ['2026-07-14', 24, '2026-07-13T22:00:00Z', '2026-07-14T22:00:00Z'],
  ])('%s has %i hours', (date, hours, start, end) => {
    const [day, ...others] = periodsBetween('day', at(start), at(end), zone)
    expect(others).toEqual([])
    expect([iso(day!.start), iso(day!.end)]).toEqual([start, end])
    expect(periodsBetween('hour', day!.start, day!.end, zone)).toHaveLength(hours)
    expect(startOfLocalDate(date, zone)).toBe(day!.start)
    for (const time of [day!.start, day!.start + 2.5 * HOUR, day!.end - 1]) {
      expect(periodStart('day', time, zone)).toBe(day!.start)
      expect(localDate(time, zone)).toBe(date)
    }
    expect(localDate(day!.start - 1, zone)).not.toBe(date)
    expect(localDate(day!.end, zone)).not.toBe(date)
  })

  test('both hours from 2 to 3 of the autumn day are hours of their own', () => {
    expect(iso(periodStart('hour', at('2026-10-25T00:30:00Z'), zone))).toBe('2026-10-25T00:00:00Z')
    expect(iso(periodStart('hour', at('2026-10-25T01:30:00Z'), zone))).toBe('2026-10-25T01:00:00Z')
  })

  test('a month begins at local midnight, and is as long as its clock changes make it', () => {
    const months = periodsBetween('month', at('2026-01-01T00:00:00Z'), at('2026-12-31T22:59:59Z'), zone)
    expect(months).toHaveLength(12)
    expect(iso(months[0]!.start)).toBe('2025-12-31T23:00:00Z')
    expect(iso(months[11]!.end)).toBe('2026-12-31T23:00:00Z')
    const hours = months.map(({ start, end }) => (end - start) / HOUR)
    expect(hours).toEqual([744, 672, 743, 720, 744, 720, 744, 744, 720, 745, 720, 744])
  })

  test('an instant on a boundary opens the new period', () => {
    const march = at('2026-02-28T23:00:00Z')
    expect(iso(periodStart('month', march, zone))).toBe(iso(march))
    expect(iso(periodStart('month', march - 1, zone))).toBe('2026-01-31T23:00:00Z')
    expect(periodStart('day', march, zone)).toBe(march)
  })

  test('February has its 29th in a leap year', () => {
    const [february] = periodsBetween('month', at('2028-02-10T00:00:00Z'), at('2028-02-10T00:00:01Z'), zone)
    expect((february!.end - february!.start) / HOUR).toBe(29 * 24)
    expect(localDate(february!.end - 1, zone)).toBe('2028-02-29')
  })
})

test('hours and days of a zone at half an hour from UTC', () => {
  const zone = 'Asia/Kolkata'
  expect(iso(periodStart('hour', at('2026-03-10T08:10:00Z'), zone))).toBe('2026-03-10T07:30:00Z')
  expect(iso(periodStart('day', at('2026-03-10T18:29:59Z'), zone))).toBe('2026-03-09T18:30:00Z')
  expect(iso(periodStart('day', at('2026-03-10T18:30:00Z'), zone))).toBe('2026-03-10T18:30:00Z')
  expect(iso(startOfLocalDate('2026-03-01', zone))).toBe('2026-02-28T18:30:00Z')
})

test.each([
  'Europe/Paris',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'America/Santiago',
  'America/Havana',
  'Pacific/Apia',
  'Africa/Casablanca',
  'UTC',
])('days of many years in %s are those of the calendar', zone => {
  const [from, to] = [at('2005-01-05T07:00:00Z'), at('2031-03-01T05:00:00Z')]
  const days = []
  let day = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(zone).startOfDay()
  while (day.epochMilliseconds < to) {
    const next = day.toPlainDate().add({ days: 1 }).toZonedDateTime(zone)
    days.push({ start: day.epochMilliseconds, end: next.epochMilliseconds })
    day = next
  }
  expect(periodsBetween('day', from, to, zone)).toEqual(days)
})

test('a clock that changes by half an hour gives a day of 24.5 hours', () => {
  const zone = 'Australia/Lord_Howe'
  const start = startOfLocalDate('2026-04-05', zone)
  expect((startOfLocalDate('2026-04-06', zone) - start) / HOUR).toBe(24.5)
  const end = start + 24.5 * HOUR
  expect(periodsBetween('day', start, start + 1, zone)).toEqual([{ start, end }])
  const hours = periodsBetween('hour', start, end, zone)
  expect(hours).toHaveLength(25)
  expect(hours.at(-1)).toEqual({ start: end - HOUR / 2, end })
})

test('a day whose midnight does not exist begins at one', () => {
  const zone = 'America/Santiago'
  const start = startOfLocalDate('2026-09-06', zone)
  expect(iso(start)).toBe('2026-09-06T04:00:00Z')
  expect(periodStart('day', start + 5 * HOUR, zone)).toBe(start)
  expect(periodStart('day', start, zone)).toBe(start)
  expect(localDate(start, zone)).toBe('2026-09-06')
  expect(localDate(start - 1, zone)).toBe('2026-09-05')
  const [day] = periodsBetween('day', start, start + 1, zone)
  expect((day!.end - day!.start) / HOUR).toBe(23)
})

test('a month that begins in a skipped midnight begins at one', () => {
  const zone = 'America/Asuncion'
  const start = startOfLocalDate('2023-10-01', zone)
  expect(iso(start)).toBe('2023-10-01T04:00:00Z')
  expect(periodStart('month', start + 40 * HOUR, zone)).toBe(start)
  expect(periodsBetween('month', start, start + 1, zone)[0]!.start).toBe(start)
})

test('midnight that happens twice belongs to the day that it ends once only', () => {
  const zone = 'America/Havana'
  const start = startOfLocalDate('2026-11-01', zone)
  const end = startOfLocalDate('2026-11-02', zone)
  expect((end - start) / HOUR).toBe(25)
  for (let time = start; time < end; time += HOUR / 2) expect(periodStart('day', time, zone)).toBe(start)
})

test('nothing lies between an instant and itself, or an earlier one', () => {
  expect(periodsBetween('day', 5, 5, 'Europe/Paris')).toEqual([])
  expect(periodsBetween('hour', 5, 4, 'Europe/Paris')).toEqual([])
})

const zones = fc.constantFrom(
  'Europe/Paris',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'America/Santiago',
  'America/Havana',
  'America/St_Johns',
  'Pacific/Chatham',
  'UTC',
)
// St John's set its clocks back at one past midnight until 2011: a minute of a day that had not begun yet.
const times = fc.integer({ min: at('2012-01-01T00:00:00Z'), max: at('2050-01-01T00:00:00Z') })
const periods = fc.constantFrom('hour', 'day', 'month' as const) as fc.Arbitrary<'hour' | 'day' | 'month'>

test('periods cover what was asked, join without holes, and hold their own instants', () => {
  fc.assert(
    fc.property(
      zones,
      times,
      periods,
      fc.integer({ min: 1, max: 40 * 24 * HOUR }),
      (zone, from, period, length) => {
        // Where the clock changes by half an hour, what an hour is then has no one answer.
        fc.pre(period !== 'hour' || zone !== 'Australia/Lord_Howe')
        const to = period === 'hour' ? from + (length % (60 * HOUR)) + 1 : from + length
        const found = periodsBetween(period, from, to, zone)
        expect(found[0]!.start).toBeLessThanOrEqual(from)
        expect(found[0]!.end).toBeGreaterThan(from)
        expect(found.at(-1)!.start).toBeLessThan(to)
        expect(found.at(-1)!.end).toBeGreaterThanOrEqual(to)
        for (const [index, { start, end }] of found.entries()) {
          expect(end).toBeGreaterThan(start)
          if (index > 0) expect(start).toBe(found[index - 1]!.end)
          for (const time of [start, Math.floor((start + end) / 2), end - 1]) {
            expect(periodStart(period, time, zone)).toBe(start)
          }
        }
      },
    ),
    { numRuns: 300 },
  )
})

test('a local date begins at the first instant that has it', () => {
  fc.assert(
    fc.property(zones, times, (zone, time) => {
      const start = startOfLocalDate(localDate(time, zone), zone)
      expect(periodStart('day', time, zone)).toBe(start)
      expect(localDate(start, zone)).toBe(localDate(time, zone))
      expect(localDate(start - 1, zone)).not.toBe(localDate(time, zone))
    }),
    { numRuns: 300 },
  )
})

describe('weeks, years and heating years', () => {
  const zone = 'Europe/Paris'
  const dates = (period: Parameters<typeof periodsBetween>[0], from: string, to: string) =>
    periodsBetween(period, startOfLocalDate(from, zone), startOfLocalDate(to, zone), zone).map(
      ({ start, end }) => [localDate(start, zone), localDate(end, zone)],
    )

  test('a week begins on Monday, across the end of a year and the change of the clocks', () => {
    expect(dates('week', '2026-12-31', '2027-01-05')).toEqual([
      ['2026-12-28', '2027-01-04'],
      ['2027-01-04', '2027-01-11'],
    ])
    const [week] = periodsBetween('week', at('2026-10-25T00:30:00Z'), at('2026-10-25T00:31:00Z'), zone)
    expect((week!.end - week!.start) / HOUR).toBe(7 * 24 + 1)
    expect(periodStart('week', week!.end - 1, zone)).toBe(week!.start)
    expect(periodStart('week', week!.end, zone)).toBe(week!.end)
  })

  test('a heating year goes from one July to the next, a year from one January to the next', () => {
    expect(dates('heating-year', '2027-06-30', '2027-07-02')).toEqual([
      ['2026-07-01', '2027-07-01'],
      ['2027-07-01', '2028-07-01'],
    ])
    expect(dates('year', '2027-12-31', '2028-02-29')).toEqual([
      ['2027-01-01', '2028-01-01'],
      ['2028-01-01', '2029-01-01'],
    ])
    const [leap] = periodsBetween('year', at('2028-05-01T00:00:00Z'), at('2028-05-01T00:00:01Z'), zone)
    expect((leap!.end - leap!.start) / HOUR).toBe(366 * 24)
  })
})

describe('the civil time of an instant', () => {
  const year = (step: number) => {
    const [start, end] = [at('2026-01-01T00:00:00Z'), at('2027-01-01T00:00:00Z')]
    return Array.from({ length: (end - start) / step }, (_, i) => start + i * step)
  }
  const asked = (time: number, zone: string) => {
    const zoned = Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(zone)
    return { month: zoned.month, weekday: zoned.dayOfWeek, minute: zoned.hour * 60 + zoned.minute }
  }

  test.each(['Europe/Paris', 'Indian/Reunion', 'America/Miquelon', 'Australia/Lord_Howe', 'UTC'])(
    '%s: is what the calendar says, in whatever order it is asked for',
    zone => {
      const times = year(HOUR / 2)
      for (const some of [times, times.toReversed()]) {
        expect(some.map(time => civilTime(time, zone))).toEqual(some.map(time => asked(time, zone)))
      }
      for (const time of [at('1912-02-29T12:34:56Z'), at('1969-12-31T23:59:59.999Z')]) {
        expect(civilTime(time, zone)).toEqual(asked(time, zone))
      }
    },
  )
})
