import { randomInt } from 'node:crypto'
import type { Logger } from 'pino'
import type { Clock } from '../model/clock.ts'
import type { ConnectionStatus } from '../model/delivery.ts'
import type { Point } from '../registry/registry.ts'
import { backoffMs } from './backoff.ts'
import type { Deliver, Driver, Sample, Session } from './driver.ts'
import { inBatches, PollSchedule } from './polling.ts'

/** What ran this long begins anew without a pause when it fails. */
const STEADY_MS = 30_000
/** Closing waits this long for a session; a connect under way may outlive it and then closes itself. */
const CLOSE_MS = 1000

export interface ConnectionOptions {
  driver: Driver
  points: readonly Point[]
  /** How long after the instants of the points' intervals they are read, ms. */
  phase?: number
  clock: Clock
  log: Logger
  /** Called with one sample a point at each of its instants, and with what the device says by itself. */
  deliver: Deliver
  onStatus: (status: ConnectionStatus) => void
}

/**
 * Keeps one connection: a loop that connects and connects again, and a loop that polls, connected or not.
 * Whatever either of them meets is logged, shown in the status, and followed by another try.
 */
export function startConnection(options: ConnectionOptions) {
  const { driver, points, phase = 0, clock, log, deliver, onStatus } = options
  const schedule = new PollSchedule(points, clock.now(), phase)
  /** Points that spoke by themselves since they were last due. */
  const heard = new Set<Point>()
  /** Points that nothing is known of for want of a connection. */
  const missed = new Set(points)
  /** Points that a read had no time for, and who was too slow. */
  const left = new Map<Point, string>()
  /** Which devices do not keep their intervals, in words for the installer. */
  const tooSlow = new Set<string>()
  /** Why points have no value, or a doubtful one, in words for the installer. */
  const faults = new Map<Point, string>()
  const connecting = createAlarm()
  const polling = createAlarm()
  let stopped = false
  let session: Session | undefined
  /** The first attempt to connect has come to something: before, nothing can be said of any point. */
  const attempted = Promise.withResolvers<void>()
  let status: ConnectionStatus = { state: 'connecting' }
  /** Why what was read last could not be journalled. */
  let undelivered: string | undefined

  function report(error: unknown, state = status.state) {
    if (stopped) return
    const { message } = error instanceof Error ? error : new Error(String(error))
    if (message !== status.error) log.warn({ err: error }, message)
    show({ state, error: message })
  }

  function show(next: ConnectionStatus) {
    if (stopped || (next.state === status.state && next.error === status.error)) return
    status = next
    onStatus(status)
    attempted.resolve()
  }

  function note({ point, fault }: Sample) {
    if (fault !== undefined) faults.set(point, fault)
    else if (faults.size > 0) faults.delete(point)
  }

  /** What is wrong while there is a connection: one thing, the worst first. */
  function trouble(): string | undefined {
    if (undelivered !== undefined) return undelivered
    if (tooSlow.size > 0) return [...tooSlow].join('; ')
    const [first] = faults
    if (!first) return session?.trouble
    const others = faults.size > 1 ? ` (and ${faults.size - 1} more)` : ''
    return `${first[0].id}${others}: ${first[1]}`
  }

  // Drivers deliver from inside their libraries' events, where an exception would end the process.
  const hand: Deliver = samples => {
    if (stopped) return
    try {
      deliver(samples)
      undelivered = undefined
    } catch (error) {
      report(error)
      undelivered = status.error
    }
  }

  /** One session, from connecting to its loss. */
  async function hold() {
    const current = await driver.connect()
    try {
      if (stopped) return
      session = current
      log.info('connected')
      show({ state: 'connected' })
      schedule.demand(missed)
      polling.wake()
      const lost = current.lost.then(error => {
        throw error
      })
      const subscribed = current.subscribe?.(points, samples => {
        for (const sample of samples) {
          heard.add(sample.point)
          note(sample)
        }
        hand(samples)
      })
      await Promise.race([lost, subscribed])
      await lost
    } finally {
      session = undefined
      heard.clear()
      await current.close()
    }
  }

  async function pollOnce() {
    await attempted.promise
    const taken = schedule.take(clock.now())
    const until = clock.elapsed() + schedule.dueIn(clock.now())
    const batches = inBatches(left.size > 0 ? withLeft(taken) : taken)
    for (const [index, batch] of batches.entries()) {
      if (stopped) return
      // The time of a cycle is up when points are due again: what is left is read behind those, a batch at least.
      if (index > 1 && schedule.isDue(clock.now())) {
        schedule.demand(batches.slice(index).flat())
        break
      }
      await serve(batch, until)
    }
    if (left.size === 0 && taken.length > 0) tooSlow.clear()
    if (!stopped) await polling.sleep(schedule.sleepMs(clock.now()))
  }

  /** What is due, and behind it what was left. */
  function withLeft(taken: readonly Point[]): Point[] {
    const due = new Set(taken)
    for (const [point, who] of left) {
      if (due.has(point)) complain(who)
      else due.add(point)
    }
    return [...due]
  }

  /** Once, until nothing is left. */
  function complain(who: string) {
    const message = `${who} answers too slowly for the intervals of its points: they are read as often as it answers, those of others in time; give them longer intervals`
    if (!tooSlow.has(message)) log.warn(message)
    tooSlow.add(message)
  }

  async function serve(due: readonly Point[], until: number) {
    const unheard = heard.size > 0 ? due.filter(point => !heard.delete(point)) : due
    let unread = unheard
    if (session && unheard.length > 0) {
      const answers: (readonly Sample[])[] = []
      try {
        const read: Deliver = samples => {
          answers.push(samples)
          const again: Point[] = []
          for (const sample of samples) {
            const { point, quality } = sample
            missed.delete(point)
            left.delete(point)
            note(sample)
            if (quality === 'bad:timeout') again.push(point)
          }
          if (again.length > 0) schedule.retry(again, clock.now())
          hand(samples)
        }
        await session.read(unheard, read, {
          until,
          leave(points, who) {
            for (const point of points) left.set(point, who)
          },
        })
        // Who cannot ask leaves out what there is nothing new to say of.
        unread = []
        if (session) show({ state: 'connected', error: trouble() })
      } catch (error) {
        report(error, 'failed')
        const answered = new Set(answers.flat().map(({ point }) => point))
        unread = unheard.filter(point => !answered.has(point))
      }
    } else if (session) show({ state: 'connected', error: trouble() })
    if (unread.length > 0) {
      for (const point of unread) {
        missed.add(point)
        left.delete(point)
      }
      hand(unread.map(point => ({ point, value: null, quality: 'bad:disconnected' })))
    }
  }

  async function supervise(step: () => Promise<void>, alarm: Alarm) {
    let failures = 0
    while (!stopped) {
      const start = clock.elapsed()
      try {
        await step()
        failures = 0
      } catch (error) {
        if (stopped) return
        report(error, 'failed')
        if (clock.elapsed() - start > STEADY_MS) failures = 0
        await alarm.sleep(backoffMs(failures++, randomInt(1000) / 1000))
      }
    }
  }

  onStatus(status)
  const loops = Promise.all([supervise(hold, connecting), supervise(pollOnce, polling)])

  return {
    async close(): Promise<void> {
      stopped = true
      attempted.resolve()
      connecting.wake()
      polling.wake()
      const bound = createAlarm()
      void Promise.all([session?.close(), loops]).then(bound.wake)
      await bound.sleep(CLOSE_MS)
    },
  }
}

interface Alarm {
  /** Waits, at most until it is woken. */
  sleep(ms: number): Promise<void>
  wake(): void
}

function createAlarm(): Alarm {
  let wake = () => {}
  return {
    sleep: ms =>
      new Promise(resolve => {
        const timer = setTimeout(resolve, ms)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      }),
    wake: () => wake(),
  }
}
