import { createHash } from 'node:crypto'
import {
  type Acknowledgement,
  type Alert,
  type AlertEvent,
  type AlertState,
  changesOf,
  SEVERITIES,
  type Severity,
} from '../model/alert.ts'
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
  /** Where the condition does not grade the danger itself. */
  severity: Severity
  onDelay: number
  offDelay: number
  message(judgement: Judgement): Text
  /** Whether another live alert explains this one, so that it does not fire meanwhile. */
  isInhibited?(): boolean
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
 * A danger that has become another one, or a graver one, for the on-delay, or a lesser one for the off-delay, is
 * told as a change; what has worsened is to be acknowledged anew.
 * Pure: one machine for live runs, tests and replay.
 */
export function stepAlert(track: Track, judgement: Judgement, at: Moment, subject: Subject): Step {
  const { verdict, since } = judgement
  const held = at.elapsed - since.elapsed
  if (track.alert) {
    const { alert } = track
    if (verdict === false && held >= subject.offDelay) return resolveAlert(alert, judgement, at)
    if (verdict === true && held >= delayOf(alert, judgement, subject))
      return change(track, alert, judgement, at, subject)
    if (verdict === 'unknown' || judgement.value === alert.lastValue) return { track }
    return { track: { ...track, alert: { ...alert, lastValue: judgement.value } } }
  }
  if (verdict === true && held >= subject.onDelay && !subject.isInhibited?.())
    return fire(track, judgement, at, subject)
  if (verdict === 'unknown') return { track }
  const state = verdict ? 'pending' : 'normal'
  return { track: state === track.state ? track : { ...track, state } }
}

/**
 * A person has taken note. Without an event when there is nothing to take note of, or it was done before, or the
 * danger has become another one than the person saw.
 */
export function acknowledgeAlert(track: Track, by: Acknowledgement, at: Moment): Step {
  if (track.state !== 'firing') return { track }
  const { actor, actedAt } = by
  const { change } = track.alert!
  if (by.change !== undefined && by.change !== changesOf({ change })) return { track }
  const time = Math.max(latestOf(track.alert!, at), change ? change.time + 1 : 0)
  const alert: Alert = {
    ...track.alert!,
    state: 'acknowledged',
    acknowledgedAt: time,
    acknowledgedBy: actor,
    ...(actedAt !== undefined && { actedAt }),
  }
  return {
    track: { ...track, state: 'acknowledged', alert },
    event: { type: 'acknowledged', time, actor, alert },
  }
}

/** Ends an alert: its condition is gone, or the rule that raised it. */
export function resolveAlert(live: Alert, { value }: Pick<Judgement, 'value'>, at: Moment): Step {
  const time = latestOf(live, at)
  const alert: Alert = { ...live, state: 'resolved', resolvedAt: time, lastValue: value }
  return {
    track: { state: 'normal', lastFiredAt: live.firedAt },
    event: { type: 'resolved', time, actor: RULES_ACTOR, alert },
  }
}

/** What an alert was last announced with, for whoever goes on with it: the same event again, not another one. */
export function lastEventOf(alert: Alert): AlertEvent {
  const { state, firedAt, change, acknowledgedAt, acknowledgedBy, resolvedAt } = alert
  if (state === 'resolved') return { type: 'resolved', time: resolvedAt!, actor: RULES_ACTOR, alert }
  if (state === 'acknowledged' && acknowledgedAt! > (change?.time ?? Number.NEGATIVE_INFINITY))
    return { type: 'acknowledged', time: acknowledgedAt!, actor: acknowledgedBy!, alert }
  if (change) return { type: change.type, time: change.time, actor: RULES_ACTOR, alert }
  return { type: 'fired', time: firedAt, actor: RULES_ACTOR, alert }
}

/** How long a judgement must have held to change an alert, ms: for ever where it says nothing new. */
function delayOf(alert: Alert, judgement: Judgement, subject: Subject): number {
  const { severity, phenomenon } = gradeOf(judgement, subject)
  if (severity === alert.severity && phenomenon === alert.phenomenon) return Number.POSITIVE_INFINITY
  return rank(severity) < rank(alert.severity) ? subject.offDelay : subject.onDelay
}

function change(track: Track, live: Alert, judgement: Judgement, at: Moment, subject: Subject): Step {
  const grade = gradeOf(judgement, subject)
  const type = rank(grade.severity) > rank(live.severity) ? 'worsened' : 'changed'
  const time = latestOf(live, at)
  const { acknowledgedAt: _, acknowledgedBy: __, actedAt: ___, ...unacknowledged } = live
  const alert: Alert = {
    ...(type === 'worsened' ? { ...unacknowledged, state: 'firing' } : live),
    ...grade,
    change: { type, number: changesOf(live) + 1, time },
    lastValue: judgement.value,
    message: subject.message(judgement),
  }
  return {
    track: { ...track, state: alert.state as Track['state'], alert },
    event: { type, time, actor: RULES_ACTOR, alert },
  }
}

/** Now, but not before what has happened to the alert: a civil clock may have been set back. ms UTC. */
function latestOf({ firedAt, acknowledgedAt = firedAt, change }: Alert, { now }: Moment): number {
  return Math.max(now, firedAt, acknowledgedAt, change?.time ?? firedAt)
}

function gradeOf(judgement: Judgement, subject: Subject): Pick<Alert, 'severity' | 'phenomenon'> {
  const { severity = subject.severity, phenomenon } = judgement
  return { severity, ...(phenomenon !== undefined && { phenomenon }) }
}

function rank(severity: Severity): number {
  return SEVERITIES.indexOf(severity)
}

function fire(track: Track, judgement: Judgement, at: Moment, subject: Subject): Step {
  const { rule, point, site } = subject
  const firedAt = Math.max(at.now, track.lastFiredAt + 1)
  const alert: Alert = {
    id: alertId(rule, point, firedAt),
    rule,
    point,
    site,
    ...gradeOf(judgement, subject),
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
