import { z } from 'zod'
import { DAY_MS } from '../../model/time.ts'
import type { Registry } from '../../registry/registry.ts'
import type { AlertLife } from '../../store/records.ts'

const seconds = z.int().nullable().describe('s; null where there is nothing to tell it from')
const timesSchema = z.strictObject({ median: seconds, p90: seconds })

export const statisticsFields = {
  groups: z
    .array(
      z.strictObject({
        id: z.string(),
        alerts: z.int(),
        perDay: z.number(),
        acknowledged: z.int().describe('How many someone acknowledged'),
        flapping: z.int().describe('How many kept coming and going'),
        toAcknowledge: timesSchema.describe('From firing to the first acknowledgement'),
        toResolve: timesSchema.describe('From firing to the end'),
      }),
    )
    .describe('The noisiest first'),
  stale: z
    .array(z.strictObject({ alert: z.string(), rule: z.string(), site: z.string(), days: z.int() }))
    .describe('Alerts that have been live for a month or more: a condition that nobody mends is no alarm'),
  silentRules: z.array(z.string()).describe('Rules that told nothing in this time: still needed?'),
}

export const GROUPINGS = ['rule', 'site', 'crew'] as const
export type Grouping = (typeof GROUPINGS)[number]

const STALE_DAYS = 30

/** What the yearly review of ISA-18.2 asks of alerts. */
export function statisticsOf(
  lives: readonly AlertLife[],
  {
    by,
    from,
    to,
    now,
    registry,
  }: { by: Grouping; from: number; to: number; now: number; registry: Registry },
) {
  const fired = lives.filter(({ alert }) => alert.firedAt >= from)
  const groupOf = ({ alert, acknowledged }: AlertLife) =>
    by === 'crew' ? acknowledged?.actor : by === 'rule' ? alert.rule : alert.site
  const groups = [
    ...Map.groupBy(
      fired.filter(life => groupOf(life) !== undefined),
      groupOf,
    ),
  ].map(([id, group]) => ({
    id: id!,
    alerts: group.length,
    perDay: Math.round((group.length / ((to - from) / DAY_MS)) * 100) / 100,
    acknowledged: group.filter(({ acknowledged }) => acknowledged).length,
    flapping: group.filter(({ alert }) => alert.flapping !== undefined).length,
    toAcknowledge: timesOf(
      group.map(({ alert, acknowledged }) => acknowledged && acknowledged.time - alert.firedAt),
    ),
    toResolve: timesOf(group.map(({ alert }) => alert.resolvedAt && alert.resolvedAt - alert.firedAt)),
  }))
  const heard = new Set(fired.map(({ alert }) => alert.rule))
  return {
    groups: groups.sort((a, b) => b.alerts - a.alerts || (a.id < b.id ? -1 : 1)),
    stale: lives
      .filter(({ alert }) => alert.state !== 'resolved' && now - alert.firedAt >= STALE_DAYS * DAY_MS)
      .map(({ alert: { id, rule, site, firedAt } }) => ({
        ...{ alert: id, rule, site },
        days: Math.floor((now - firedAt) / DAY_MS),
      })),
    silentRules: [...registry.rules.keys()].filter(id => !heard.has(id)),
  }
}

/** Of what is known, in seconds: the nearest rank. */
function timesOf(times: readonly (number | undefined)[]) {
  const known = times.filter(time => time !== undefined).sort((a, b) => a - b)
  const at = (share: number) => {
    const time = known[Math.ceil(share * known.length) - 1]
    return time === undefined ? null : Math.round(time / 1000)
  }
  return { median: at(0.5), p90: at(0.9) }
}
