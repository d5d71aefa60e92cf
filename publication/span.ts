import type { Decimal } from '../model/decimal.ts'
import type { Form } from './forms.ts'

/** How many dwellings hidden parts serve, by the meter's id; 0 of what must not be known in any sum. */
export type Hidden = ReadonlyMap<string, number>

/** So many steps are enough for hundreds of dwellings that meet in several figures; more are not tried. */
const MOST_STEPS = 20_000

/**
 * Whether something that is a sum of hidden parts only, of fewer than so many dwellings, can be computed from published
 * figures by adding and subtracting multiples of them: whether the span of the figures meets that of so few hidden
 * parts. Exact, since shares are decimals; where it takes too long to show that nothing can be computed, it is said to be.
 */
export function leaks(published: readonly Form[], hidden: Hidden, leastDwellings: number): boolean {
  const parts = [...new Set(published.flatMap(form => [...form.keys()]))].sort()
  const open = parts.filter(part => !hidden.has(part))
  const closed = parts.filter(part => hidden.has(part))
  // What is left where everything open has cancelled out.
  let rows = published.map(form => toIntegers([...open, ...closed].map(part => form.get(part))))
  for (let column = 0; column < open.length; column++) rows = eliminate(rows, column)
  rows = independent(rows.map(row => row.slice(open.length)))

  let steps = 0
  const counted = closed.flatMap((part, column) => (hidden.get(part)! > 0 ? [column] : []))
  return holdsFew(rows, counted, leastDwellings - 1)

  /** Whether there is a sum of the rows, not 0, that of the columns holds some of no more dwellings than `left`. */
  function holdsFew(rows: readonly Row[], columns: readonly number[], left: number): boolean {
    if (rows.length === 0) return false
    if (++steps > MOST_STEPS) return true
    const at = columns.findIndex(column => rows.some(row => row[column] !== 0n))
    if (at < 0) return true
    const column = columns[at]!
    const others = columns.slice(at + 1)
    const dwellings = hidden.get(closed[column]!)!
    return (
      holdsFew(eliminate(rows, column), others, left) ||
      (dwellings <= left && holdsFew(rows, others, left - dwellings))
    )
  }
}

/** Whether a sum is one of multiples of published figures. */
export function isComputable(sum: Form, published: readonly Form[]): boolean {
  const parts = [...new Set([sum, ...published].flatMap(form => [...form.keys()]))]
  const toRow = (form: Form) => toIntegers(parts.map(part => form.get(part)))
  const rows = independent(published.map(toRow))
  return independent([...rows, toRow(sum)]).length === rows.length
}

type Row = readonly bigint[]

/** Multiples of decimals, so that all are whole. */
function toIntegers(values: readonly (Decimal | undefined)[]): Row {
  const scale = Math.max(0, ...values.map(value => value?.scale ?? 0))
  return reduced(values.map(value => (value ? value.digits * 10n ** BigInt(scale - value.scale) : 0n)))
}

/** Rows that span what the rows do where a column is 0. */
function eliminate(rows: readonly Row[], column: number): Row[] {
  const pivot = rows.find(row => row[column] !== 0n)
  if (!pivot) return [...rows]
  return rows
    .filter(row => row !== pivot)
    .map(row =>
      row[column] === 0n
        ? row
        : reduced(row.map((value, at) => value * pivot[column]! - pivot[at]! * row[column]!)),
    )
}

/** As many rows as are needed for the same span. */
function independent(rows: readonly Row[]): Row[] {
  const kept: Row[] = []
  let rest = rows.filter(row => row.some(value => value !== 0n))
  while (rest.length > 0) {
    const first = rest[0]!
    kept.push(first)
    const column = first.findIndex(value => value !== 0n)
    rest = eliminate(rest, column).filter(row => row.some(value => value !== 0n))
  }
  return kept
}

/** The same direction in the smallest whole numbers. */
function reduced(row: Row): Row {
  const divisor = row.reduce(gcd, 0n)
  return divisor > 1n ? row.map(value => value / divisor) : row
}

function gcd(a: bigint, b: bigint): bigint {
  let [one, other] = [a < 0n ? -a : a, b < 0n ? -b : b]
  while (other !== 0n) [one, other] = [other, one % other]
  return one
}
