import type { Interval } from '../../model/calendar.ts'
import type { StreamPosition } from '../../model/delivery.ts'
import { type LedgerEntry, OUTCOMES, type Outcome } from '../../model/ledger.ts'
import type { QualityCode } from '../../model/quality.ts'
import type { Reading, ReadingColumns, Value } from '../../model/reading.ts'
import type { Part } from '../rollup.ts'
import type { Cell } from './connection.ts'

/** A string in InfluxQL. */
export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

export const ALL_TIMES: Interval = { start: -Infinity, end: Infinity }

/** What InfluxDB can name: 1677 to 2262. */
const TIME_LIMIT_MS = 9.2e12

/** A condition in InfluxQL. */
export function between({ start, end }: Interval): string {
  const literal = (time: number) => Math.max(-TIME_LIMIT_MS, Math.min(TIME_LIMIT_MS, Math.ceil(time)))
  return `time >= ${literal(start)}ms AND time < ${literal(end)}ms`
}

/** A tag's value in line protocol. */
export function tagValue(text: string): string {
  return text.replaceAll(/[,= ]/g, '\\$&')
}

function textField(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

/** In the order of {@link toReading}. */
export const READING_FIELDS = '"num", "bool", "text", "quality", "lag", "gatewayTime"'

/**
 * Each field has one type for ever; a boolean is also a number, so that InfluxQL can average it. A field costs
 * InfluxDB as much again as the value, so what goes without saying is left out: the quality `good`, and no time
 * between source and gateway.
 */
export function readingLine(tag: string, columns: ReadingColumns, row: number): string {
  const time = columns.times[row]!
  let fields = valueFields(columns.values[row]!)
  const quality = columns.qualities[row]!
  if (quality !== 'good') fields += `,quality=${textField(quality)}`
  const lag = columns.gatewayTimes[row]! - time
  if (lag !== 0) fields += `,lag=${lag}i`
  return `reading,point=${tag} ${fields} ${time}`
}

function valueFields(value: Value): string {
  switch (typeof value) {
    case 'number':
      return Object.is(value, -0) ? 'num=-0' : `num=${value}`
    case 'boolean':
      return `num=${value ? 1 : 0},bool=${value}`
    case 'string':
      return `text=${textField(value)}`
    default:
      // So that what has no value can be counted.
      return 'none=true'
  }
}

/** `gatewayTime`, and `quality` in every reading, are how it was written before `lag`. */
export function toReading(point: string, row: readonly Cell[]): Reading {
  const [time, num, bool, text, quality, lag, gatewayTime] = row
  return {
    point,
    time: time as number,
    value: bool ?? num ?? text ?? null,
    quality: (quality ?? 'good') as QualityCode,
    gatewayTime: (gatewayTime as number | null) ?? (time as number) + ((lag as number | null) ?? 0),
  }
}

/** What a rollup sums up: an hour of UTC, or a civil day of the store's time zone. */
export type RollupBy = 'hour' | 'day'

/** The rollup is out of date from now on: to be written before the readings. */
export function dirtyLine(by: RollupBy, tag: string, start: number): string {
  return `rollup_${by},point=${tag} dirty=true ${start}`
}

/** In the order of {@link toRollup}. */
export const ROLLUP_FIELDS = '"count", "valid", "numbers", "sum", "min", "max", "first", "last"'

/** The rollup of an hour or a day; without a part that holds no reading. */
export function rollupLine(by: RollupBy, tag: string, start: number, part: Part | undefined): string {
  const { count = 0, valid = 0, numbers = 0 } = part ?? {}
  let fields = `dirty=false,count=${count}i,valid=${valid}i,numbers=${numbers}i`
  for (const name of ['sum', 'min', 'max', 'first', 'last'] as const) {
    const value = part?.[name]
    if (typeof value === 'number') fields += `,${name}=${value}`
  }
  return `rollup_${by},point=${tag} ${fields} ${start}`
}

/** Each day of the point has a rollup by this time zone, or is marked as out of date. */
export function daysMadeLine(tag: string, timeZone: string): string {
  return `rollup_day,point=${tag} time_zone=${textField(timeZone)} ${MARK_TIME}`
}

export function toRollup(row: readonly Cell[]): Part {
  const [start, count, valid, numbers, sum, min, max, first, last] = row as number[]
  const none = numbers ? undefined : null
  return {
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
  'count("none"), count("num"), count("text"), sum("num"), min("num"), max("num"), first("num"), last("num")'

export function toPart(row: readonly Cell[]): Part {
  const [start, none, numbers, texts, sum, min, max, first, last] = row as (number | null)[]
  const valid = (numbers ?? 0) + (texts ?? 0)
  return {
    start: start!,
    count: valid + (none ?? 0),
    valid,
    numbers: numbers ?? 0,
    sum: sum!,
    min: min!,
    max: max!,
    first: first!,
    last: last!,
  }
}

/** The counts of a sender's stream in an hour, by outcome. */
export interface HourCounts extends Pick<LedgerEntry, 'sender' | 'stream' | 'hour'> {
  counts: Map<Outcome, number>
}

/** In the order of {@link toHourCounts}. */
export const LEDGER_FIELDS = OUTCOMES.map(outcome => `"${outcome}"`).join(', ')

/** Stamped with the hour; a field for each outcome that there was. */
export function ledgerLine({ sender, stream, hour, counts }: HourCounts): string {
  const fields = [...counts].map(([outcome, count]) => `${outcome}=${count}i`).join(',')
  return `ledger,sender=${tagValue(sender)},stream=${tagValue(stream)} ${fields} ${hour}`
}

export function toHourCounts(tags: Record<string, string>, row: readonly Cell[]): HourCounts {
  const [hour, ...counts] = row as (number | null)[]
  const present = OUTCOMES.flatMap((outcome, i) => {
    const count = counts[i]
    return count == null ? [] : [[outcome, count] as const]
  })
  const stream = tags.stream as LedgerEntry['stream']
  return { sender: tags.sender!, stream, hour: hour!, counts: new Map(present) }
}

/** In the order of {@link toPosition}. */
export const POSITION_FIELDS = '"upTo", "ranges", "ledger"'

/** A position and the hours of the ledger that changed with it. */
export interface CarryingPosition {
  position: StreamPosition
  carried: HourCounts[]
}

/** Of what is no reading: always the same, so that the newest replaces the others; so late that no retention of a bucket reaches it. */
export const MARK_TIME = Date.UTC(2200, 0, 1)

/** One point in time a stream. Its field `ledger` is JSON: pairs of an hour and its counts by outcome. */
export function positionLine({ position, carried }: CarryingPosition): string {
  const { sender, stream, run, upTo, ranges } = position
  const tags = `sender=${tagValue(sender)},stream=${tagValue(stream)},run=${tagValue(run)}`
  const ledger = JSON.stringify(carried.map(({ hour, counts }) => [hour, Object.fromEntries(counts)]))
  return `position,${tags} upTo=${upTo}i,ranges=${textField(JSON.stringify(ranges))},ledger=${textField(ledger)} ${MARK_TIME}`
}

export function toPosition(tags: Record<string, string>, row: readonly Cell[]): CarryingPosition {
  const [, upTo, ranges, ledger] = row
  const sender = tags.sender!
  const stream = tags.stream as StreamPosition['stream']
  const hours: [number, Record<Outcome, number>][] = JSON.parse((ledger as string | null) ?? '[]')
  return {
    position: {
      sender,
      stream,
      run: tags.run!,
      upTo: upTo as number,
      ranges: JSON.parse(ranges as string),
    },
    carried: hours.map(([hour, counts]) => {
      return { sender, stream, hour, counts: new Map(Object.entries(counts) as [Outcome, number][]) }
    }),
  }
}
