import type { Logger } from 'pino'
import { pauseAfter } from '../model/backoff.ts'
import type { Interval } from '../model/calendar.ts'
import type { Clock } from '../model/clock.ts'
import type { Exclusion } from '../model/exclusion.ts'
import type { RevisionReason } from '../model/revision.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../model/time.ts'
import { limitHeld } from '../model/workshare.ts'
import type { Meter, Registry } from '../registry/registry.ts'
import type { FigureStore } from '../store/figures.ts'
import { type ReadingStore, StoreUnavailableError } from '../store/readings.ts'
import type { RevisionStore } from '../store/revisions.ts'
import type { StatementStore } from '../store/statements.ts'
import { createClosing } from './closing.ts'
import { computeInPieces, recompute } from './recompute.ts'
import { basisOf, findStale } from './stale.ts'

/** Keeps the consumption figures of all meters in step with the stored readings. */
export interface Fluids {
  /**
   * Readings of a point were stored; their source times lie between these two, both inclusive. Points
   * without a meter are ignored. Cheap enough to be called for each reading.
   */
  changed(point: string, from: number, to: number): void
  /** Something else is stated of a meter than before. */
  restated(meter: string): void
  /** Resolves when every change so far is in the figures; rejects when a store fails, and work goes on later. */
  settled(): Promise<void>
  /** Readings of a meter between two source times, both inclusive, that consumption leaves out, and why. */
  exclusions(meter: string, from: number, to: number): Promise<Exclusion[]>
  close(): Promise<void>
}

/** Times of which something is to be computed, and why. */
interface Change extends Interval {
  reasons: Set<RevisionReason>
}

/** Changes are gathered for so long, however many come. */
const GATHER_MS = 1000
const LONGEST_PAUSE_MS = MINUTE_MS
/** Changes no further apart are computed together. */
const TOGETHER_MS = DAY_MS
/** What many ask of a store in the same turn is answered at once. */
const METERS_AT_ONCE = 256
/** While some wait for a store, others compute. */
const GROUPS_AT_ONCE = 2
const LOGGED_AT_ONCE = 10
/** Each holds the days of all years of a meter. */
const CHECKED_AT_ONCE = 64

/**
 * Starts by finding out, meter by meter and in the background, where figures and readings disagree; so
 * neither a crash nor an import needs to be told of.
 */
export async function startFluids({
  registry,
  readings,
  figures,
  statements,
  revisions,
  closeAfter,
  clock,
  log,
  onProgress,
}: {
  registry: Registry
  readings: ReadingStore
  figures: FigureStore
  statements: StatementStore
  revisions: RevisionStore
  /** How long after its end a month is closed, ms. */
  closeAfter: number
  clock: Clock
  log: Logger
  /** Told which share of the meters agrees with the readings, 0 to 1, until all do. */
  onProgress?: (share: number) => void
}): Promise<Fluids> {
  const stores = { readings, figures, statements, timeZone: registry.territory.timeZone }
  const meters = [...registry.meters.values()]
  const metersOfPoints = Map.groupBy(meters, meter => meter.point?.id)
  const unchecked = new Set(meters)
  const behind = new Set(meters)
  const closing = createClosing({ figures, revisions, timeZone: stores.timeZone, closeAfter })
  const reviewed = new Map<Meter, number>()
  const changes = new Map<Meter, Change[]>()
  const restated = new Set<Meter>()
  const logged = new Map(meters.map(meter => [meter, new Set<number>()]))
  let timer: NodeJS.Timeout | undefined
  let working: Promise<void> | undefined
  let failures = 0
  let closed = false

  const whileChecking = limitHeld(CHECKED_AT_ONCE)

  const isWaiting = () => unchecked.size > 0 || changes.size > 0 || restated.size > 0

  function note(meter: Meter, { start, end }: Interval, ...reasons: readonly RevisionReason[]) {
    const ranges = changes.get(meter) ?? []
    changes.set(meter, ranges)
    const near = ranges.find(range => start <= range.end + TOGETHER_MS && end >= range.start - TOGETHER_MS)
    if (near) {
      near.start = Math.min(near.start, start)
      near.end = Math.max(near.end, end)
      for (const reason of reasons) near.reasons.add(reason)
    } else {
      ranges.push({ start, end, reasons: new Set(reasons) })
    }
  }

  async function update(meter: Meter) {
    if (unchecked.has(meter)) {
      const { reason, ranges } = await whileChecking(1, () => findStale(stores, meter, clock.now()))
      for (const range of ranges) note(meter, range, reason)
      unchecked.delete(meter)
    }
    restated.delete(meter)
    const told = statements.changes(meter.id)
    for (const change of told) note(meter, change, 'statements')
    const ranges = changes.get(meter) ?? []
    changes.delete(meter)
    try {
      for (; ranges.length > 0 && !closed; ranges.shift()) {
        const { touched, exclusions } = await recompute(stores, meter, ranges[0]!)
        logExclusions(meter, exclusions)
        await review(meter, touched, [...ranges[0]!.reasons])
      }
      if (!closed) await review(meter)
    } catch (error) {
      for (const range of ranges) note(meter, range, ...range.reasons)
      throw error
    }
    if (closed) return
    if (told.length > 0) statements.settle(told)
    if (behind.has(meter)) await rest(meter)
    if (behind.delete(meter)) onProgress?.(1 - behind.size / meters.length)
  }

  /** Closed months are looked at when they were touched, and when more of them are. */
  async function review(
    meter: Meter,
    touched: Interval = { start: Infinity, end: Infinity },
    reasons: readonly RevisionReason[] = ['found'],
  ) {
    const now = clock.now()
    const until = closing.closedUntil(now)
    if (touched.start >= until && reviewed.get(meter) === until) return
    await closing.review(meter, reasons, now)
    reviewed.set(meter, until)
  }

  /** All figures of a meter are right now: says by what. */
  async function rest(meter: Meter) {
    const basis = basisOf(meter, stores.timeZone)
    if ((await figures.basis(meter.id)) !== basis) await figures.setBasis(meter.id, basis)
  }

  /**
   * Goes through the meters that wait now, each once; one that fails keeps no other from its turn, a store that
   * is away all.
   */
  async function workOff() {
    const failed = new Map<Meter, unknown>()
    let isAway = false
    // Not those that come meanwhile: under a stream of readings that would never end.
    const due = [...new Set([...unchecked, ...changes.keys(), ...restated])]
    async function takeTurn(meter: Meter) {
      if (closed || isAway) return
      await update(meter).catch(error => {
        failed.set(meter, error)
        isAway ||= error instanceof StoreUnavailableError
      })
    }
    async function takeTurns() {
      while (due.length > 0) await Promise.all(due.splice(0, METERS_AT_ONCE).map(takeTurn))
    }
    await Promise.all(Array.from({ length: GROUPS_AT_ONCE }, takeTurns))
    failures = failed.size > 0 ? failures + 1 : 0
    const away = [...failed].filter(([, error]) => error instanceof StoreUnavailableError)
    if (away.length > 0) {
      const [meter, error] = away[0]!
      log.warn(
        { meter: meter.id, count: away.length, err: error },
        'the consumption of meters could not be computed while a store is away; it will be tried again',
      )
    }
    for (const [meter, error] of failed) {
      if (error instanceof StoreUnavailableError) continue
      log.warn(
        { meter: meter.id, err: error },
        'its consumption could not be computed; it will be tried again',
      )
    }
    if (failed.size > 0) throw failed.values().next().value
  }

  function logExclusions(meter: Meter, exclusions: readonly Exclusion[]) {
    const known = logged.get(meter)!
    const unknown = exclusions.filter(({ time }) => !known.has(time) && known.add(time))
    if (unknown.length === 0) return
    const excluded = unknown
      .slice(0, LOGGED_AT_ONCE)
      .map(({ time, value, reason }) => ({ time: new Date(time).toISOString(), value, reason }))
    log.warn({ meter: meter.id, count: unknown.length, excluded }, 'readings left out of consumption')
  }

  function work(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    working ??= workOff().finally(() => {
      working = undefined
      wake()
    })
    return working
  }

  function wake() {
    if (timer || working || closed || !isWaiting()) return
    const delay = pauseAfter(failures + 1, GATHER_MS, LONGEST_PAUSE_MS)
    timer = setTimeout(() => work().catch(() => {}), delay)
  }

  void work().catch(() => {})

  // Months are closed although nothing comes.
  const hourly = setInterval(() => {
    const until = closing.closedUntil(clock.now())
    for (const meter of meters) if (reviewed.get(meter) !== until) restated.add(meter)
    wake()
  }, HOUR_MS)

  return {
    changed(point, from, to) {
      for (const meter of metersOfPoints.get(point) ?? []) note(meter, { start: from, end: to }, 'readings')
      wake()
    },
    restated(id) {
      const meter = registry.meters.get(id)
      if (meter) restated.add(meter)
      wake()
    },
    async settled() {
      await working
      if (!closed && isWaiting()) await work()
    },
    async exclusions(id, from, to) {
      const meter = registry.meters.get(id)
      if (!meter) throw new Error(`No meter ${id} in the registry`)
      const found = new Map<number, Exclusion>()
      for await (const { exclusions } of computeInPieces(stores, meter, { start: from, end: to })) {
        for (const exclusion of exclusions) found.set(exclusion.time, exclusion)
      }
      return [...found.values()].filter(({ time }) => time >= from && time <= to)
    },
    async close() {
      closed = true
      clearTimeout(timer)
      clearInterval(hourly)
      await working?.catch(() => {})
    },
  }
}
