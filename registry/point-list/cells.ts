import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../model/time.ts'
import type { Column } from './columns.ts'

/** Cells as text: what one says, and how one is written. */

type States = Record<string, string | boolean>
export type CellValue = string | string[] | number | number[] | States

const NUMBER = /^[+-]?\d+(?:[.,]\d+)?(?:e[+-]?\d+)?$/i
const HEXADECIMAL = /^0x[\da-f]+$/i

/** What a cell that is not empty says. @throws RangeError that says how it is written. */
export function parseCell({ kind }: Column, text: string): CellValue {
  switch (kind) {
    case 'text':
      return text
    case 'word':
    case 'duration':
      return text.trim()
    case 'words':
      return text.trim().split(/[\s,;]+/)
    case 'number':
      return parseNumber(text.trim())
    case 'number or share':
      return text.trim().endsWith('%') ? text.trim() : parseNumber(text.trim())
    case 'numbers':
      return text.trim().split(/\s+/).map(parseNumber)
    case 'states':
      return Object.fromEntries(text.split(';').map(parseState))
  }
}

/** `0=off`; true and false are what they say. */
function parseState(text: string): [string, string | boolean] {
  const [, number, name] = /^\s*(-?\d+)\s*=\s*(.*\S)\s*$/.exec(text) ?? []
  if (number === undefined || name === undefined)
    throw new RangeError(`${text.trim()} is no state: write them like 0=off; 1=heating`)
  return [number, name === 'true' || name === 'false' ? name === 'true' : name]
}

/** With a decimal point or comma; a separator of thousands would be taken for one, and is refused. */
function parseNumber(text: string): number {
  if (HEXADECIMAL.test(text)) return Number(text)
  if (!NUMBER.test(text)) throw new RangeError(`${text} is no number: write it like 1234.5 or 1234,5`)
  return Number(text.replace(',', '.'))
}

export type DecimalMark = '.' | ','

export function formatCell({ kind }: Column, value: unknown, mark: DecimalMark): string {
  if (value === undefined) return ''
  if (kind === 'duration') return formatDuration(value as number)
  if (kind === 'states')
    return Object.entries(value as States)
      .map(([number, name]) => `${number}=${name}`)
      .join('; ')
  const numbers = [value]
    .flat()
    .map(part => (typeof part === 'number' ? formatNumber(part, mark) : String(part)))
  return numbers.join(' ')
}

/** Minus zero keeps its sign, which String() leaves out. */
function formatNumber(value: number, mark: DecimalMark): string {
  return Object.is(value, -0) ? '-0' : String(value).replace('.', mark)
}

const UNITS = { d: DAY_MS, h: HOUR_MS, min: MINUTE_MS, s: 1000, ms: 1 }

/** In the largest unit of which it is a whole number: 600000 ms are 10min. */
function formatDuration(ms: number): string {
  const [name, length] = Object.entries(UNITS).find(([, length]) => ms >= length && ms % length === 0) ?? [
    'ms',
    1,
  ]
  return `${ms / length}${name}`
}
