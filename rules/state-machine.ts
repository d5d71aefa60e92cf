import { createHash } from 'node:crypto'
import {
  type Alert,
  type AlertCommand,
  type AlertEvent,
  type AlertState,
  changesOf,
  isShelved,
  SEVERITIES,
  type Severity,
  type Shelving,
} from '../model/alert.ts'
import type { Rule } from '../registry/registry.ts'
import type { Text } from '../registry/schema.ts'
import type { Judgement } from './conditions/condition.ts'
import type { Moment } from './moment.ts'

/** Where one rule stands on one point. A resolved alert leaves nothing behind but the time that it fired. */
export interface Track {
  state: 'normal' | 'pending' | Exclude<AlertState, 'resolved'>
  /** Present exactly when firing or acknowledged. */
  alert?: Alert
  /** When it has fired of late, ascending, ms UTC; the next alert fires later than the last, so that its id is new. */
  firings: readonly number[]
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
  /** How long after an acknowledgement it is told anew, where that is asked. */
  reAlarm?: number | undefined
  flapping: Rule['flapping']
  /** @param flapping how often it has fired of late, where its end is held for that */
  message(judgement: Judgement, flapping?: number): Text
  /** Whether it is not to fire: another live alert explains it, or it is out of service. */
  isInhibited?(at: Moment): boolean
}

export interface Step {
  track: Track
  event?: AlertEvent
}

/** Who changes alerts when no person does. */
const RULES_ACTOR = 'rules'

/**
 * Before anything was heard, or with the alert of an earlier run.
 * @param firings what is known of when it fired, ascending, ms UTC
 */
export function beginTrack(alert?: Alert, firings: readonly number[] = []): Track {
  if (!alert) return { state: 'normal', firings }
  return {
    state: alert.state === 'acknowledged' ? 'acknowledged' : 'firing',
    alert,
    firings: [...firings.filter(time => time < alert.firedAt), alert.firedAt],
  }
}

/**
 * The life of an alert after ISA-18.2: it fires when the condition has held for the on-delay, and resolves when
 * it has been gone for the off-delay. While the verdict is unknown nothing fires and nothing resolves.
 * A danger that has become another one, or a graver one, for the on-delay, or a lesser one for the off-delay, is
 * told as a change; what has worsened is to be acknowledged anew, and what still holds so long after it was.
 * Pure: one machine for live runs, tests and replay.
 */
export function stepAlert(track: Track, judgement: Judgement, at: Moment, subject: Subject): Step {
  const { verdict, since } = judgement
  const held = at.elapsed - since.elapsed
  if (track.alert) {
    const { alert } = track
    if (isShelved(alert) && at.now >= alert.shelving!.until!) return unshelveAlert(track, RULES_ACTOR, at)
    if (verdict === false && held >= offDelayOf(alert, subject)) return resolveAlert(track, judgement, at)
    if (verdict === true && held >= delayOf(alert, judgement, subject))
      return change(track, alert, judgement, at, subject)
    if (verdict !== false && isForgotten(alert, at, subject)) return realarm(track, alert, at)
    if (verdict === 'unknown' || judgement.value === alert.lastValue) return { track }
    return { track: { ...track, alert: { ...alert, lastValue: judgement.value } } }
  }
  const { danger = since } = judgement
  if (verdict === true && at.elapsed - danger.elapsed >= subject.onDelay && !subject.isInhibited?.(at))
    return fire(track, judgement, at, subject)
  if (verdict === 'unknown') return { track }
  const state = verdict ? 'pending' : 'normal'
  return { track: state === track.state ? track : { ...track, state } }
}

/** Does what a person asks; without an event where there is nothing to do. */
export function obey(track: Track, command: AlertCommand, at: Moment): Step {
  const { action, actor, until = at.now, reason } = command
  switch (action) {
    case 'acknowledge':
      return acknowledgeAlert(track, command, at)
    case 'shelve':
      return shelveAlert(track, { actor, until, reason }, at)
    case 'unshelve':
      return unshelveAlert(track, actor, at)
  }
}

/**
 * A person has taken note. Without an event when there is nothing to take note of, or it was done before, or the
 * danger has become another one than the person saw.
 */
export function acknowledgeAlert(
  track: Track,
  by: Pick<AlertCommand, 'actor' | 'change' | 'actedAt'>,
  at: Moment,
): Step {
  if (track.state !== 'firing') return { track }
  const { actor, actedAt } = by
  const { change, shelving } = track.alert!
  if (by.change !== undefined && by.change !== changesOf({ change })) return { track }
  const time = Math.max(
    latestOf(track.alert!, at),
    change ? change.time + 1 : 0,
    shelving ? shelving.time + 1 : 0,
  )
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

/**
 * A person does not want to hear of an alert until an end. What worsens meanwhile is told all the same. Without an event
 * where there is no alert, the end is over, or is that already.
 */
export function shelveAlert(
  track: Track,
  { actor, until, reason }: { actor: string; until: number; reason?: string | undefined },
  at: Moment,
): Step {
  if (!track.alert || until <= at.now || track.alert.shelving?.until === until) return { track }
  return shelve(track, { by: actor, until, ...(reason !== undefined && { reason }) }, 'shelved', at)
}

/** A shelving is over, before its end where a person says so. */
export function unshelveAlert(track: Track, actor: string, at: Moment): Step {
  if (!track.alert || !isShelved(track.alert)) return { track }
  return shelve(track, { by: actor }, 'unshelved', at)
}

function shelve(
  track: Track,
  shelving: Omit<Shelving, 'number' | 'time'>,
  type: 'shelved' | 'unshelved',
  at: Moment,
): Step {
  const live = track.alert!
  const time = latestOf(live, at)
  const number = (live.shelving?.number ?? 0) + 1
  const alert: Alert = { ...live, shelving: { ...shelving, number, time } }
  return { track: { ...track, alert }, event: { type, time, actor: shelving.by, alert } }
}

/** Ends an alert: its condition is gone, or the rule that raised it. */
export function resolveAlert(
  { alert, firings }: Pick<Track, 'alert' | 'firings'>,
  { value }: Pick<Judgement, 'value'>,
  at: Moment,
): Step {
  const live = alert!
  const time = latestOf(live, at)
  const resolved: Alert = { ...live, state: 'resolved', resolvedAt: time, lastValue: value }
  return {
    track: { state: 'normal', firings },
    event: { type: 'resolved', time, actor: RULES_ACTOR, alert: resolved },
  }
}

/** What an alert was last announced with, for whoever goes on with it: the same event again, not another one. */
export function lastEventOf(alert: Alert): AlertEvent {
  const { state, firedAt, change, shelving, acknowledgedAt, acknowledgedBy, resolvedAt } = alert
  if (state === 'resolved') return { type: 'resolved', time: resolvedAt!, actor: RULES_ACTOR, alert }
  if (shelving && shelving.time >= Math.max(firedAt, change?.time ?? firedAt, acknowledgedAt ?? firedAt))
    return {
      type: isShelved(alert) ? 'shelved' : 'unshelved',
      time: shelving.time,
      actor: shelving.by,
      alert,
    }
  if (state === 'acknowledged' && acknowledgedAt! > (change?.time ?? Number.NEGATIVE_INFINITY))
    return { type: 'acknowledged', time: acknowledgedAt!, actor: acknowledgedBy!, alert }
  if (change) return { type: change.type, time: change.time, actor: RULES_ACTOR, alert }
  return { type: 'fired', time: firedAt, actor: RULES_ACTOR, alert }
}

/** How long a judgement must have held to change an alert, ms: for ever where it says nothing new. */
function delayOf(alert: Alert, judgement: Judgement, subject: Subject): number {
  const { severity, phenomenon } = gradeOf(judgement, subject)
  if (severity === alert.severity && phenomenon === alert.phenomenon) return Number.POSITIVE_INFINITY
  return rank(severity) < rank(alert.severity) ? offDelayOf(alert, subject) : subject.onDelay
}

/** How long the condition must be gone, ms: longer where it keeps coming back. */
function offDelayOf({ flapping }: Alert, subject: Subject): number {
  return flapping === undefined ? subject.offDelay : Math.max(subject.offDelay, subject.flapping.hold)
}

function change(track: Track, live: Alert, judgement: Judgement, at: Moment, subject: Subject): Step {
  const grade = gradeOf(judgement, subject)
  const type = rank(grade.severity) > rank(live.severity) ? 'worsened' : 'changed'
  const time = latestOf(live, at)
  const alert: Alert = {
    ...(type === 'worsened' ? anew(live) : live),
    ...grade,
    change: { type, number: changesOf(live) + 1, time },
    lastValue: judgement.value,
    message: subject.message(judgement, live.flapping),
  }
  return {
    track: { ...track, state: alert.state as Track['state'], alert },
    event: { type, time, actor: RULES_ACTOR, alert },
  }
}

/** Whether it was taken in charge so long ago that it is asked again who sees to it. */
function isForgotten({ acknowledgedAt, shelving }: Alert, { now }: Moment, { reAlarm }: Subject): boolean {
  if (acknowledgedAt === undefined || reAlarm === undefined || shelving?.until !== undefined) return false
  return now - Math.max(acknowledgedAt, shelving?.time ?? acknowledgedAt) >= reAlarm
}

/** Re-alarm (ISA-18.2; ReAlarmTime of OPC UA Part 9): the same alert is to be acknowledged anew. */
function realarm(track: Track, live: Alert, at: Moment): Step {
  const time = latestOf(live, at)
  const change = { type: 're-alarmed' as const, number: changesOf(live) + 1, time }
  const alert: Alert = { ...anew(live), change }
  return {
    track: { ...track, state: 'firing', alert },
    event: { type: change.type, time, actor: RULES_ACTOR, alert },
  }
}

/** As it is when it has worsened, or is told anew: nobody has acknowledged or shelved this. */
function anew(live: Alert): Alert {
  const { acknowledgedAt: _, acknowledgedBy: __, actedAt: ___, shelving, ...alert } = live
  const { until: ____, ...over } = shelving ?? {}
  return { ...alert, state: 'firing', ...(shelving && { shelving: over as Shelving }) }
}

/** Now, but not before what has happened to the alert: a civil clock may have been set back. ms UTC. */
function latestOf({ firedAt, acknowledgedAt = firedAt, change, shelving }: Alert, { now }: Moment): number {
  return Math.max(now, firedAt, acknowledgedAt, change?.time ?? firedAt, shelving?.time ?? firedAt)
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
  const { times, within } = subject.flapping
  const firedAt = Math.max(at.now, (track.firings.at(-1) ?? 0) + 1)
  const firings = [...track.firings.filter(time => firedAt - time < within), firedAt]
  const flapping = firings.length >= times ? firings.length : undefined
  const alert: Alert = {
    id: alertId(rule, point, firedAt),
    rule,
    point,
    site,
    ...gradeOf(judgement, subject),
    state: 'firing',
    since: Math.min(Math.round((judgement.danger ?? judgement.since).now), firedAt),
    firedAt,
    ...(flapping !== undefined && { flapping }),
    value: judgement.value,
    lastValue: judgement.value,
    message: subject.message(judgement, flapping),
  }
  return {
    track: { state: 'firing', alert, firings },
    event: { type: 'fired', time: firedAt, actor: RULES_ACTOR, alert },
  }
}

/** Hyphens part ids and stand in them: the digest tells apart what would read the same. */
function alertId(rule: string, point: string, firedAt: number): string {
  const digest = createHash('sha256').update(`${rule} ${point}`).digest('hex').slice(0, 8)
  return `${rule}-${point.replaceAll('/', '-')}-${firedAt}-${digest}`
}
