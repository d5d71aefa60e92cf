import type { OperationContext } from '../control/server.ts'
import type { AlertEvent } from '../model/alert.ts'
import { type Foresight, foresightThen } from '../model/forecast.ts'
import type { WatchPlan } from '../rules/catch-up.ts'
import { conditionOf } from '../rules/conditions/conditions.ts'
import { replayStored } from '../rules/replay-stored.ts'
import type { OperationParts } from './operation.ts'

export interface ReplayArguments {
  /** ms UTC; `to` is exclusive. */
  from: number
  to: number
  /** Ids; all by default. */
  rule?: string
  site?: string
  /** After so long no further point is begun, ms. */
  patience?: number
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
  /** Rules on points that were replayed, and all. */
  plans: { done: number; all: number }
}

/**
 * Replays stored readings through the rules, point by point, as if each had been heard when it was taken, with what was
 * forecast and known at that time.
 * @throws Error where there is no such rule or site
 */
export async function replayRules(
  parts: Pick<OperationParts, 'registry' | 'readings' | 'records' | 'forecasts' | 'clock'>,
  { from, to, rule: wanted, site, patience = Number.POSITIVE_INFINITY }: ReplayArguments,
  { progress, signal }: OperationContext,
): Promise<Replay> {
  const { registry, readings: open, records: openRecords, clock } = parts
  if (wanted !== undefined && !registry.rules.has(wanted)) throw new Error(`there is no rule ${wanted}`)
  if (site !== undefined && !registry.sites.has(site)) throw new Error(`there is no site ${site}`)
  const store = await open()
  const isMeant = (rule: string, at: string) =>
    (wanted === undefined || rule === wanted) && (site === undefined || at === site)
  const foresee = await foresightOf(parts, { from, to })
  const plans = [...registry.rules.values()].flatMap(rule =>
    rule.points
      .filter(point => isMeant(rule.id, point.site))
      .map((point): WatchPlan => ({ rule, point, condition: conditionOf(rule, point, registry, foresee) })),
  )
  const would: ReplayedEvent[] = []
  const began = clock.elapsed()
  let replayed = 0
  for (const [done, plan] of plans.entries()) {
    signal.throwIfAborted()
    if (clock.elapsed() - began > patience) break
    progress('Replaying', done / plans.length)
    const events = await replayStored({ store, registry, plan, from, to, signal })
    would.push(...events.map(describe))
    replayed += 1
  }
  const records = await openRecords()
  const did = records
    .sealedAlertEvents({ from, to })
    .map(({ event }) => event)
    .filter(({ type, alert }) => type !== 'acknowledged' && isMeant(alert.rule, alert.site))
    .map(describe)
  const order = (a: ReplayedEvent, b: ReplayedEvent) => a.time - b.time
  return { would: would.sort(order), did: did.sort(order), plans: { done: replayed, all: plans.length } }
}

/** What the kept forecasts had told by each instant of a time. */
async function foresightOf(
  { registry, forecasts: open }: Pick<OperationParts, 'registry' | 'forecasts'>,
  { from, to }: { from: number; to: number },
): Promise<Foresight> {
  if (registry.forecasts.size === 0) return () => undefined
  const store = await open()
  const ages = registry.forecasts.values().map(({ staleAfter }) => staleAfter)
  const oldest = from - Math.max(0, ...ages)
  return foresightThen(
    site => store.issued(site, { from: oldest, to }),
    source => registry.forecasts.get(source)?.staleAfter,
  )
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
