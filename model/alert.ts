import type { Value } from './reading.ts'

/** After ISA-18.2 / IEC 62682. A condition that holds but has not fired yet is pending inside the rules, and no alert. */
export const ALERT_STATES = ['firing', 'acknowledged', 'resolved'] as const
export type AlertState = (typeof ALERT_STATES)[number]

export const SEVERITIES = ['info', 'warning', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

/** What happened to an alert. */
export const ALERT_EVENT_TYPES = ['fired', 'acknowledged', 'resolved'] as const
export type AlertEventType = (typeof ALERT_EVENT_TYPES)[number]

/** One alert: one rule on one point, from firing to resolve. */
export interface Alert {
  /** Lower-case letters, digits and hyphens; unique for ever. */
  id: string
  rule: string
  point: string
  site: string
  severity: Severity
  state: AlertState
  /** When the condition became true, ms UTC. */
  since: number
  /** When it fired (after the on-delay), ms UTC. */
  firedAt: number
  acknowledgedAt?: number
  acknowledgedBy?: string
  resolvedAt?: number
  /** The value that fired it, and the newest one; null where the condition is absence. */
  value: Value
  lastValue: Value
  /** Texts by language, ready to show. */
  message: { fr: string; en: string }
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

/** What the API asks of the rules, on `affluent/v1/commands/alerts`. */
export interface AlertCommand {
  /** The command's own id, so that a repeat changes nothing. */
  id: string
  action: 'acknowledge'
  alert: string
  actor: string
  /** ms UTC. */
  time: number
}
