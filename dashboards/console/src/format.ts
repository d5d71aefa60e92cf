import type { Language } from './preferences.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** How far clocks are set back: by half an hour on Lord Howe Island. */
const CLOCK_TURNS = [HOUR / 2, HOUR]

const LOCALES: Record<Language, string> = { fr: 'fr-FR', en: 'en-GB' }

/** A no-break space, so that a unit stays beside its number. */
const NO_BREAK = '\u00a0'
/** Intl writes a hyphen. */
const MINUS = '\u2212'

/** Decimals that help a reader, by the label of the unit; elsewhere up to three. */
const DECIMALS: Record<string, number> = {
  '°C': 1,
  '%': 0,
  kW: 1,
  W: 0,
  'm/s': 1,
  'mm/h': 1,
  'km/h': 0,
  'm³/h': 2,
}

type Time = number | string

/** Numbers and times as the language writes them; times in the zone of the territory, wherever the reader is. */
export function createFormat(language: Language, timeZone: string) {
  const locale = LOCALES[language]
  const time = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, { timeZone, ...options })
    return (moment: Time) => format.format(typeof moment === 'string' ? Date.parse(moment) : moment)
  }
  /** With the offset where the clock shows the same twice: an autumn day has two hours from 2 to 3. */
  const uniqueTime = (options: Intl.DateTimeFormatOptions) => {
    const [short, long] = [time(options), time({ ...options, timeZoneName: 'short' })]
    return (moment: Time) => {
      const at = typeof moment === 'string' ? Date.parse(moment) : moment
      const text = short(at)
      const isTwice = CLOCK_TURNS.some(turn => text === short(at - turn) || text === short(at + turn))
      return isTwice ? long(at) : text
    }
  }
  const number = (options: Intl.NumberFormatOptions) => {
    const format = new Intl.NumberFormat(locale, { signDisplay: 'negative', ...options })
    return (value: number) => format.format(value).replace('-', MINUS)
  }
  const fixed = (digits: number) => number({ minimumFractionDigits: digits, maximumFractionDigits: digits })
  // Sweden writes dates as ISO 8601 does.
  const isoDate = new Intl.DateTimeFormat('sv-SE', { timeZone })
  const exact = number({ maximumFractionDigits: 3 })
  const precise = number({ maximumFractionDigits: 15 })
  const whole = number({ maximumFractionDigits: 0 })
  const tenths = fixed(1)
  const measures = new Map(Object.entries(DECIMALS).map(([unit, digits]) => [unit, fixed(digits)]))
  const relative = new Intl.RelativeTimeFormat(locale, { style: 'short' })
  const justNow = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(0, 'second')
  const durations = new Map(
    (['second', 'minute', 'hour', 'day'] as const).map(unit => [
      unit,
      number({ style: 'unit', unit, unitDisplay: 'short' }),
    ]),
  )

  return {
    timeZone,
    /** A measured value with the decimals that suit its unit: `4,0 °C`. */
    measure(value: number, unitLabel: string): string {
      const text = (measures.get(unitLabel) ?? exact)(value)
      return unitLabel ? text + NO_BREAK + unitLabel : text
    },
    /** A measured value with every decimal: beside a limit, rounding would contradict it. */
    exactMeasure: (value: number, unitLabel: string) => exact(value) + (unitLabel && NO_BREAK + unitLabel),
    /** A consumption: whole units from a hundred on, tenths below. */
    amount(value: number, unitLabel: string): string {
      const text = Math.abs(value) >= 100 || Number.isInteger(value) ? whole(value) : tenths(value)
      return unitLabel ? text + NO_BREAK + unitLabel : text
    },
    /** Every decimal that there is, up to three: for tables. */
    exact,
    /** Every decimal, with the unit: for what a figure is traced back to. */
    precise: (value: number, unitLabel = '') => precise(value) + (unitLabel && NO_BREAK + unitLabel),
    whole,
    euros: number({ style: 'currency', currency: 'EUR' }),
    /** A share of 1. */
    percent: number({ style: 'percent', maximumFractionDigits: 0 }),
    /** `+3,2 %` */
    change: number({ style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' }),
    month: time({ month: 'long', year: 'numeric' }),
    shortMonth: time({ month: 'short' }),
    year: time({ year: 'numeric' }),
    day: time({ weekday: 'long', day: 'numeric', month: 'long' }),
    date: time({ day: 'numeric', month: 'long', year: 'numeric' }),
    /** `2026-11-22`, as the API takes it. */
    localDate: (moment: number) => isoDate.format(moment),
    shortDay: time({ day: 'numeric', month: 'short' }),
    dayTime: uniqueTime({
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      hour: '2-digit',
      minute: '2-digit',
    }),
    /** With the offset: an autumn day has two hours from 2 to 3. */
    hour: time({
      weekday: 'long',
      day: 'numeric',
      month: 'long',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      timeZoneName: 'short',
    }),
    momentSeconds: time({
      day: 'numeric',
      month: 'short',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    }),
    moment: uniqueTime({
      day: 'numeric',
      month: 'long',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
    }),
    clock: time({ hour: '2-digit', minute: '2-digit' }),
    clockSeconds: time({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    /** How long ago, `il y a 3 min`, in the largest unit that fits. */
    ago(ageMs: number): string {
      const age = Math.max(0, ageMs)
      if (age < 2 * SECOND) return justNow
      if (age < MINUTE) return relative.format(-Math.floor(age / SECOND), 'second')
      if (age < HOUR) return relative.format(-Math.floor(age / MINUTE), 'minute')
      if (age < 2 * DAY) return relative.format(-Math.floor(age / HOUR), 'hour')
      return relative.format(-Math.floor(age / DAY), 'day')
    },
    /** How long: `3 min`, `2 h`. */
    duration(ms: number): string {
      if (ms < MINUTE) return durations.get('second')!(Math.max(0, Math.floor(ms / SECOND)))
      if (ms < HOUR) return durations.get('minute')!(Math.floor(ms / MINUTE))
      if (ms < 2 * DAY) return durations.get('hour')!(Math.floor(ms / HOUR))
      return durations.get('day')!(Math.floor(ms / DAY))
    },
  }
}

export type Format = ReturnType<typeof createFormat>
