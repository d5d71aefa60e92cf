import type { StreamPosition } from '../../model/delivery.ts'
import type { QualityCode } from '../../model/quality.ts'
import type { Reading, ReadingColumns, Value } from '../../model/reading.ts'
import type { Part } from '../rollup.ts'
import type { Cell } from './connection.ts'

/** A string in InfluxQL. */
export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

/** A tag's value in line protocol. */
export function tagValue(text: string): string {
  return text.replaceAll(/[,= ]/g, '\\$&')
}

function textField(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

/** In the order of {@link toReading}. */
export const READING_FIELDS = '"num", "bool", "text", "quality", "gatewayTime"'

/** Each field has one type for ever; a boolean is also a number, so that InfluxQL can average it. */
export function readingLine(tag: string, columns: ReadingColumns, row: number): string {
  const rest = `quality=${textField(columns.qualities[row]!)},gatewayTime=${columns.gatewayTimes[row]}i`
  return `reading,point=${tag} ${valueFields(columns.values[row]!)}${rest} ${columns.times[row]}`
}

function valueFields(value: Value): string {
  switch (typeof value) {
    case 'number':
      return `num=${Object.is(value, -0) ? '-0' : value},`
    case 'boolean':
      return `num=${value ? 1 : 0},bool=${value},`
    case 'string':
      return `text=${textField(value)},`
    default:
      return ''
  }
}

export function toReading(point: string, row: readonly Cell[]): Reading {
  const [time, num, bool, text, quality, gatewayTime] = row
  return {
    point,
    time: time as number,
    value: bool ?? num ?? text ?? null,
    quality: quality as QualityCode,
    gatewayTime: gatewayTime as number,
  }
}

/** The hour's rollup is out of date from now on: to be written before the readings. */
export function dirtyLine(tag: string, hour: number): string {
  return `rollup_hour,point=${tag} dirty=true ${hour}`
}

/** In the order of {@link toHour}. */
export const HOUR_FIELDS = '"dirty", "count", "valid", "numbers", "sum", "min", "max", "first", "last"'

/** The rollup of an hour; without a part the hour holds no reading. */
export function hourLine(tag: string, hour: number, part: Part | undefined): string {
  const { count = 0, valid = 0, numbers = 0 } = part ?? {}
  let fields = `dirty=false,count=${count}i,valid=${valid}i,numbers=${numbers}i`
  for (const name of ['sum', 'min', 'max', 'first', 'last'] as const) {
    const value = part?.[name]
    if (typeof value === 'number') fields += `,${name}=${value}`
  }
  return `rollup_hour,point=${tag} ${fields} ${hour}`
}

export function toHour(row: readonly Cell[]): Part & { dirty: boolean } {
  const [start, dirty, count, valid, numbers, sum, min, max, first, last] = row as number[]
  const none = numbers ? undefined : null
  return {
    dirty: (dirty as unknown) !== false,
    start: start!,
    count: count!,
    valid: valid!,
    numbers: numbers!,
    sum: none ?? sum!,
    min: none ?? min!,
    max: none ?? max!,
    first: none ?? first!,
    last: none ?? last!,
  }
}

/** In the order of {@link toPart}. Booleans are in `num`, so numbers and texts are all valid values. */
export const STATISTICS =
  'count("quality"), count("num"), count("text"), sum("num"), min("num"), max("num"), first("num"), last("num")'

export function toPart(row: readonly Cell[]): Part {
  const [start, count, numbers, texts, sum, min, max, first, last] = row as (number | null)[]
  return {
    start: start!,
    count: count ?? 0,
    valid: (numbers ?? 0) + (texts ?? 0),
    numbers: numbers ?? 0,
    sum: sum!,
    min: min!,
    max: max!,
    first: first!,
    last: last!,
  }
}

/** One point in time a stream: always the same, so that the newest replaces the others. */
export function positionLine({ sender, stream, run, upTo, ranges }: StreamPosition): string {
  const tags = `sender=${tagValue(sender)},stream=${tagValue(stream)},run=${tagValue(run)}`
  return `position,${tags} upTo=${upTo}i,ranges=${textField(JSON.stringify(ranges))} 0`
}
