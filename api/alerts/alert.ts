import { z } from 'zod'
import type { Alert } from '../../model/alert.ts'
import { ALERT_STATES, changesOf, SEVERITIES } from '../../model/alert.ts'
import { unitLabel } from '../../model/units.ts'
import type { Registry } from '../../registry/registry.ts'
import { instant, instantOrNull, instantSchema, textSchema, valueSchema } from '../fields.ts'

export const alertFields = {
  id: z.string(),
  rule: z.string(),
  ruleName: textSchema.nullable().describe('Null when the registry no longer holds the rule'),
  point: z.string(),
  pointLabel: textSchema.nullable(),
  site: z.string(),
  siteName: z.string().nullable(),
  severity: z.enum(SEVERITIES),
  phenomenon: z.string().nullable().describe('Which danger, where the condition tells several apart'),
  phenomenonName: textSchema.nullable().describe('What the rule calls it, where the rule names its dangers'),
  state: z.enum(ALERT_STATES),
  since: instantSchema.describe('When the condition became true'),
  firedAt: instantSchema,
  change: z.int().describe('How often the danger has changed since it fired'),
  acknowledgedAt: instantSchema.nullable(),
  acknowledgedBy: z.string().nullable(),
  actedAt: instantSchema.nullable().describe('When they had said so, where that could not be sent at once'),
  shelved: z
    .strictObject({ by: z.string(), until: instantSchema, reason: z.string().nullable() })
    .nullable()
    .describe('While it is told to nobody, because someone has asked for that'),
  flapping: z
    .int()
    .nullable()
    .describe('How often it had fired of late, where it keeps coming and going: its end is held'),
  resolvedAt: instantSchema.nullable(),
  ended: z
    .literal('rule-gone')
    .nullable()
    .describe('Why it is resolved though its condition may still hold: no rule looks at its point any more'),
  value: valueSchema.describe('What fired it; null where that is absence'),
  lastValue: valueSchema,
  unitLabel: z.string().nullable(),
  message: textSchema,
  advice: textSchema.nullable().describe('What to do, where its rule says it'),
}

export const alertSchema = z.strictObject(alertFields).meta({ id: 'Alert' })

/** An alert as answers show it, with the names that the registry has for what it concerns. */
export function describeAlert(alert: Alert, registry: Registry): z.output<typeof alertSchema> {
  const point = registry.points.get(alert.point)
  return {
    id: alert.id,
    rule: alert.rule,
    ruleName: registry.rules.get(alert.rule)?.name ?? null,
    point: alert.point,
    pointLabel: point?.label ?? null,
    site: alert.site,
    siteName: registry.sites.get(alert.site)?.name ?? null,
    severity: alert.severity,
    ...describePhenomenon(alert, registry),
    state: alert.state,
    since: instant(alert.since),
    firedAt: instant(alert.firedAt),
    change: changesOf(alert),
    acknowledgedAt: instantOrNull(alert.acknowledgedAt),
    acknowledgedBy: alert.acknowledgedBy ?? null,
    actedAt: instantOrNull(alert.actedAt),
    shelved: describeShelving(alert),
    flapping: alert.flapping ?? null,
    resolvedAt: instantOrNull(alert.resolvedAt),
    ended: alert.ended ?? null,
    value: alert.value,
    lastValue: alert.lastValue,
    unitLabel: point ? unitLabel(point.unit) : null,
    message: alert.message,
    advice: registry.rules.get(alert.rule)?.advice ?? null,
  }
}

/** Which danger an alert is of, and what its rule calls it. */
export function describePhenomenon({ rule, phenomenon }: Alert, registry: Registry) {
  const condition = registry.rules.get(rule)?.condition
  const grades = condition?.type === 'graded' ? condition.grades : []
  return {
    phenomenon: phenomenon ?? null,
    phenomenonName: grades.find(grade => grade.phenomenon === phenomenon)?.name ?? null,
  }
}

function describeShelving({ shelving }: Alert) {
  if (shelving?.until === undefined) return null
  return { by: shelving.by, until: instant(shelving.until), reason: shelving.reason ?? null }
}
