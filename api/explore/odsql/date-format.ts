import type { Expression, RowFunction } from '../../../model/row-query.ts'
import { apply, constant } from './expressions.ts'
import { OdsqlError } from './terms.ts'

/** Monday first. */
const WEEKDAYS = {
  fr: {
    short: ['lun.', 'mar.', 'mer.', 'jeu.', 'ven.', 'sam.', 'dim.'],
    long: ['lundi', 'mardi', 'mercredi', 'jeudi', 'vendredi', 'samedi', 'dimanche'],
  },
  en: {
    short: ['Mon.', 'Tue.', 'Wed.', 'Thu.', 'Fri.', 'Sat.', 'Sun.'],
    long: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
  },
}

/** Symbols of a format, with the digits that they are filled up to. */
const NUMBERS: Record<string, [RowFunction, number?]> = {
  ...{ yyyy: ['year'], YYYY: ['year'], xxxx: ['iso-year'] },
  ...{ w: ['week'], ww: ['week', 2], e: ['weekday'], D: ['yearday'], DDD: ['yearday', 3] },
  ...{ M: ['month'], MM: ['month', 2], d: ['day'], dd: ['day', 2] },
  ...{ H: ['hour'], HH: ['hour', 2], m: ['minute'], mm: ['minute', 2], s: ['second'], ss: ['second', 2] },
}
/** The last two digits of a year. */
const CENTURIES: Record<string, RowFunction> = { yy: 'year', YY: 'year', xx: 'iso-year' }

/** More than any date has. */
const MOST_PIECES = 100

const PIECE = /'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+/y

/**
 * A date as `date_format` has it.
 * @param at a date, or what a clock shows
 * @throws OdsqlError where there is no such symbol
 */
export function formatParts(format: string, at: Expression, language: 'fr' | 'en'): Expression {
  const pieces: Expression[] = []
  let next = 0
  while (next < format.length) {
    PIECE.lastIndex = next
    const found = PIECE.exec(format)
    if (!found) throw new OdsqlError(`The ' of the format ${format} is never closed`)
    pieces.push(piece(found[0], at, language))
    next += found[0].length
  }
  if (pieces.length > MOST_PIECES) throw new OdsqlError(`A format has at most ${MOST_PIECES} parts`)
  return { kind: 'apply', function: 'concat', to: [text(''), ...pieces] }
}

function piece(written: string, at: Expression, language: 'fr' | 'en'): Expression {
  if (written.startsWith("'"))
    return text(written === "''" ? "'" : written.slice(1, -1).replaceAll("''", "'"))
  if (!/[A-Za-z]/.test(written)) return text(written)
  const number = NUMBERS[written]
  if (number) {
    const [name, digits] = number
    return digits === undefined ? apply(name, at) : apply('pad', apply(name, at), whole(digits))
  }
  const year = CENTURIES[written]
  if (year) return apply('pad', apply('remainder', apply(year, at), whole(100)), whole(2))
  const names = written === 'E' ? 'short' : written === 'EEEE' ? 'long' : undefined
  if (names) return apply('pick', apply('weekday', at), ...WEEKDAYS[language][names].map(text))
  throw new OdsqlError(
    `${written} is no symbol of a date format; there are ${[...Object.keys(NUMBERS), ...Object.keys(CENTURIES), 'E', 'EEEE'].join(', ')}`,
  )
}

const text = (value: string) => constant('string', value)
const whole = (value: number) => constant('integer', value)
