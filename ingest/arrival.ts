import { type Decoded, MAX_MESSAGE_BYTES, MalformedBatchError } from '../bus/envelope.ts'
import { senderOf } from '../bus/topics.ts'
import type { Envelope, StreamPosition } from '../model/delivery.ts'
import { payloadText, type QuarantineItem } from '../store/quarantine.ts'
import type { Numbers, StreamKey } from './positions.ts'

/** A message as ingest understood it. */
export interface Arrival<B extends Envelope> {
  /** The numbers that it accounts for; undefined where not even these could be read. */
  carried?: StreamKey & Numbers
  /** What can be stored of it. */
  decoded?: Decoded<B>
  /** What cannot. */
  unusable: QuarantineItem[]
  /** When it came, ms UTC. */
  arrived: number
  /** How long the message was. */
  bytes: number
}

/** An arrival that carries numbers of which some are new. */
export interface FreshArrival<B extends Envelope> extends Arrival<B> {
  carried: StreamKey & Numbers
  /** Where its stream stood before. */
  before: StreamPosition
}

/** Understands a message; what is wrong with it becomes a part of the answer, never an error. */
export function readArrival<B extends Envelope>(
  topic: string,
  payload: Buffer,
  decode: (payload: Buffer) => Decoded<B>,
  arrived: number,
): Arrival<B> {
  const sender = senderOf(topic)
  try {
    const decoded = decode(payload)
    const { batch, count, rejected } = decoded
    if (batch.sender !== sender)
      throw new MalformedBatchError(`sender is ${batch.sender}, the topic is that of ${sender}`)
    const { stream, run, first, gaps } = batch
    const place = { time: arrived, sender, stream, run }
    const unusable = rejected.map(({ number, reason, entry }): QuarantineItem => {
      return { kind: 'rejected', reason, ...place, first: number, last: number, payload: entry }
    })
    return {
      carried: { sender, stream, run, first, count, gaps },
      decoded,
      unusable,
      arrived,
      bytes: payload.length,
    }
  } catch (error) {
    const { message: reason, carried } = error as MalformedBatchError
    const item: QuarantineItem = {
      kind: 'malformed',
      reason,
      time: arrived,
      sender,
      topic,
      ...kept(payload),
    }
    if (!carried) return { unusable: [item], arrived, bytes: payload.length }
    const { stream, run, first, count } = carried
    const unusable = [{ ...item, stream, run, first, last: first + count - 1 }]
    return { carried: { sender, ...carried }, unusable, arrived, bytes: payload.length }
  }
}

/** The most entries that are joined. */
const LARGEST = 5000
/** How far apart they may come: the time of the first stands for all. */
const LONGEST_MS = 1000

/**
 * Adds what came to an arrival of the same stream that it continues, as if both had come in one message: what
 * small messages cost beyond their reading is then paid once for many. Returns false where it is none.
 */
export function joinArrival<B extends Envelope>(
  arrival: Arrival<B>,
  next: Arrival<B>,
  join: (batch: B, more: B) => void,
): boolean {
  const { carried, decoded } = arrival
  if (!carried || !decoded || !next.carried || !next.decoded) return false
  if (next.carried.first !== carried.first + carried.count || next.carried.gaps) return false
  if (carried.count + next.carried.count > LARGEST || next.arrived - arrival.arrived > LONGEST_MS)
    return false
  join(decoded.batch, next.decoded.batch)
  for (const number of next.decoded.numbers) decoded.numbers.push(number)
  decoded.rejected.push(...next.decoded.rejected)
  decoded.count += next.decoded.count
  carried.count += next.carried.count
  arrival.unusable.push(...next.unusable)
  arrival.bytes += next.bytes
  return true
}

const BEGINNING_BYTES = 1000

/** A payload for the quarantine: whole, or the beginning of one that is too long to be read. */
function kept(payload: Buffer): Pick<QuarantineItem, 'payload' | 'truncated'> {
  if (payload.length <= MAX_MESSAGE_BYTES) return { payload: payloadText(payload) }
  return { payload: payloadText(payload.subarray(0, BEGINNING_BYTES)), truncated: true }
}
