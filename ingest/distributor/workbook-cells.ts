const DAY_SECONDS = 86_400
/** Of what is counted from 1900, the day 0, so that those after February 1900 are right; and of 1904. */
const [EPOCH_1900, EPOCH_1904] = [Date.UTC(1899, 11, 30), Date.UTC(1904, 0, 1)]

/** Formats of dates and times that have a number and no code (ECMA-376, part 1, 18.8.30). */
const BUILT_IN = [
  [14, 22],
  [27, 36],
  [45, 47],
  [50, 58],
] as const

/** Whether numbers of a format are shown as dates or times. */
export function isDateFormat(id: number, code: string | undefined): boolean {
  if (code === undefined) return BUILT_IN.some(([first, last]) => first <= id && id <= last)
  // Text in quotation marks, escaped letters, and colours or conditions in brackets are no part of a date.
  const parts = code.replace(/"[^"]*"|\\.|_.|\*.|\[[^\]]*\]/g, '')
  return /[dmyhs]/i.test(parts) && !/general/i.test(parts)
}

/**
 * `2026-10-25`, `2026-10-25T02:30:00` or, without a day, `02:30:00`, of a number of days; to the second, as fractions of
 * a day are binary.
 */
export function dateText(days: number, from1904: boolean): string {
  const seconds = Math.round(days * DAY_SECONDS)
  if (!Number.isFinite(seconds)) return String(days)
  const text = new Date((from1904 ? EPOCH_1904 : EPOCH_1900) + seconds * 1000).toISOString().slice(0, 19)
  if (seconds < DAY_SECONDS && !from1904) return text.slice(11)
  return seconds % DAY_SECONDS === 0 ? text.slice(0, 10) : text
}

/** Files hold 17 digits, `6.3289999999999997`; what was meant is the shortest number that is as near. */
export function shortNumber(text: string): string {
  const number = Number(text)
  return Number.isFinite(number) ? String(number) : text
}
