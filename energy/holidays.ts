import type { PublicHolidays } from '../model/opening.ts'

/** Code du travail, L. 3133-1: those of a date, and days after Easter Sunday. */
const FRANCE = {
  dates: ['01-01', '05-01', '05-08', '07-14', '08-15', '11-01', '11-11', '12-25'],
  afterEaster: [1, 39, 50],
}
/** Code du travail, L. 3134-13; Good Friday only in communes with a Protestant or a mixed church. */
const ALSACE_MOSELLE = { dates: [...FRANCE.dates, '12-26'], afterEaster: [-2, ...FRANCE.afterEaster] }

const CALENDARS: Readonly<Record<PublicHolidays, typeof FRANCE>> = {
  france: FRANCE,
  'alsace-moselle': ALSACE_MOSELLE,
}

/** The local ISO dates of the public holidays of a year. */
export function publicHolidays(year: number, which: PublicHolidays): Set<string> {
  const { dates, afterEaster } = CALENDARS[which]
  const easter = easterSunday(year)
  return new Set([
    ...dates.map(date => `${year}-${date}`),
    ...afterEaster.map(days => easter.add({ days }).toString()),
  ])
}

/** Makes the function that tells whether a local ISO date is a public holiday. */
export function openHolidays(which: PublicHolidays): (date: string) => boolean {
  const byYear = new Map<number, Set<string>>()
  return date => {
    const year = Number(date.slice(0, 4))
    const known = byYear.get(year) ?? publicHolidays(year, which)
    byYear.set(year, known)
    return known.has(date)
  }
}

/**
 * Easter Sunday of the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8; published anonymously in Nature,
 * 1876). Letters are those of the source.
 */
function easterSunday(year: number): Temporal.PlainDate {
  const a = year % 19
  const [b, c] = [Math.floor(year / 100), year % 100]
  const [d, e] = [Math.floor(b / 4), b % 4]
  const g = Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3)
  const h = (19 * a + b - d - g + 15) % 30
  const [i, k] = [Math.floor(c / 4), c % 4]
  const l = (32 + 2 * e + 2 * i - h - k) % 7
  const m = Math.floor((a + 11 * h + 22 * l) / 451)
  const n = h + l - 7 * m + 114
  return Temporal.PlainDate.from({ year, month: Math.floor(n / 31), day: (n % 31) + 1 })
}
