import type { Logger } from 'pino'
import { decodeReadingBatch } from '../bus/codec.ts'
import type { Bus } from '../bus/contract.ts'
import type { OutboxLimits } from '../bus/outbox-limits.ts'
import { openOutboxRuns } from '../bus/outbox-runs.ts'
import { startSender } from '../bus/sender.ts'
import { filters, topics } from '../bus/topics.ts'
import type { Alert, AlertEvent } from '../model/alert.ts'
import type { Clock } from '../model/clock.ts'
import type { ReadingBatch } from '../model/delivery.ts'
import { type Reading, readingAt } from '../model/reading.ts'
import type { Registry } from '../registry/registry.ts'
import type { ReadingStore } from '../store/readings.ts'
import { type Announcer, startAnnouncer } from './announcer.ts'
import { recentReadings, type WatchPlan } from './catch-up.ts'
import { decodeCommand } from './command.ts'
import { conditionOf } from './conditions/conditions.ts'
import { openLiveSet, recoverAlerts } from './live-set.ts'
import { present } from './moment.ts'
import { resolveAlert } from './state-machine.ts'
import { beginWatch, type Watch } from './watch.ts'

interface RulesOptions {
  registry: Registry
  bus: Bus
  readings: ReadingStore
  /** Keeps the outbox of alert events and the live set. */
  outboxFolder: string
  outboxLimits?: OutboxLimits
  clock: Clock
  log: Logger
  /** How often delays and absences are looked at, ms. */
  tickMs?: number
}

/** The sender of alert events. */
export const RULES_SENDER = 'rules'

/**
 * Watches the readings of every sender and raises, acknowledges and resolves alerts: nobody else changes one.
 * Goes on where the last run ended: with its live alerts, and with what the store holds of each point.
 */
export async function startRules(options: RulesOptions): Promise<{ close(): Promise<void> }> {
  const { registry, bus, readings, outboxFolder, outboxLimits, clock, log, tickMs = 1000 } = options
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
  const alerts = recoverAlerts(liveSet, outbox, earlier)
  const announcer = await startAnnouncer({ alerts, outbox, liveSet, bus, log })
  starting.defer(() => announcer.close())
  const sender = startSender({
    sender: RULES_SENDER,
    role: 'rules',
    bus,
    outboxes: [outbox, ...earlier],
    outboxLimits,
    clock,
    log,
  })
  starting.defer(() => sender.close())
  sender.setStatus({ role: 'rules', registry: registry.hash })

  // What arrives during the catch-up comes after it.
  const early: ReadingBatch[] = []
  let take = (batch: ReadingBatch) => void early.push(batch)
  await bus.subscribe(filters.allReadings, (_topic, payload) => {
    const { batch } = decodeReadingBatch(payload)
    if (!batch.backlog) take(batch)
  })

  const plans = planWatches(registry, log)
  const recent = await recentReadings(readings, plans, present(clock)).catch(error => {
    log.error({ err: error }, 'rules begin without the stored readings: pending alerts begin anew')
    return new Map<string, Reading[]>()
  })
  const watches = beginWatches(options, plans, alerts, recent)
  const failing = new WeakSet<Watch>()

  function attempt(watch: Watch, action: () => AlertEvent | undefined) {
    try {
      const event = action()
      if (event) announcer.add(event)
      failing.delete(watch)
    } catch (error) {
      if (!failing.has(watch))
        log.error({ err: error, rule: watch.rule.id, point: watch.point.id }, 'a rule failed')
      failing.add(watch)
    }
  }

  function tick() {
    const at = present(clock)
    for (const watch of [...watches.values()].flat()) {
      attempt(watch, () => {
        if (!bus.connected) watch.interrupt(at)
        return watch.tick(at)
      })
    }
    announcer.flush()
  }

  take = ({ readings }) => {
    const at = present(clock)
    for (const [index, point] of readings.points.entries()) {
      const group = watches.get(point)
      if (!group) continue
      const reading = readingAt(readings, index)
      for (const watch of group) attempt(watch, () => watch.read(reading, at))
    }
    announcer.flush()
  }

  resolveOrphans(options, announcer)
  for (const batch of early) take(batch)
  tick()
  const timer = setInterval(tick, tickMs)
  let closed = false
  starting.defer(() => {
    closed = true
    clearInterval(timer)
    take = () => {}
  })
  await bus.subscribe(topics.alertCommands, (_topic, payload) => {
    if (closed) return
    const command = decodeCommand(payload)
    const alert = announcer.live.get(command.alert)
    const watch = alert && watches.get(alert.point)?.find(({ rule }) => rule.id === alert.rule)
    const event = watch?.acknowledge(command.actor, present(clock))
    if (!event) {
      log.info({ command: command.id, alert: command.alert, state: watch?.state }, 'nothing to acknowledge')
      return
    }
    announcer.add(event)
    announcer.flush()
  })

  const running = starting.move()
  return { close: () => running.disposeAsync() }
}

/** The conditions of the rules by point. A rule that cannot begin is left out and said so. */
function planWatches(registry: Registry, log: Logger): Map<string, WatchPlan[]> {
  const plans = new Map<string, WatchPlan[]>()
  for (const rule of registry.rules.values()) {
    try {
      const condition = conditionOf(rule)
      for (const point of rule.points) {
        const plan: WatchPlan = { rule, point, condition }
        const group = plans.get(point.id)
        if (group) group.push(plan)
        else plans.set(point.id, [plan])
      }
    } catch (error) {
      log.error({ err: error, rule: rule.id }, 'a rule cannot begin')
    }
  }
  return plans
}

function beginWatches(
  { registry, clock, log }: RulesOptions,
  plans: ReadonlyMap<string, readonly WatchPlan[]>,
  alerts: ReadonlyMap<string, Alert>,
  recent: ReadonlyMap<string, readonly Reading[]>,
): Map<string, Watch[]> {
  const at = present(clock)
  const live = new Map([...alerts.values()].map(alert => [`${alert.rule} ${alert.point}`, alert]))
  const watches = new Map<string, Watch[]>()
  for (const [id, group] of plans) {
    const begun = group.flatMap(plan => {
      const alert = live.get(`${plan.rule.id} ${id}`)
      try {
        return [beginWatch({ ...plan, registry, at, alert, recent: recent.get(id) ?? [] })]
      } catch (error) {
        log.error({ err: error, rule: plan.rule.id, point: id }, 'a rule cannot begin')
        return []
      }
    })
    watches.set(id, begun)
  }
  return watches
}

/** Ends the alerts whose rule no longer watches their point: nothing else ever would. */
function resolveOrphans({ registry, clock, log }: RulesOptions, announcer: Announcer) {
  for (const alert of announcer.live.values()) {
    if (registry.rules.get(alert.rule)?.points.some(point => point.id === alert.point)) continue
    log.warn({ alert: alert.id, rule: alert.rule, point: alert.point }, 'alert resolved: its rule is gone')
    announcer.add(resolveAlert(alert, { value: alert.lastValue }, present(clock)).event!)
  }
  announcer.flush()
}
