import type { Logger } from 'pino'
import { decodeReadingBatch } from '../bus/codec.ts'
import type { Bus } from '../bus/contract.ts'
import type { OutboxLimits } from '../bus/outbox-limits.ts'
import { openOutboxRuns } from '../bus/outbox-runs.ts'
import { startSender } from '../bus/sender.ts'
import type { Share } from '../bus/share.ts'
import { filters, topics } from '../bus/topics.ts'
import type { Alert, AlertEvent } from '../model/alert.ts'
import type { Clock } from '../model/clock.ts'
import type { ReadingBatch } from '../model/delivery.ts'
import { type Reading, readingAt } from '../model/reading.ts'
import type { Registry, Rule } from '../registry/registry.ts'
import type { ReadingStore } from '../store/readings.ts'
import { startAnnouncer } from './announcer.ts'
import { byPoint, pointsOf, recentReadings, type WatchPlan } from './catch-up.ts'
import { decodeCommand } from './command.ts'
import { inherit } from './inherit.ts'
import { type LiveSet, openLiveSet, recoverAlerts } from './live-set.ts'
import { present, timeOf } from './moment.ts'
import { openOutOfService } from './out-of-service.ts'
import { planWatches } from './plan-watches.ts'
import { beginTrack, resolveAlert } from './state-machine.ts'
import { beginWatch, type Watch } from './watch.ts'

interface RulesOptions {
  registry: Registry
  bus: Bus
  readings: ReadingStore
  /** Keeps the outbox of alert events and the live set. */
  outboxFolder: string
  outboxLimits?: OutboxLimits
  /** The part of the sites that is ours; without it all of them. */
  share?: Share
  clock: Clock
  log: Logger
  /** How often delays and absences are looked at, ms. */
  tickMs?: number
}

/** The sender of alert events, where there is but one process of rules. */
export const RULES_SENDER = 'rules'

/**
 * Watches the readings of every sender and raises, acknowledges and resolves alerts: nobody else changes one.
 * Goes on where the last run ended, or another process: with the live alerts, and with what the store holds of
 * each point.
 */
export async function startRules(options: RulesOptions): Promise<{ close(): Promise<void> }> {
  const { registry, bus, readings, share, outboxFolder, outboxLimits, clock, log, tickMs = 1000 } = options
  const owns = share?.owns ?? (() => true)
  await using starting = new AsyncDisposableStack()
  const outboxes = await openOutboxRuns<AlertEvent>({
    folder: outboxFolder,
    stream: 'alerts',
    log,
    syncIntervalMs: 0,
  })
  starting.defer(() => outboxes.close())
  const { current: outbox, earlier } = outboxes
  const liveSet = openLiveSet(outboxFolder)
  starting.defer(() => liveSet.close())
  let recovered = recoverAlerts(liveSet, outbox, earlier)
  const announcer = await startAnnouncer({
    alerts: share ? new Map() : recovered,
    outbox,
    liveSet,
    bus,
    owns: share?.owns,
    onStray: alert => end(alert, 'another process has raised it at a site of ours'),
    log,
  })
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
  sender.setStatus({ role: 'rules', registry: registry.hash })

  const plans = planWatches(registry, log)
  let watches: readonly Watch[] = []
  let readers: ReadonlyMap<string, readonly Watch[]> = new Map()
  let bySite: ReadonlyMap<string, readonly Watch[]> = new Map()
  const failing = new Set<Watch>()
  /** Watches that are about to begin: what arrives until then comes after what the store holds. */
  let coming: Coming = { plans: [], recent: new Map() }
  const early: ReadingBatch[] = []
  let closed = false

  function hold(next: readonly Watch[]) {
    // What inhibits comes before what it inhibits: both may be about to fire.
    watches = next.toSorted((a, b) => depthOf(a.rule, registry) - depthOf(b.rule, registry))
    readers = readersOf(watches)
    bySite = Map.groupBy(watches, ({ point }) => point.site)
    failing.clear()
  }

  const isOutOfService = openOutOfService(registry)
  /** Whether a rule is not to fire: a live alert at the same site explains what it would tell, or it is out of service. */
  function isInhibited({ rule, point }: WatchPlan, now: number): boolean {
    if (isOutOfService(rule, point, now)) return true
    if (rule.inhibitedBy.length === 0) return false
    const others = bySite.get(point.site) ?? []
    return others.some(({ rule: { id }, alert }) => alert !== undefined && rule.inhibitedBy.includes(id))
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
    for (const watch of watches) {
      attempt(watch, () => {
        if (!bus.connected) watch.interrupt(at)
        return watch.tick(at)
      })
    }
    announcer.flush()
  }

  function take({ readings }: ReadingBatch, watching: ReadonlyMap<string, readonly Watch[]>) {
    const at = present(clock)
    const ofSeveral = new Set<Watch>()
    for (const [index, point] of readings.points.entries()) {
      const group = watching.get(point)
      if (!group) continue
      const reading = readingAt(readings, index)
      for (const watch of group) {
        attempt(watch, () => watch.read(reading, at))
        if (watch.points.length > 1) ofSeveral.add(watch)
      }
    }
    for (const watch of ofSeveral) attempt(watch, () => watch.tick(at))
    announcer.flush()
  }

  /** Ends an alert that nothing else would ever end. */
  function end(alert: Alert, why: string) {
    log.warn({ alert: alert.id, rule: alert.rule, point: alert.point }, `alert resolved: ${why}`)
    announcer.add(resolveAlert(beginTrack(alert), { value: alert.lastValue }, present(clock)).event!)
  }

  async function takeOn(gained: (site: string) => boolean): Promise<void> {
    early.length = 0
    coming = { plans: plans.filter(({ point }) => gained(point.site)), recent: new Map() }
    const recent = await recentReadings(readings, coming.plans, present(clock)).catch(error => {
      log.error({ err: error }, 'rules begin without the stored readings: pending alerts begin anew')
      return new Map<string, Reading[]>()
    })
    coming.recent = recent
  }

  function begin(gained: (site: string) => boolean): void {
    const begun = coming
    coming = { plans: [], recent: new Map() }
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
    const beginning = beginWatches(options, begun, announcer.live, liveSet, isInhibited)
    hold([...watches.filter(({ point }) => !gained(point.site)), ...beginning])
    for (const alert of announcer.live.values()) {
      const rule = registry.rules.get(alert.rule)
      if (gained(alert.site) && !rule?.points.some(point => point.id === alert.point))
        end(alert, 'its rule is gone')
    }
    for (const batch of early.splice(0)) take(batch, readersOf(beginning))
    tick()
  }

  await bus.subscribe(filters.allReadings, (_topic, payload) => {
    if (closed) return
    const { batch } = decodeReadingBatch(payload)
    if (batch.backlog) return
    take(batch, readers)
    if (coming.plans.length > 0) early.push(batch)
  })
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
      announce: status => sender.setStatus({ role: 'rules', registry: registry.hash, share: status }),
      async letGo(hurried) {
        coming = { plans: [], recent: new Map() }
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
  return { close: () => running.disposeAsync() }
}

/** Alerts beside an older one of the same rule and point: two processes have raised them. */
function doubles(alerts: Iterable<Alert>): Alert[] {
  const groups = Map.groupBy(alerts, ({ rule, point }) => `${rule} ${point}`).values()
  return [...groups].flatMap(group => group.sort((a, b) => a.firedAt - b.firedAt).slice(1))
}

/** How many rules stand one before the other that inhibit it; the registry has none in a circle. */
function depthOf(rule: Rule, registry: Registry): number {
  const depths = rule.inhibitedBy.map(id => 1 + depthOf(registry.rules.get(id)!, registry))
  return Math.max(0, ...depths)
}

function readersOf(watches: readonly Watch[]): Map<string, Watch[]> {
  return byPoint(watches, ({ points }) => points)
}

/** Watches that are about to begin, and what the store holds of each point that they read. */
interface Coming {
  plans: readonly WatchPlan[]
  recent: ReadonlyMap<string, readonly Reading[]>
}

function beginWatches(
  { registry, clock, log }: RulesOptions,
  { plans, recent }: Coming,
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
          isInhibited: ({ now }) => isInhibited(plan, now),
        }),
      ]
    } catch (error) {
      log.error({ err: error, rule: rule.id, point: point.id }, 'a rule cannot begin')
      return []
    }
  })
}
