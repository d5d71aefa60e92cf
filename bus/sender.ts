import type { Logger } from 'pino'
import type { AlertEvent } from '../model/alert.ts'
import { type Clock, MAX_CLOCK_OFFSET_MS } from '../model/clock.ts'
import type { Envelope, SenderStatus, Stream } from '../model/delivery.ts'
import { STREAMS } from '../model/delivery.ts'
import { type Reading, toColumns } from '../model/reading.ts'
import { decodeAcknowledgement } from './acknowledgement.ts'
import { encodeAlertBatch } from './alert-codec.ts'
import { encodeReadingBatch } from './codec.ts'
import type { Bus, Entry, Outbox, OutboxSlice, Sender } from './contract.ts'
import { limitOutboxes, type OutboxLimits } from './outbox-limits.ts'
import { nextUncovered } from './ranges.ts'
import { dueAgain, planStep, SENDING_LIMITS, type SendingLimits, type Step, startOver } from './sending.ts'
import { topics } from './topics.ts'

export interface SenderOptions {
  sender: string
  /** What it is, for its status: `gateway`, `rules`, … */
  role: string
  bus: Bus
  /** One for each run of a stream, the newest first; they stay the caller's to close. */
  outboxes: readonly (Outbox<Reading> | Outbox<AlertEvent>)[]
  clock: Clock
  log: Logger
  limits?: Partial<SendingLimits>
  /** What the outboxes may hold, together. */
  outboxLimits?: Partial<OutboxLimits>
  /** Called with the hub's time, ms UTC, at each acknowledgement. */
  onHubTime?: (time: number) => void
}

/** Entries that may be under way before ingest has named its window. */
const FIRST_WINDOW = 5000
const STATUS_INTERVAL_MS = 30_000
const GOODBYE_MS = 500

/** The last will of a sender, for {@link connectBus}: its status with `online: false`. */
export function statusWill(status: { sender: string; role: string; registry: string; time: number }): {
  topic: string
  payload: string
} {
  const offline: SenderStatus = { version: 1, ...status, online: false }
  return { topic: topics.status(status.sender), payload: JSON.stringify(offline) }
}

/**
 * Sends what outboxes hold over a bus, again and again until ingest has acknowledged it, and keeps them
 * within their limits.
 */
export function startSender(options: SenderOptions): Sender {
  const { sender, bus, clock, log } = options
  const limits = { ...SENDING_LIMITS, ...options.limits }
  const outboxes = [...options.outboxes].sort((a, b) => STREAMS.indexOf(a.stream) - STREAMS.indexOf(b.stream))
  const streams = outboxes.map(outbox => startOver(outbox.next, FIRST_WINDOW))
  const limited = limitOutboxes({ outboxes, limits: options.outboxLimits, clock, log })
  const waiters = new Set<() => void>()
  let backlogFrom = clock.elapsed()
  let clockOffset: number | undefined
  let status: Parameters<Sender['setStatus']>[0] = { role: options.role, registry: '' }
  let statusDue = true
  let timer: NodeJS.Timeout | undefined
  let soon: NodeJS.Immediate | undefined
  let closed = false

  function restart(): void {
    for (const [i, outbox] of outboxes.entries()) streams[i] = startOver(outbox.next, streams[i]!.window)
    statusDue = true
    wake()
  }

  /** Runs the loop once, after all that happens now. */
  function wake(): void {
    if (!closed) soon ??= setImmediate(run)
  }

  function run(): void {
    soon = undefined
    clearTimeout(timer)
    if (statusDue) publishStatus(true)
    while (bus.connected) {
      const step = planStep(streams, backlogFrom, clock.elapsed(), limits)
      if ('send' in step) {
        send(step.send)
        continue
      }
      if (step.waitUntil < Number.POSITIVE_INFINITY)
        timer = setTimeout(wake, Math.max(1, Math.ceil(step.waitUntil - clock.elapsed())))
      return
    }
  }

  function send({
    stream,
    from,
    limit,
    backlog,
    repeats,
    of,
  }: Extract<Step, { send: unknown }>['send']): void {
    const outbox = outboxes[stream]!
    const progress = streams[stream]!
    const now = clock.elapsed()
    if (of) progress.underWay.splice(progress.underWay.indexOf(of), 1)
    const end = of ? of.last + 1 : backlog ? progress.liveFrom : progress.next
    const slice = outbox.read(from, Math.min(limit, end - from))
    const first = slice?.gaps?.[0]?.range[0] ?? slice?.first ?? end
    const reached = slice && first < end ? slice.first + slice.entries.length : end
    if (of) {
      if (reached < end) progress.underWay.push({ ...of, first: reached })
    } else if (backlog) {
      progress.backlog = Math.min(reached, end)
      backlogFrom = Math.max(backlogFrom, now) + ((slice?.entries.length ?? 0) * 1000) / limits.backlogRate
    } else {
      progress.live = reached
      progress.liveSent = now
    }
    if (!slice || first >= end) return
    progress.underWay.push({
      first,
      last: reached - 1,
      backlog,
      repeats,
      due: dueAgain(now, repeats, limits),
    })
    publish(outbox, slice, backlog)
  }

  function publish(
    { stream, run }: Pick<Outbox<Entry>, 'stream' | 'run'>,
    { first, entries, gaps }: OutboxSlice<Reading | AlertEvent>,
    backlog: boolean,
  ): void {
    const envelope: Envelope = {
      ...{ version: 1, sender, stream, run, first, sent: clock.now(), backlog },
      ...(gaps && { gaps }),
    }
    const topic = stream === 'alerts' ? topics.alertEvents(sender) : topics.readings(sender)
    bus.publish(topic, encodeBatch(envelope, entries)).catch(error => {
      log.debug({ stream, first, error: error.message }, 'a batch was not taken; it is sent again')
    })
  }

  function acknowledge(payload: Buffer): void {
    // The outboxes may be closed by then.
    if (closed) return
    const answer = decodeAcknowledgement(payload)
    if (!answer) {
      log.warn({ sender }, 'an acknowledgement cannot be read')
      return
    }
    const index = outboxes.findIndex(outbox => outbox.stream === answer.stream && outbox.run === answer.run)
    if (index < 0) return
    const progress = streams[index]!
    outboxes[index]!.acknowledge(answer.upTo, answer.ranges)
    progress.underWay = progress.underWay.filter(batch => nextUncovered(answer, batch.first) <= batch.last)
    progress.window = answer.window
    options.onHubTime?.(answer.time)
    noteOffset(answer.time - clock.now())
    for (const waiter of waiters) waiter()
    wake()
  }

  function noteOffset(offset: number): void {
    const [was, is] = [clockOffset, offset].map(ms => Math.abs(ms ?? 0) > MAX_CLOCK_OFFSET_MS)
    clockOffset = offset
    if (was === is) return
    statusDue = true
    if (is) log.warn({ sender, offsetMs: offset }, "this clock is not the hub's: set it, by NTP for instance")
    else log.info({ sender, offsetMs: offset }, "this clock is the hub's again")
  }

  function publishStatus(online: boolean): Promise<void> | undefined {
    if (!bus.connected) return undefined
    statusDue = false
    const waiting: SenderStatus['waiting'] = {}
    for (const { stream, waiting: entries } of outboxes) waiting[stream] = (waiting[stream] ?? 0) + entries
    const full: SenderStatus = {
      version: 1,
      sender,
      online,
      time: clock.now(),
      waiting,
      outbox: limited.status(),
      clockOffset,
      ...status,
    }
    return bus.publish(topics.status(sender), JSON.stringify(full), { retain: true }).catch(error => {
      log.debug({ error: error.message }, 'the status was not taken; it is published on the next connect')
    })
  }

  for (const topic of [topics.acknowledgements(sender), topics.hello(sender), topics.ingestHello]) {
    const handler =
      topic === topics.acknowledgements(sender)
        ? (_: string, payload: Buffer) => acknowledge(payload)
        : restart
    bus.subscribe(topic, handler).catch(error => log.error({ topic, error: error.message }, 'not subscribed'))
  }
  const stops = outboxes.map((outbox, i) =>
    outbox.onAppend(() => {
      const progress = streams[i]!
      progress.next = outbox.next
      wake()
    }),
  )
  stops.push(bus.onConnect(restart))
  const statusTimer = setInterval(() => publishStatus(true), STATUS_INTERVAL_MS)

  return {
    setStatus(next) {
      status = next
      statusDue = true
      wake()
    },
    drained(timeoutMs) {
      const waiting = () => outboxes.filter(outbox => outbox.waiting > 0)
      if (waiting().length === 0) return Promise.resolve()
      return new Promise((resolve, reject) => {
        const settle = () => {
          waiters.delete(check)
          clearTimeout(limit)
        }
        const limit = setTimeout(() => {
          settle()
          const left = waiting().map(outbox => `${outbox.waiting} in ${outbox.stream}`)
          reject(new Error(`${sender}: not acknowledged after ${timeoutMs} ms: ${left.join(', ')}`))
        }, timeoutMs)
        const check = () => {
          if (waiting().length > 0) return
          settle()
          resolve()
        }
        waiters.add(check)
      })
    },
    get clockOffset() {
      return clockOffset
    },
    askTime() {
      const outbox = outboxes[0]!
      if (bus.connected) publish(outbox, { first: outbox.next, entries: [] }, false)
    },
    async close() {
      if (closed) return
      closed = true
      for (const stop of stops) stop()
      limited.close()
      clearTimeout(timer)
      clearInterval(statusTimer)
      if (soon) clearImmediate(soon)
      const goodbye = publishStatus(false)
      if (goodbye) await Promise.race([goodbye, pause(GOODBYE_MS)])
    },
  }
}

function encodeBatch(envelope: Envelope, entries: OutboxSlice<Reading | AlertEvent>['entries']): string {
  return isAlerts(envelope)
    ? encodeAlertBatch({ ...envelope, events: entries as AlertEvent[] })
    : encodeReadingBatch({ ...envelope, readings: toColumns(entries as Reading[]) } as never)
}

function isAlerts(envelope: Envelope): envelope is Envelope & { stream: 'alerts' } {
  return envelope.stream === ('alerts' satisfies Stream)
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms).unref())
}
