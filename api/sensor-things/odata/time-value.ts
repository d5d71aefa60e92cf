/** An instant or a period, ms UTC; JSON has it as ISO 8601 (TM_Instant, TM_Period). */
export class TimeValue {
  readonly start: number
  /** Of an instant its start; else exclusive. */
  readonly end: number
  readonly isInstant: boolean
  constructor(start: number, end?: number) {
    this.start = start
    this.end = end ?? start
    this.isInstant = end === undefined
  }

  toJSON(): string {
    const [start, end] = [new Date(this.start).toISOString(), new Date(this.end).toISOString()]
    return this.isInstant ? start : `${start}/${end}`
  }
}

export class Duration {
  readonly ms: number
  constructor(ms: number) {
    this.ms = ms
  }
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/
const DURATION = /^(-)?P(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9}(?:\.\d{1,3})?)S)?)?$/

/** `2026-01-01T00:00:00Z`, or two of them with a slash between; undefined for anything else. */
export function parseTimeValue(text: string): TimeValue | undefined {
  const [start, end, ...more] = text.split('/').map(parseInstant)
  if (start === undefined || more.length > 0) return undefined
  if (!text.includes('/')) return new TimeValue(start)
  return end === undefined || end < start ? undefined : new TimeValue(start, end)
}

/** ms UTC */
function parseInstant(text: string): number | undefined {
  if (!INSTANT.test(text)) return undefined
  // The 30th of February is none, although dates roll over.
  if (!isDate(text.slice(0, 'yyyy-mm-dd'.length))) return undefined
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}

export function isDate(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

/** A dayTimeDuration such as `P1DT12H`; undefined for anything else. */
export function parseDuration(text: string): Duration | undefined {
  const found = DURATION.exec(text)
  if (!found || text.length < 3 || text.endsWith('T')) return undefined
  const [days, hours, minutes, seconds] = found.slice(2).map(part => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
  ]
  const ms = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000
  return new Duration(found[1] ? -ms : ms)
}
