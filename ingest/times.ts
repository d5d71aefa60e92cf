/** What is wrong with a row, in words. */
export class RowError extends Error {
  override readonly name = 'RowError'
}

const INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)? ?(?:[Zz]|[+-]\d\d(?::?\d\d)?)$/
const CIVIL = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)$/
/** As spreadsheets in France write it. */
const FRENCH = /^(\d\d)\/(\d\d)\/(\d{4}) (\d?\d)(:\d\d(?::\d\d)?)$/

/**
 * An instant, ms UTC: of a number (ms UTC), or of text. Without an offset it is civil time of the zone; one that occurs
 * twice in autumn is the later one where what came before it is not earlier otherwise.
 * @throws RowError
 */
export function readTime(
  at: unknown,
  timeZone: string | undefined,
  after = Number.NEGATIVE_INFINITY,
): number {
  if (typeof at === 'number') return at
  const text = String(at ?? '').trim()
  try {
    if (INSTANT.test(text)) return Temporal.Instant.from(text.replace(/ (?=[Zz+-])/, '')).epochMilliseconds
    const civil = toCivil(text)
    if (civil && !timeZone)
      throw new RowError(`the time ${text} has no offset: name its zone with --time-zone`)
    if (civil) return toInstant(Temporal.PlainDateTime.from(civil), timeZone!, after)
  } catch (error) {
    if (error instanceof RowError) throw error
  }
  throw new RowError(text === '' ? 'there is no time' : `${text} is not a time`)
}

function toCivil(text: string): string | undefined {
  const iso = CIVIL.exec(text)
  if (iso) return `${iso[1]}T${iso[2]}`
  const french = FRENCH.exec(text)
  return french
    ? `${french[3]}-${french[2]}-${french[1]}T${french[4]!.padStart(2, '0')}${french[5]}`
    : undefined
}

function toInstant(civil: Temporal.PlainDateTime, timeZone: string, after: number): number {
  const earlier = civil.toZonedDateTime(timeZone, { disambiguation: 'earlier' })
  const later = civil.toZonedDateTime(timeZone, { disambiguation: 'later' })
  if (!earlier.toPlainDateTime().equals(civil))
    throw new RowError(`${civil} does not exist in ${timeZone}: the clocks went forward`)
  return after >= earlier.epochMilliseconds ? later.epochMilliseconds : earlier.epochMilliseconds
}
