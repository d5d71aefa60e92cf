import { createHash } from 'node:crypto'
import type { Alert, AlertEvent, AlertState } from '../model/alert.ts'
import type { Text } from '../registry/schema.ts'
import type { Judgement } from './conditions/condition.ts'
import type { Moment } from './moment.ts'

/** Where one rule stands on one point. A resolved alert leaves nothing behind but the time that it fired. */
export interface Track {
  state: 'normal' | 'pending' | Exclude<AlertState, 'resolved'>
  /** Present exactly when firing or acknowledged. */
  alert?: Alert
  /** ms UTC; the next alert fires later, so that its id is new. */
  lastFiredAt: number
}

/** What an alert is about, and the delays of its rule, ms. */
export interface Subject {
  rule: string
  point: string
  site: string
  severity: Alert['severity']
  onDelay: number
  offDelay: number
  message(judgement: Judgement): Text
}

export interface Step {
  track: Track
  event?: AlertEvent
}

/** Who changes alerts when no person does. */
const RULES_ACTOR = 'rules'

/** Before anything was heard, or with the alert of an earlier run. */
export function beginTrack(alert?: Alert): Track {
  if (!alert) return { state: 'normal', lastFiredAt: Number.NEGATIVE_INFINITY }
  return {
    state: alert.state === 'acknowledged' ? 'acknowledged' : 'firing',
    alert,
    lastFiredAt: alert.firedAt,
  }
}

/**
 * The life of an alert after ISA-18.2: it fires when the condition has held for the on-delay, and resolves when
 * it has been gone for the off-delay. While the verdict is unknown nothing fires and nothing resolves.
 * Pure: one machine for live runs, tests and replay.
 */
export function stepAlert(track: Track, judgement: Judgement, at: Moment, subject: Subject): Step {
  const { verdict, since } = judgement
  const held = at.elapsed - since.elapsed
  if (track.alert) {
    const { alert } = track
    if (verdict === false && held >= subject.offDelay) return resolveAlert(alert, judgement, at)
    if (verdict === 'unknown' || judgement.value === alert.lastValue) return { track }
    return { track: { ...track, alert: { ...alert, lastValue: judgement.value } } }
  }
  if (verdict === true && held >= subject.onDelay) return fire(track, judgement, at, subject)
  if (verdict === 'unknown') return { track }
  const state = verdict ? 'pending' : 'normal'
  return { track: state === track.state ? track : { ...track, state } }
}

/** A person has taken note. Without an event when there is nothing to take note of, or it was done before. */
export function acknowledgeAlert(track: Track, actor: string, at: Moment): Step {
  if (track.state !== 'firing') return { track }
  const time = Math.max(at.now, track.lastFiredAt)
  const alert: Alert = {
    ...track.alert!,
    state: 'acknowledged',
    acknowledgedAt: time,
    acknowledgedBy: actor,
  }
  return {
    track: { ...track, state: 'acknowledged', alert },
    event: { type: 'acknowledged', time, actor, alert },
  }
}

/** Ends an alert: its condition is gone, or the rule that raised it. */
export function resolveAlert(live: Alert, { value }: Pick<Judgement, 'value'>, at: Moment): Step {
  const time = Math.max(at.now, live.acknowledgedAt ?? live.firedAt)
  const alert: Alert = { ...live, state: 'resolved', resolvedAt: time, lastValue: value }
  return {
    track: { state: 'normal', lastFiredAt: live.firedAt },
    event: { type: 'resolved', time, actor: RULES_ACTOR, alert },
  }
}

/** What an alert was last announced with, for whoever goes on with it: the same event again, not another one. */
export function lastEventOf(alert: Alert): AlertEvent {
  const { state, firedAt, acknowledgedAt, acknowledgedBy, resolvedAt } = alert
  if (state === 'resolved') return { type: 'resolved', time: resolvedAt!, actor: RULES_ACTOR, alert }
  if (state === 'acknowledged')
    return { type: 'acknowledged', time: acknowledgedAt!, actor: acknowledgedBy!, alert }
  return { type: 'fired', time: firedAt, actor: RULES_ACTOR, alert }
}

function fire(track: Track, judgement: Judgement, at: Moment, subject: Subject): Step {
  const { rule, point, site, severity } = subject
  const firedAt = Math.max(at.now, track.lastFiredAt + 1)
  const alert: Alert = {
    id: alertId(rule, point, firedAt),
    rule,
    point,
    site,
    severity,
    state: 'firing',
    since: Math.min(Math.round(judgement.since.now), firedAt),
    firedAt,
    value: judgement.value,
    lastValue: judgement.value,
    message: subject.message(judgement),
  }
  return {
    track: { state: 'firing', alert, lastFiredAt: firedAt },
    event: { type: 'fired', time: firedAt, actor: RULES_ACTOR, alert },
  }
}

/** Hyphens part ids and stand in them: the digest tells apart what would read the same. */
function alertId(rule: string, point: string, firedAt: number): string {
  const digest = createHash('sha256').update(`${rule} ${point}`).digest('hex').slice(0, 8)
  return `${rule}-${point.replaceAll('/', '-')}-${firedAt}-${digest}`
}
