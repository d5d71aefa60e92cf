import type { Logger } from 'pino'
import { decodeReadingBatch } from '../bus/codec.ts'
import type { Bus } from '../bus/contract.ts'
import { decodeForecasts } from '../bus/forecast-codec.ts'
import type { OutboxLimits } from '../bus/outbox-limits.ts'
import { openOutboxRuns } from '../bus/outbox-runs.ts'
import { startSender } from '../bus/sender.ts'
import type { Share } from '../bus/share.ts'
import { filters, topics } from '../bus/topics.ts'
import type { Alert, AlertEvent } from '../model/alert.ts'
import type { Clock } from '../model/clock.ts'
import type { ReadingBatch, ShareStatus } from '../model/delivery.ts'
import { forecastBoard } from '../model/forecast.ts'
import type { Reading } from '../model/reading.ts'
import { gatewayNoticed, isMeasured, type Registry } from '../registry/registry.ts'
import type { ReadingStore } from '../store/readings.ts'
import { startAnnouncer } from './announcer.ts'
import { byPoint, pointsOf, type Stored, storedOf, type WatchPlan } from './catch-up.ts'
import { judgingAsBefore } from './changed-rules.ts'
import { decodeCommand } from './command.ts'
import { inherit } from './inherit.ts'
import { type LiveSet, openLiveSet, recoverAlerts } from './live-set.ts'
import { present, timeOf } from './moment.ts'
import { openOutOfService } from './out-of-service.ts'
import { planWatches } from './plan-watches.ts'
import { openPointReaders, type PointReaders } from './point-readers.ts'
import { beginTrack, resolveAlert } from './state-machine.ts'
import { beginWatch, type Watch } from './watch.ts'

interface RulesOptions {
  registry: Registry
  bus: Bus
  /**
   * Another connection, on which readings are heard and nothing is said, so that no broker holds them back. Default:
   * the same.
   */
  readingsBus?: Bus
  readings: ReadingStore
  /** Keeps the outbox of alert events and the live set. */
  outboxFolder: string
  outboxLimits?: OutboxLimits
  /** The part of the sites that is ours; without it all of them. */
  share?: Share
  /** Told of alert events once they are in the journal, ahead of the bus, which tells them again to everybody. */
  onJournalled?(events: readonly AlertEvent[]): void
  clock: Clock
  log: Logger
  /** How often delays and absences are looked at, ms. */
  tickMs?: number
}

export interface RunningRules {
  /** Goes on by the rules of another registry, which has the same points. */
  change(next: Registry): Promise<void>
  /** Says in the status why the registry of the files is not in force; undefined: it is. */
  refusesRegistry(reason: string | undefined): void
  close(): Promise<void>
}

/** The sender of alert events, where there is but one process of rules. */
export const RULES_SENDER = 'rules'

/**
 * Watches the readings of every sender and raises, acknowledges and resolves alerts: nobody else changes one.
 * Goes on where the last run ended, or another process: with the live alerts, and with what the store holds of
 * each point.
 */
export async function startRules(options: RulesOptions): Promise<RunningRules> {
  const { bus, readings, share, outboxFolder, outboxLimits, clock, log, tickMs = 1000 } = options
  const { readingsBus = bus } = options
  const owns = share?.owns ?? (() => true)
  /** Not what others may change under us: watches and plans are those of its rules. */
  let registry = { ...options.registry }
  /** Until the announcer is there, the live set lacks nothing. */
  let keep = (_lasting: boolean) => true
  await using starting = new AsyncDisposableStack()
  const outboxes = await openOutboxRuns<AlertEvent>({
    folder: outboxFolder,
    stream: 'alerts',
    log,
    syncIntervalMs: 0,
    mayForget: () => keep(true),
  })
  starting.defer(() => outboxes.close())
  const { current: outbox, earlier } = outboxes
  const liveSet = openLiveSet(outboxFolder)
  starting.defer(() => liveSet.close())
  let registryProblem: string | undefined
  let recovered = recoverAlerts(liveSet, outbox, earlier)
  const announcer = await startAnnouncer({
    alerts: share ? new Map() : recovered,
    outbox,
    liveSet,
    bus,
    onJournalled: options.onJournalled,
    owns: share?.owns,
    onStray: alert => end(alert, 'another process has raised it at a site of ours'),
    log,
  })
  keep = announcer.keep
  starting.defer(() => announcer.close())
  const sender = startSender({
    sender: share?.member ?? RULES_SENDER,
    role: 'rules',
    bus,
    outboxes: [outbox, ...earlier],
    outboxLimits,
    // What is due together is journalled together: an alert waits for no other.
    limits: { flushDelayMs: 0 },
    clock,
    log,
  })
  starting.defer(() => sender.close())
  let shareStatus: ShareStatus | undefined
  const tellStatus = () =>
    sender.setStatus({ role: 'rules', registry: registry.hash, registryProblem, share: shareStatus })
  tellStatus()

  const { put, foresee } = forecastBoard(source => registry.forecasts.get(source)?.staleAfter)
  let plans = planWatches(registry, log, foresee)
  let watches: readonly Watch[] = []
  let readers: ReadonlyMap<string, PointReaders> = new Map()
  /** How many rules stand one before the other that inhibit it, by rule. */
  let depths: ReadonlyMap<string, number> = new Map()
  /** Those to which the time that passes may matter, by the depth of their rules. */
  let restless: readonly Set<Watch>[] = []
  let bySite: ReadonlyMap<string, readonly Watch[]> = new Map()
  /** Those on what the hub notices of a gateway. */
  let byGateway: ReadonlyMap<string | undefined, readonly Watch[]> = new Map()
  const failing = new Set<Watch>()
  /** Those of sites that become ours. */
  let coming = nothing()
  /** Those of rules that change. */
  let changing = nothing()
  let closed = false

  function readersOf(watches: readonly Watch[]): Map<string, PointReaders> {
    const all = byPoint(watches, ({ points }) => points).entries()
    return new Map(all.map(([point, group]) => [point, openPointReaders(group, noteRest)]))
  }

  function noteRest(watch: Watch, rests: boolean) {
    const those = restless[depths.get(watch.rule.id)!]!
    if (rests) those.delete(watch)
    else those.add(watch)
  }

  function hold(next: readonly Watch[]) {
    // What inhibits comes before what it inhibits: both may be about to fire.
    for (const reader of readers.values()) reader.settle()
    depths = new Map(registry.rules.keys().map(id => [id, depthOf(id, registry)]))
    watches = next.toSorted((a, b) => depths.get(a.rule.id)! - depths.get(b.rule.id)!)
    readers = readersOf(watches)
    restless = Array.from({ length: 1 + Math.max(0, ...depths.values()) }, () => new Set())
    for (const watch of watches) if (!watch.isAtRest) noteRest(watch, false)
    bySite = Map.groupBy(watches, ({ point }) => point.site)
    const noticed = watches.filter(({ point }) => gatewayNoticed(point) !== undefined)
    byGateway = Map.groupBy(noticed, ({ point }) => gatewayNoticed(point))
    failing.clear()
  }

  let isOutOfService = openOutOfService(registry)
  /**
   * Whether a rule is not to fire: a live alert at the same site, or on the gateway that reads its point, explains what
   * it would tell, or it is out of service.
   */
  function isInhibited({ rule, point }: WatchPlan, now: number): boolean {
    if (isOutOfService(rule, point, now)) return true
    const { inhibitedBy } = registry.rules.get(rule.id)!
    if (inhibitedBy.length === 0) return false
    const gateway = isMeasured(point) ? point.gateway : gatewayNoticed(point)
    const others = [...(bySite.get(point.site) ?? []), ...(byGateway.get(gateway) ?? [])]
    if (others.some(({ rule: { id }, alert }) => alert !== undefined && inhibitedBy.includes(id))) return true
    // The site where the gateway stands may be another process's.
    if (!share || gateway === undefined) return false
    return announcer.retained.values().some(alert => {
      const about = registry.points.get(alert.point)
      const explains = inhibitedBy.includes(alert.rule) && alert.state !== 'resolved'
      return explains && about && gatewayNoticed(about) === gateway
    })
  }

  function attempt(watch: Watch, action: () => AlertEvent | undefined) {
    if (!owns(watch.point.site)) return
    try {
      const event = action()
      if (event) announcer.add(event)
      if (failing.size > 0) failing.delete(watch)
    } catch (error) {
      if (!failing.has(watch))
        log.error({ err: error, rule: watch.rule.id, point: watch.point.id }, 'a rule failed')
      failing.add(watch)
    }
  }

  function tick() {
    const at = present(clock)
    const pass = (watch: Watch) => {
      if (!readingsBus.connected) watch.interrupt(at)
      return watch.tick(at)
    }
    for (const those of restless) for (const watch of those) attempt(watch, () => pass(watch))
    announcer.flush()
    announcer.keep()
  }

  function take({ readings }: ReadingBatch, watching: ReadonlyMap<string, PointReaders>) {
    const at = present(clock)
    const ofSeveral = new Set<Watch>()
    const evaluate = (watch: Watch, reading: Reading) => {
      attempt(watch, () => watch.read(reading, at))
      if (watch.points.length > 1) ofSeveral.add(watch)
    }
    for (let index = 0; index < readings.points.length; index++)
      watching.get(readings.points[index]!)?.take(readings, index, at, evaluate)
    for (const watch of ofSeveral) attempt(watch, () => watch.tick(at))
    announcer.flush()
  }

  /** What has arrived since watches were about to begin, and their readers have to know what became of them. */
  function takeEarly({ early }: Coming, beginning: readonly Watch[]) {
    if (early.length === 0) return
    const theirs = readersOf(beginning)
    for (const batch of early) take(batch, theirs)
    for (const reader of theirs.values()) reader.settle()
    hold(watches)
  }

  /** Ends an alert that nothing else would ever end. */
  function end(alert: Alert, why: string, ended?: Alert['ended']) {
    log.warn({ alert: alert.id, rule: alert.rule, point: alert.point }, `alert resolved: ${why}`)
    const told = { ...alert, ...(ended && { ended }) }
    announcer.add(resolveAlert(beginTrack(told), { value: alert.lastValue }, present(clock)).event!)
  }

  /** Of sites that are ours: alerts that no rule of the registry looks after. */
  function endOrphans(isMeant: (site: string) => boolean) {
    for (const alert of announcer.live.values()) {
      const rule = registry.rules.get(alert.rule)
      if (isMeant(alert.site) && !rule?.points.some(point => point.id === alert.point))
        end(alert, 'its rule is gone', 'rule-gone')
    }
  }

  function catchUp(plans: readonly WatchPlan[]): Promise<Stored> {
    return storedOf(readings, plans, present(clock)).catch(error => {
      log.error({ err: error }, 'rules begin without the stored readings: pending alerts begin anew')
      return nothing().stored
    })
  }

  async function takeOn(gained: (site: string) => boolean): Promise<void> {
    const begun = { ...nothing(), gained, plans: plans.filter(({ point }) => gained(point.site)) }
    coming = begun
    const stored = await catchUp(begun.plans)
    begun.stored = longest(begun.stored, stored)
  }

  function begin(gained: (site: string) => boolean): void {
    const begun = coming
    coming = nothing()
    if (share) {
      inherit({ share, announcer, recovered, gained, end })
      announcer.flush()
      liveSet.forget([...recovered.keys()].filter(id => !announcer.live.has(id)))
      recovered = new Map()
      for (const alert of announcer.takeUnheard())
        if (!owns(alert.site) && alert.state !== 'resolved') end(alert, 'nobody has heard of it')
      for (const alert of doubles(announcer.live.values())) end(alert, 'an older one stands for it')
      announcer.flush()
    }
    const beginning = beginWatches({ ...options, registry }, begun, announcer.live, liveSet, isInhibited)
    hold([...watches.filter(({ point }) => !gained(point.site)), ...beginning])
    endOrphans(gained)
    takeEarly(begun, beginning)
    tick()
  }

  /**
   * Goes on by the rules of another registry, of the same points: what judges as before is not touched, the rest
   * begins from the store as at a start. Until that is read the rules before are in force.
   */
  async function change(next: Registry): Promise<void> {
    const kept = judgingAsBefore(registry, next)
    const isKept = ({ rule, point }: Pick<WatchPlan, 'rule' | 'point'>) => kept.has(`${rule.id} ${point.id}`)
    const fresh = planWatches(next, log, foresee, (rule, point) => !isKept({ rule, point }))
    const begun: Coming = { ...nothing(), plans: fresh }
    changing = begun
    const stored = await catchUp(fresh)
    changing = nothing()
    if (closed) return

    registry = { ...next }
    isOutOfService = openOutOfService(registry)
    plans = [...plans.filter(isKept), ...fresh]
    // What is about to become ours begins by the new rules, too.
    const later = fresh.filter(({ point }) => coming.gained(point.site) && !owns(point.site))
    coming.plans = [...coming.plans.filter(isKept), ...later]
    coming.stored = longest(coming.stored, stored)
    if (begun.early.length > coming.early.length) coming.early = begun.early

    const ours = { ...begun, plans: fresh.filter(({ point }) => owns(point.site)), stored }
    announcer.flush()
    announcer.keep()
    const beginning = beginWatches({ ...options, registry }, ours, announcer.live, liveSet, isInhibited)
    hold([...watches.filter(isKept), ...beginning])
    endOrphans(owns)
    takeEarly(begun, beginning)
    tick()
    tellStatus()
    log.info(
      { begun: beginning.length, untouched: watches.length - beginning.length },
      'the rules have changed',
    )
  }

  await readingsBus.subscribe(filters.allReadings, (_topic, payload) => {
    if (closed) return
    const { batch } = decodeReadingBatch(payload)
    if (batch.backlog) return
    take(batch, readers)
    for (const { plans, early } of [coming, changing])
      if (plans.length > 0) early.push(structuredClone(batch))
  })
  await bus.subscribe(filters.allForecasts, (_topic, payload) => put(decodeForecasts(payload)))
  await bus.subscribe(topics.alertCommands, (_topic, payload) => {
    if (closed) return
    const command = decodeCommand(payload)
    const alert = announcer.live.get(command.alert)
    // Of several processes, each but one knows nothing of it.
    if (share && !(alert && owns(alert.site))) return
    const watch =
      alert && watches.find(({ rule, point }) => rule.id === alert.rule && point.id === alert.point)
    const event = watch?.obey(command, present(clock))
    if (!event) {
      const { id, action, alert } = command
      log.info({ command: id, action, alert, state: watch?.state }, 'a command changes nothing')
      return
    }
    announcer.add(event)
    announcer.flush()
  })

  if (!share) {
    await takeOn(owns)
    begin(owns)
  } else {
    starting.defer(() => share.close())
    await share.join({
      announce(status) {
        shareStatus = status
        tellStatus()
      },
      async letGo(hurried) {
        coming = nothing()
        hold(watches.filter(({ point }) => owns(point.site)))
        announcer.flush()
        await announcer.letGo(hurried)
      },
      takeOn,
      begin,
    })
  }
  const timer = setInterval(tick, tickMs)
  starting.defer(() => {
    closed = true
    clearInterval(timer)
  })
  const running = starting.move()
  return {
    change,
    refusesRegistry(reason) {
      registryProblem = reason
      tellStatus()
    },
    close: () => running.disposeAsync(),
  }
}

/** Alerts beside an older one of the same rule and point: two processes have raised them. */
function doubles(alerts: Iterable<Alert>): Alert[] {
  const groups = Map.groupBy(alerts, ({ rule, point }) => `${rule} ${point}`).values()
  return [...groups].flatMap(group => group.sort((a, b) => a.firedAt - b.firedAt).slice(1))
}

/** How many rules stand one before the other that inhibit it; the registry has none in a circle. */
function depthOf(rule: string, { rules }: Pick<Registry, 'rules'>): number {
  const depths = rules.get(rule)!.inhibitedBy.map(id => 1 + depthOf(id, { rules }))
  return Math.max(0, ...depths)
}

/** Watches that are about to begin, and what the store holds of each point that they read. */
interface Coming {
  /** The sites that become ours with them. */
  gained(site: string): boolean
  plans: readonly WatchPlan[]
  stored: Stored
  /** What has arrived since: it comes after what the store holds. */
  early: ReadingBatch[]
}

function nothing(): Coming {
  return {
    gained: () => false,
    plans: [],
    stored: { recent: new Map(), hours: new Map() },
    early: [],
  }
}

/** Of each point what reaches back the farther. */
function longest(a: Stored, b: Stored): Stored {
  return { recent: longer(a.recent, b.recent), hours: longer(a.hours, b.hours) }
}

function longer<T>(a: ReadonlyMap<string, readonly T[]>, b: ReadonlyMap<string, readonly T[]>) {
  const longer = [...b].filter(([point, told]) => told.length > (a.get(point)?.length ?? 0))
  return new Map([...a, ...longer])
}

function beginWatches(
  { registry, clock, log }: RulesOptions,
  { plans, stored: { recent, hours } }: Pick<Coming, 'plans' | 'stored'>,
  alerts: ReadonlyMap<string, Alert>,
  liveSet: Pick<LiveSet, 'firings'>,
  isInhibited: (plan: WatchPlan, now: number) => boolean,
): Watch[] {
  const at = present(clock)
  const live = new Map([...alerts.values()].map(alert => [`${alert.rule} ${alert.point}`, alert]))
  return plans.flatMap(plan => {
    const { rule, point } = plan
    const alert = live.get(`${rule.id} ${point.id}`)
    const readings = pointsOf(plan).flatMap(({ id }) => recent.get(id) ?? [])
    try {
      return [
        beginWatch({
          ...{ ...plan, registry, at, alert, recent: readings.sort((a, b) => timeOf(a) - timeOf(b)) },
          firings: liveSet.firings(rule.id, point.id),
          hours: hours.get(point.id),
          isInhibited: ({ now }) => isInhibited(plan, now),
        }),
      ]
    } catch (error) {
      log.error({ err: error, rule: rule.id, point: point.id }, 'a rule cannot begin')
      return []
    }
  })
}
