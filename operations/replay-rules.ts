import type { AlertEvent } from '../model/alert.ts'
import type { WatchPlan } from '../rules/catch-up.ts'
import { conditionOf } from '../rules/conditions/conditions.ts'
import { replayStored } from '../rules/replay-stored.ts'
import type { Operation } from './operation.ts'

export interface ReplayArguments {
  /** ms UTC; `to` is exclusive. */
  from: number
  to: number
  /** Ids; all by default. */
  rule?: string
  site?: string
}

export interface ReplayedEvent {
  rule: string
  point: string
  type: AlertEvent['type']
  /** ms UTC */
  time: number
  severity: string
  phenomenon?: string
  value: AlertEvent['alert']['lastValue']
}

/** What the rules of the registry would have told of a time, and what was told then. */
export interface Replay {
  would: ReplayedEvent[]
  did: ReplayedEvent[]
}

/** How many of the newest alerts are looked through. */
const MOST_ALERTS = 100_000

/**
 * Replays stored readings through the rules, point by point, as if each had been heard when it was taken.
 * @throws Error where there is no such rule or site
 */
export const replayRules: Operation<ReplayArguments, Replay> = async (
  { registry, readings: open, records: openRecords },
  { from, to, rule: wanted, site },
  { progress, signal },
) => {
  if (wanted !== undefined && !registry.rules.has(wanted)) throw new Error(`there is no rule ${wanted}`)
  if (site !== undefined && !registry.sites.has(site)) throw new Error(`there is no site ${site}`)
  const store = await open()
  const isMeant = (rule: string, at: string) =>
    (wanted === undefined || rule === wanted) && (site === undefined || at === site)
  const plans = [...registry.rules.values()].flatMap(rule =>
    rule.points
      .filter(point => isMeant(rule.id, point.site))
      .map((point): WatchPlan => ({ rule, point, condition: conditionOf(rule, point, registry) })),
  )
  const would: ReplayedEvent[] = []
  for (const [done, plan] of plans.entries()) {
    signal.throwIfAborted()
    progress('Replaying', done / plans.length)
    const events = await replayStored({ store, registry, plan, from, to, signal })
    would.push(...events.map(describe))
  }
  const records = await openRecords()
  const did = records
    .alerts({ limit: MOST_ALERTS, ...(site !== undefined && { site }) })
    .filter(({ rule, site: at }) => isMeant(rule, at))
    .flatMap(({ id }) => records.alertEvents(id))
    .filter(({ type, time }) => type !== 'acknowledged' && from <= time && time < to)
    .map(describe)
  const order = (a: ReplayedEvent, b: ReplayedEvent) => a.time - b.time
  return { would: would.sort(order), did: did.sort(order) }
}

function describe({ type, time, alert }: AlertEvent): ReplayedEvent {
  const { rule, point, severity, phenomenon, lastValue } = alert
  return {
    rule,
    point,
    type,
    time,
    severity,
    ...(phenomenon !== undefined && { phenomenon }),
    value: lastValue,
  }
}
