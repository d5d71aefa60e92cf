import { type Envelope, type Gap, RESERVED_SENDERS, STREAMS, type Stream } from '../model/delivery.ts'
import { ID_PATTERN } from '../model/point-id.ts'
import { isTime } from '../model/time.ts'

/** A batch as it was understood: what is sound in it, and what is not. */
export interface Decoded<B extends Envelope> {
  /** Carries the sound entries only. */
  batch: B
  /** The number of each of them. */
  numbers: number[]
  /** How many entries came, sound or not: they have the numbers first … first + count − 1. */
  count: number
  rejected: Rejected[]
}

/** An entry that is not sound, with the field at fault. */
export interface Rejected {
  number: number
  reason: string
  entry: unknown
}

/** The numbers that a batch carried, where at least these could be read. */
export interface Carried {
  stream: Stream
  run: string
  first: number
  count: number
}

/** A payload that is no batch, or a batch of which nothing can be used. The message names the field at fault. */
export class MalformedBatchError extends Error {
  override readonly name = 'MalformedBatchError'
  readonly carried: Carried | undefined

  constructor(reason: string, carried?: Carried) {
    super(reason)
    this.carried = carried
  }
}

/** A message of ours is far shorter; reading a longer one would hold up everything else. */
export const MAX_MESSAGE_BYTES = 16 * 1024 ** 2
/** A sender announces them one by one, and the cost of taking them in grows with their square. */
const MAX_GAPS = 1000
const MAX_SENDER_LENGTH = 100

type Fields = Record<string, unknown>

const RUN_PATTERN = /^[0-9a-zA-Z-]{1,64}$/
const REASONS: readonly unknown[] = ['outbox-full', 'corrupt'] satisfies Gap['reason'][]

/**
 * The envelope of a payload, checked, and its other fields.
 * @throws MalformedBatchError
 */
export function decodeEnvelope(
  payload: Buffer | string,
  streams: readonly Stream[],
  countEntries: (fields: Fields) => number | undefined,
): { envelope: Envelope; fields: Fields; count: number } {
  const fields = parseObject(payload)
  const carried = carriedBy(fields, streams, countEntries)
  const fail = (reason: string) => new MalformedBatchError(reason, carried)
  if (fields.version !== 1) throw new MalformedBatchError(`version is ${show(fields.version)}, not 1`)
  if (!carried) throw fail('stream, run, first or the entries cannot be read')
  const { sender, sent, backlog, gaps } = fields
  const named = typeof sender === 'string' && sender.length <= MAX_SENDER_LENGTH && ID_PATTERN.test(sender)
  if (!named || RESERVED_SENDERS.has(sender))
    throw fail(`sender ${show(sender)} is not an identifier of a sender`)
  if (!isTime(sent)) throw fail(`sent ${show(sent)} is not a time in ms UTC`)
  if (typeof backlog !== 'boolean') throw fail(`backlog ${show(backlog)} is not true or false`)
  const { stream, run, first, count } = carried
  const envelope: Envelope = { version: 1, sender, stream, run, first, sent, backlog }
  if (gaps !== undefined) envelope.gaps = checkGaps(gaps, first, fail)
  return { envelope, fields, count }
}

function parseObject(payload: Buffer | string): Fields {
  if (payload.length > MAX_MESSAGE_BYTES)
    throw new MalformedBatchError(`has ${payload.length} bytes, more than ${MAX_MESSAGE_BYTES}`)
  let parsed: unknown
  try {
    parsed = JSON.parse(payload.toString())
  } catch (error) {
    throw new MalformedBatchError(`not JSON: ${(error as Error).message}`)
  }
  if (!isObject(parsed)) throw new MalformedBatchError('not a JSON object')
  return parsed
}

function carriedBy(
  fields: Fields,
  streams: readonly Stream[],
  countEntries: (fields: Fields) => number | undefined,
): Carried | undefined {
  const stream = STREAMS.find(name => name === fields.stream)
  const { run, first } = fields
  const count = countEntries(fields)
  if (!stream || !streams.includes(stream)) return undefined
  if (typeof run !== 'string' || !RUN_PATTERN.test(run)) return undefined
  if (!Number.isSafeInteger(first) || (first as number) < 1 || count === undefined) return undefined
  if (!Number.isSafeInteger((first as number) + count)) return undefined
  return { stream, run, first: first as number, count }
}

function checkGaps(gaps: unknown, first: number, fail: (reason: string) => Error): Gap[] {
  if (!Array.isArray(gaps)) throw fail('gaps is not a list')
  if (gaps.length > MAX_GAPS) throw fail(`gaps has ${gaps.length} entries, more than ${MAX_GAPS}`)
  for (const [i, gap] of gaps.entries()) {
    const reason = gapFault(gap, first)
    if (reason) throw fail(`gaps[${i}]: ${reason}`)
  }
  return gaps as Gap[]
}

function gapFault(gap: unknown, first: number): string | undefined {
  if (!isObject(gap)) return 'not an object'
  const range = gap.range
  if (!Array.isArray(range) || range.length !== 2 || !range.every(number => Number.isSafeInteger(number)))
    return 'range is not two numbers'
  if (range[0] < 1 || range[1] < range[0] || range[1] >= first) return `range does not lie before first`
  if (!isTime(gap.from) || !isTime(gap.to)) return 'from or to is not a time in ms UTC'
  if (!isObject(gap.counts) || !Object.values(gap.counts).every(count => Number.isSafeInteger(count)))
    return 'counts are not whole numbers'
  if (!REASONS.includes(gap.reason)) return `unknown reason ${show(gap.reason)}`
  return undefined
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value as an error shows it: short, whatever it is. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
