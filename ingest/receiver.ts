import type { Logger } from 'pino'
import { encodeAcknowledgement } from '../bus/acknowledgement.ts'
import type { Bus } from '../bus/contract.ts'
import type { Decoded } from '../bus/envelope.ts'
import { senderOf, topics } from '../bus/topics.ts'
import type { Clock } from '../model/clock.ts'
import { type Envelope, RESERVED_SENDERS, type StreamPosition } from '../model/delivery.ts'
import type { Quarantine, QuarantineItem } from '../store/quarantine.ts'
import { type Arrival, type FreshArrival, joinArrival, readArrival } from './arrival.ts'
import { persist } from './persist.ts'
import { advance, beginning, countNew, isGapKnown, isRepeat, keyOf, type StreamKey } from './positions.ts'
import { StreamLimit } from './stream-limit.ts'

/** What ingest has done since it started. */
export type IngestCounters = {
  /** Messages, and the entries that they carried. */
  batches: number
  received: number
  /** Entries that were new; that were there already. */
  written: number
  repeated: number
  /** Entries and payloads that went to the quarantine. */
  quarantined: number
  /** Numbers that senders announced as lost. */
  lost: number
  /** Messages left unread because too much was waiting; they come again. */
  dropped: number
  /** Attempts to store that failed and were repeated. */
  retries: number
}

export interface Stored {
  written: number
  repeated: number
  /** How many entries the store holds otherwise or fails on. */
  setAside: number
}

/** Puts entries into the quarantine; resolves when they are on the disk. */
export type SetAside = (items: readonly QuarantineItem[]) => Promise<void>

export interface ReceiverOptions<B extends Envelope> {
  bus: Bus
  /** Another connection, on which batches are heard and nothing is said; default: the same. */
  heardOn?: Bus
  filter: string
  clock: Clock
  log: Logger
  quarantine: Quarantine
  decode(payload: Buffer): Decoded<B>
  /** Adds the entries of a batch to another, where many small batches are worth it. */
  join?(batch: B, more: B): void
  /** Where the streams stand; asked until it answers, before anything is stored. */
  positions(): Promise<readonly StreamPosition[]>
  /** Whose batches are taken; default: everyone's. */
  owns?(sender: string): boolean
  /** Whether all senders are asked on each connect to send again; default: yes. */
  greetsAll?: boolean
  /**
   * Stores what came, sets aside what cannot be stored, then stores the positions that all of it completes.
   * What it throws for is tried again.
   */
  store(
    arrivals: readonly FreshArrival<B>[],
    positions: readonly StreamPosition[],
    setAside: SetAside,
  ): Promise<Stored>
  /** How many entries a sender may have under way while ingest keeps up. */
  window?: number
  /** How long batches are collected into one write, ms. */
  collectMs?: number
  /** How long after a write the next one is begun at the earliest, ms, where not too much waits; default: at once. */
  restMs?: number
  /** Messages that may wait or be under way to the store, bytes; those beyond are left to come again. */
  queueBytes?: number
}

export interface Receiver {
  stats(): IngestCounters
  /** Messages that wait or are under way to the store. */
  waitingBytes(): number
  /**
   * Finishes what is being stored, without repeating attempts that fail after the patience, and forgets where the
   * streams of senders stand that are not ours any more.
   */
  letGo(patienceMs: number): Promise<void>
  /** Where the streams of senders stand that are to become ours. */
  learn(positions: readonly StreamPosition[]): void
  /** Asks a sender to send again what is unacknowledged. */
  greet(sender: string): void
  /** Finishes what is being stored; what waits is not acknowledged and comes again. */
  close(): Promise<void>
}

const WINDOW = 5000
const SMALLEST_WINDOW = 500
const GROUP_SIZE = 20_000
/** A backlog may take half of a window: half of that, and the other half can be under way meanwhile. */
const FILLING = 4
const QUEUE_BYTES = 64 * 1024 ** 2
/** Of a stream that leaves more holes nothing is taken that would leave another one, until some are closed. */
const MAX_RANGES = 1000

/** Where few streams send, each may have so many times its window under way: the way there and back takes its time. */
const WIDEST = 4
const STREAMS_SHARING = 10

/** The window that a stream is given: smaller the more is waiting, larger while only so many send. */
export function windowFor(waitingBytes: number, queueBytes: number, window: number, streams: number): number {
  const free = Math.max(0, 1 - waitingBytes / queueBytes)
  const wide = window * Math.min(WIDEST, Math.max(1, STREAMS_SHARING / streams))
  return Math.max(Math.min(SMALLEST_WINDOW, window), Math.floor(wide * free))
}

/** Receives batches, stores them in groups, one write at a time, and only then acknowledges them. */
export async function startReceiver<B extends Envelope>(options: ReceiverOptions<B>): Promise<Receiver> {
  const { bus, quarantine, clock, log, window = WINDOW, collectMs = 50, queueBytes = QUEUE_BYTES } = options
  const { heardOn = bus, owns = () => true, greetsAll = true, restMs = 0 } = options
  const counters: IngestCounters = {
    batches: 0,
    received: 0,
    written: 0,
    repeated: 0,
    quarantined: 0,
    lost: 0,
    dropped: 0,
    retries: 0,
  }
  const ending = new AbortController()
  const queue: Arrival<B>[] = []
  /** The last arrival of each stream in the queue. */
  const lastOf = new Map<string, Arrival<B>>()
  /** What waits or is under way to the store. */
  const waiting = { entries: 0, bytes: 0 }
  /** Whether what waits holds somebody up. */
  let pressing = false
  let timer: NodeJS.Timeout | undefined
  /** When the last write began, monotonic ms. */
  let begun = Number.NEGATIVE_INFINITY
  let working: Promise<void> | undefined
  let group: { settled: Promise<void>; giveUp: AbortController } | undefined
  const positions = new Map<string, StreamPosition>()
  let streams = new StreamLimit([])
  const known = readPositions()
  known.catch(() => {}) // only the end of the receiver ends it

  function take(topic: string, payload: Buffer): void {
    const sender = senderOf(topic)
    if (ending.signal.aborted || RESERVED_SENDERS.has(sender) || !owns(sender)) return
    counters.batches++
    if (waiting.bytes > 0 && waiting.bytes + payload.length > queueBytes) {
      counters.dropped++
      return
    }
    const arrival = readArrival(topic, payload, options.decode, clock.now())
    counters.received += arrival.carried?.count ?? 0
    waiting.entries += weight(arrival)
    waiting.bytes += arrival.bytes
    const held = enqueue(arrival)
    // A sender whose window is filling would only wait with us.
    pressing ||= weight(held) >= window / FILLING
    if (!working) schedule()
  }

  /** What comes while a group is being written waits for the next one: or else each would be as small as a write is quick. */
  function schedule(): void {
    if (pressing || waiting.entries >= GROUP_SIZE) work()
    else timer ??= setTimeout(work, Math.max(collectMs, begun + restMs - clock.elapsed()))
  }

  /** Returns what the arrival has become a part of, or itself. */
  function enqueue(arrival: Arrival<B>): Arrival<B> {
    const { join } = options
    if (join && arrival.carried) {
      const key = keyOf(arrival.carried)
      const last = lastOf.get(key)
      if (last && joinArrival(last, arrival, join)) return last
      lastOf.set(key, arrival)
    }
    queue.push(arrival)
    return arrival
  }

  function work(): void {
    clearTimeout(timer)
    timer = undefined
    begun = clock.elapsed()
    working = writeGroup()
      .catch(error => {
        if (!ending.signal.aborted) log.error({ err: error }, 'ingest failed on a group')
      })
      .finally(() => {
        working = undefined
        if (queue.length > 0 && !ending.signal.aborted) schedule()
      })
  }

  async function writeGroup(): Promise<void> {
    let entries = 0
    let bytes = 0
    let taken = 0
    while (taken < queue.length && entries < GROUP_SIZE) {
      const arrival = queue[taken++]!
      entries += weight(arrival)
      bytes += arrival.bytes
    }
    lastOf.clear()
    const giveUp = new AbortController()
    const arrivals = queue.splice(0, taken)
    pressing = queue.length > 0
    const settled = settle(arrivals, AbortSignal.any([ending.signal, giveUp.signal])).finally(() => {
      waiting.entries -= entries
      waiting.bytes -= bytes
    })
    group = { settled, giveUp }
    await settled.catch(error => {
      // What was given up is another's by now, or comes again.
      if (!giveUp.signal.aborted) throw error
    })
  }

  function retrying(signal: AbortSignal) {
    return { log, signal, onRetry: () => void counters.retries++ }
  }

  function learn(known: readonly StreamPosition[]): void {
    streams.add(known.filter(position => !positions.has(keyOf(position))))
    for (const position of known) positions.set(keyOf(position), position)
  }

  async function readPositions(): Promise<void> {
    const attempts = retrying(ending.signal)
    learn(await persist('reading where the streams stand', options.positions, attempts))
  }

  async function settle(group: readonly Arrival<B>[], signal: AbortSignal): Promise<void> {
    await known
    const touched = new Map<string, StreamKey>()
    const ahead = new Map<string, StreamPosition>()
    const fresh: FreshArrival<B>[] = []
    const unusable: QuarantineItem[] = []
    let lost = 0
    for (const arrival of group) {
      const { carried, unusable: items } = arrival
      if (!carried) {
        unusable.push(...items)
        continue
      }
      if (!owns(carried.sender)) continue
      const key = keyOf(carried)
      const position = ahead.get(key) ?? positions.get(key) ?? beginning(carried)
      if (isRepeat(position, carried)) {
        touched.set(key, carried)
        counters.repeated += carried.count
        continue
      }
      const reached = advance(position, carried)
      if (reached.ranges.length > Math.max(MAX_RANGES, position.ranges.length)) {
        touched.set(key, carried)
        counters.dropped++
        continue
      }
      const refusal = ahead.has(key) || positions.has(key) ? undefined : streams.refuse(carried.sender)
      if (refusal) {
        unusable.push(refusedStream(carried, refusal, arrival.arrived))
        continue
      }
      touched.set(key, carried)
      const { sender, stream, run } = carried
      for (const gap of carried.gaps ?? []) {
        if (isGapKnown(position, gap)) continue
        const [first, last] = gap.range
        lost += last - first + 1
        const place = { time: arrival.arrived, sender, stream, run, first, last }
        unusable.push({ kind: 'gap', reason: gap.reason, ...place, payload: gap })
      }
      unusable.push(...items.map(item => ({ ...item, counted: countNew(position, item.first!, item.last!) })))
      fresh.push({ ...arrival, carried, before: position })
      ahead.set(key, reached)
    }
    const setAside = (items: readonly QuarantineItem[]) => keep(items, signal)
    await setAside(unusable)
    counters.quarantined += unusable.filter(item => item.kind !== 'gap').length
    if (ahead.size > 0) {
      const stored = await persist(
        'storing',
        () => options.store(fresh, [...ahead.values()], setAside),
        retrying(signal),
      )
      counters.written += stored.written
      counters.repeated += stored.repeated
      counters.quarantined += stored.setAside
    }
    counters.lost += lost
    for (const [key, position] of ahead) positions.set(key, position)
    for (const [key, stream] of touched) acknowledge(positions.get(key) ?? beginning(stream), touched.size)
  }

  async function keep(items: readonly QuarantineItem[], signal: AbortSignal): Promise<void> {
    if (items.length === 0) return
    await persist('writing to the quarantine', () => quarantine.append(items), retrying(signal))
    const { payload: _, ...example } = items[0]!
    log.warn({ items: items.length, example }, 'put into the quarantine')
  }

  function acknowledge({ sender, stream, run, upTo, ranges }: StreamPosition, streams: number): void {
    const answer = encodeAcknowledgement({
      version: 1,
      stream,
      run,
      upTo,
      ranges,
      window: windowFor(waiting.bytes, queueBytes, window, streams),
      time: clock.now(),
    })
    // A lost acknowledgement is no harm: the batch comes again and is answered again.
    bus.publish(topics.acknowledgements(sender), answer).catch(error => {
      log.debug({ sender, error: error.message }, 'an acknowledgement was not taken')
    })
  }

  await heardOn.subscribe(options.filter, take)
  const greeting = () => JSON.stringify({ version: 1, time: clock.now() })
  const greetAll = () => {
    if (!greetsAll || !bus.connected || !heardOn.connected) return
    bus.publish(topics.ingestHello, greeting()).catch(error => {
      log.debug({ error: error.message }, 'the greeting was not taken')
    })
  }
  const stops = [...new Set([bus, heardOn])].map(each => each.onConnect(greetAll))

  return {
    stats: () => ({ ...counters }),
    waitingBytes: () => waiting.bytes,
    async letGo(patienceMs) {
      const { settled, giveUp } = group ?? {}
      const patience = setTimeout(() => giveUp?.abort(), patienceMs)
      // Its error is told where the group is worked on.
      await settled?.catch(() => {})
      clearTimeout(patience)
      for (const [key, { sender }] of positions) if (!owns(sender)) positions.delete(key)
      streams = new StreamLimit([...positions.values()])
    },
    learn,
    greet(sender) {
      bus.publish(topics.hello(sender), greeting()).catch(error => {
        log.debug({ sender, error: error.message }, 'the greeting was not taken')
      })
    },
    async close() {
      for (const stop of stops) stop()
      clearTimeout(timer)
      ending.abort()
      await working
    },
  }
}

/** A message weighs something even when it carries nothing. */
function weight(arrival: Arrival<Envelope>): number {
  return Math.max(1, arrival.carried?.count ?? 1)
}

/** Its entries stay with the sender: only that it was there is kept. */
function refusedStream({ sender, stream, run }: StreamKey, reason: string, time: number): QuarantineItem {
  return { kind: 'refused', reason, time, sender, stream, run, counted: 0, payload: null }
}
