import type { Language } from './preferences.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const LOCALES: Record<Language, string> = { fr: 'fr-FR', en: 'en-GB' }

/** A no-break space, so that a unit stays beside its number. */
const NO_BREAK = '\u00a0'

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
  const fixed = (digits: number) =>
    new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits })
  const plain = new Intl.NumberFormat(locale, { maximumFractionDigits: 3 })
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 })
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 })
  const change = new Intl.NumberFormat(locale, {
    style: 'percent',
    maximumFractionDigits: 1,
    signDisplay: 'exceptZero',
  })
  const relative = new Intl.RelativeTimeFormat(locale, { style: 'short' })
  const count = new Map<string, Intl.NumberFormat>()
  const duration = (value: number, unit: string) => {
    let format = count.get(unit)
    if (!format) {
      format = new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' })
      count.set(unit, format)
    }
    return format.format(value)
  }

  return {
    timeZone,
    /** A measured value: `4,0 °C`. */
    measure(value: number, unitLabel: string): string {
      const digits = DECIMALS[unitLabel]
      const text = (digits === undefined ? plain : fixed(digits)).format(value)
      return unitLabel ? text + NO_BREAK + unitLabel : text
    },
    /** A consumption: whole units from a hundred on, tenths below. */
    amount(value: number, unitLabel: string): string {
      return (Math.abs(value) >= 100 ? whole : fixed(1)).format(value) + NO_BREAK + unitLabel
    },
    /** Every decimal that there is, up to three: for tables. */
    exact: (value: number) => plain.format(value),
    whole: (value: number) => whole.format(value),
    percent: (share: number) => percent.format(share),
    /** `+3,2 %` */
    change: (share: number) => change.format(share),
    month: time({ month: 'long', year: 'numeric' }),
    shortMonth: time({ month: 'short' }),
    year: time({ year: 'numeric' }),
    day: time({ weekday: 'long', day: 'numeric', month: 'long' }),
    shortDay: time({ day: 'numeric', month: 'short' }),
    dayTime: time({ weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }),
    moment: time({ day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit' }),
    clock: time({ hour: '2-digit', minute: '2-digit' }),
    clockSeconds: time({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    /** How long ago, `il y a 3 min`, in the largest unit that fits. */
    ago(ageMs: number): string {
      const age = Math.max(0, ageMs)
      if (age < MINUTE) return relative.format(-Math.floor(age / SECOND), 'second')
      if (age < HOUR) return relative.format(-Math.floor(age / MINUTE), 'minute')
      if (age < 2 * DAY) return relative.format(-Math.floor(age / HOUR), 'hour')
      return relative.format(-Math.floor(age / DAY), 'day')
    },
    /** How long: `3 min`, `2 h`. */
    duration(ms: number): string {
      if (ms < MINUTE) return duration(Math.max(0, Math.floor(ms / SECOND)), 'second')
      if (ms < HOUR) return duration(Math.floor(ms / MINUTE), 'minute')
      if (ms < 2 * DAY) return duration(Math.floor(ms / HOUR), 'hour')
      return duration(Math.floor(ms / DAY), 'day')
    },
  }
}

export type Format = ReturnType<typeof createFormat>
