import type { Value } from './reading.ts'

/** After ISA-18.2 / IEC 62682. A condition that holds but has not fired yet is pending inside the rules, and no alert. */
export const ALERT_STATES = ['firing', 'acknowledged', 'resolved'] as const
export type AlertState = (typeof ALERT_STATES)[number]

export const SEVERITIES = ['info', 'warning', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

/** What happened to an alert. */
export const ALERT_EVENT_TYPES = [
  'fired',
  'worsened',
  'changed',
  're-alarmed',
  'acknowledged',
  'shelved',
  'unshelved',
  'resolved',
] as const
export type AlertEventType = (typeof ALERT_EVENT_TYPES)[number]
/** What happens to an alert while it is live: its danger has changed, or lasts long after it was acknowledged. */
export const ALERT_CHANGES = ['worsened', 'changed', 're-alarmed'] as const satisfies AlertEventType[]
export type AlertChange = (typeof ALERT_CHANGES)[number]

/** One alert: one rule on one point, from firing to resolve. */
export interface Alert {
  /** Lower-case letters, digits and hyphens; unique for ever. */
  id: string
  rule: string
  point: string
  site: string
  severity: Severity
  /** Which danger, where the condition tells several apart: `ice`, `hoar`. */
  phenomenon?: string
  state: AlertState
  /** When the condition became true, ms UTC. */
  since: number
  /** When it fired (after the on-delay), ms UTC. */
  firedAt: number
  /** The last change: they are counted from 1. */
  change?: { type: AlertChange; number: number; time: number }
  /** That it keeps coming and going: how often it has fired within the rule's time. Its end is held. */
  flapping?: number
  /** The last time that someone shelved it, or that this ended: they are counted from 1. */
  shelving?: Shelving
  acknowledgedAt?: number
  acknowledgedBy?: string
  /** When who acknowledged it had said so, where that could not be sent at once; ms UTC. */
  actedAt?: number
  resolvedAt?: number
  /** Why it is resolved, where its condition may still hold: no rule of the registry looks at its point any more. */
  ended?: 'rule-gone'
  /** The value that fired it, and the newest one; null where the condition is absence. */
  value: Value
  lastValue: Value
  /** Texts by language, ready to show. */
  message: { fr: string; en: string }
}

/** Shelved by a person, an alert is told to nobody until an end that it always has (ISA-18.2). */
export interface Shelving {
  number: number
  /** ms UTC */
  time: number
  by: string
  /** Why, in their words. */
  reason?: string
  /** ms UTC; absent once it is over. */
  until?: number
}

export function isShelved({ shelving }: Alert): boolean {
  return shelving?.until !== undefined
}

/** A change of an alert, journalled before anything else hears of it. Carries the alert as it is after the change. */
export interface AlertEvent {
  type: AlertEventType
  /** ms UTC. */
  time: number
  /** Who: `rules`, or the actor of a command. */
  actor: string
  alert: Alert
}

/** How often an alert has changed since it fired. */
export function changesOf({ change }: Pick<Alert, 'change'>): number {
  return change?.number ?? 0
}

/**
 * What an event of an alert is known by, whoever tells it again: an alert fires and ends once, is acknowledged at most
 * once after each change, and its shelvings are counted.
 */
export function eventKey({ type, alert }: AlertEvent): string {
  if (type === 'shelved' || type === 'unshelved') return `${type}-${alert.shelving!.number}`
  return alert.change && type !== 'resolved' ? `${type}-${alert.change.number}` : type
}

/** Whether a state of an alert comes after another state of the same alert. */
export function isLaterState(a: Alert, b: Alert): boolean {
  const [x, y] = [orderOf(a), orderOf(b)]
  const differs = x.findIndex((part, i) => part !== y[i])
  return differs >= 0 && x[differs]! > y[differs]!
}

/** An end is final; an acknowledgement belongs to the change before it. */
function orderOf({ state, change, shelving }: Alert): readonly number[] {
  const resolved = Number(state === 'resolved')
  return [resolved, changesOf({ change }), shelving?.number ?? 0, ALERT_STATES.indexOf(state)]
}

/** What the API asks of the rules, on `affluent/v1/commands/alerts`. */
export interface AlertCommand {
  /** The command's own id, so that a repeat changes nothing. */
  id: string
  action: 'acknowledge' | 'shelve' | 'unshelve'
  alert: string
  actor: string
  /** ms UTC. */
  time: number
  /** Of a shelving: when it ends, ms UTC, and why it is. */
  until?: number
  reason?: string
  /** How often the alert had changed when the person saw it: one that has changed since is left as it is. */
  change?: number
  /** When the person acted, where that was before `time`; ms UTC. */
  actedAt?: number
}
