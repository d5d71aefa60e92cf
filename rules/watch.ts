import type { Alert, AlertCommand, AlertEvent } from '../model/alert.ts'
import { isNewer, type Reading, type Value } from '../model/reading.ts'
import type { Point, Registry, Rule } from '../registry/registry.ts'
import { pointsOf, type WatchPlan } from './catch-up.ts'
import type { Beginning, Rest } from './conditions/condition.ts'
import { type Moment, momentOf, timeOf } from './moment.ts'
import { beginTrack, obey, type Step, type Subject, stepAlert, type Track } from './state-machine.ts'
import { flappingText } from './text.ts'

/** One rule on one point. Pure but for what it remembers: no I/O, and time is an argument. */
export interface Watch {
  readonly rule: Rule
  readonly point: Point
  /** The ids of all that it reads: its point, and the inputs of its condition. */
  readonly points: readonly string[]
  /** The live alert, if there is one. */
  readonly alert: Alert | undefined
  readonly state: Track['state']
  /**
   * Takes a live reading; one that is old, repeated or out of order changes nothing. A watch of several points is
   * to be ticked when everything is taken that came together: what half of it says would be wrong.
   */
  read(reading: Reading, at: Moment): AlertEvent | undefined
  /** The rules can hear nobody at this moment: what nobody says now proves nothing. */
  interrupt(at: Moment): void
  /** Lets time pass. */
  tick(at: Moment): AlertEvent | undefined
  /** Whether it is at rest: time changes nothing. */
  readonly isAtRest: boolean
  /** While it is at rest: which readings change nothing but what it remembers; they are newer than `newest`, ms UTC. */
  rest(): (Rest & { newest: number }) | undefined
  /** Takes the newest of such readings, as if it had read all of them. */
  note(value: Value, at: Moment): void
  /** What a person asks of its alert; without an event where there is nothing to do. */
  obey(command: AlertCommand, at: Moment): AlertEvent | undefined
}

export interface WatchOptions extends WatchPlan {
  registry: Registry
  at: Moment
  /** See Subject in state-machine.ts. */
  isInhibited?(at: Moment): boolean
  /** The alert that an earlier run left live. */
  alert?: Alert
  /** When the rule has fired on the point of late: ascending, ms UTC. */
  firings?: readonly number[]
  /** Stored readings, ascending, see Beginning in conditions/condition.ts. */
  recent: readonly Reading[]
  hours?: Beginning['hours']
}

export function beginWatch(options: WatchOptions): Watch {
  const { registry, rule, point, condition, at, alert, firings, recent, hours, isInhibited } = options
  const site = registry.sites.get(point.site)!
  const { timeZone } = registry.territory
  const subject: Subject = {
    rule: rule.id,
    point: point.id,
    site: site.id,
    severity: rule.severity,
    onDelay: rule.onDelay,
    offDelay: rule.offDelay,
    reAlarm: rule.reAlarm,
    flapping: rule.flapping,
    ...(isInhibited && { isInhibited }),
    message(judgement, flapping) {
      const what = condition.describe(judgement, point, timeZone)
      const unstable = flapping === undefined ? undefined : flappingText(flapping, rule.flapping.within)
      return {
        fr: [rule.name.fr, site.name, what.fr, ...(unstable ? [unstable.fr] : [])].join(' – '),
        en: [rule.name.en, site.name, what.en, ...(unstable ? [unstable.en] : [])].join(' – '),
      }
    },
  }
  let memory = condition.begin({
    ...{ at, point, recent, ...(hours && { hours }) },
    firingSince: alert && momentOf(alert.since, at),
    phenomenon: alert?.phenomenon,
  })
  let track = beginTrack(alert, firings)
  const points = pointsOf({ rule, point, condition }).map(({ id }) => id)
  /** Of each point, ms UTC. */
  const newest = points.map(() => Number.NEGATIVE_INFINITY)
  for (const reading of recent) {
    const place = points.indexOf(reading.point)
    newest[place] = Math.max(newest[place]!, timeOf(reading))
  }

  function take(step: Step): AlertEvent | undefined {
    track = step.track
    return step.event
  }
  function tick(now: Moment) {
    if (condition.pass) memory = condition.pass(memory, now)
    return take(stepAlert(track, condition.judge(memory, now), now, subject))
  }

  function rest() {
    // A condition of several points is judged when all is read that came together.
    if (track.state !== 'normal' || points.length > 1 || !condition.note) return undefined
    return condition.rest?.(memory)
  }

  return {
    rule,
    point,
    points,
    get isAtRest() {
      return rest() !== undefined
    },
    rest() {
      const found = rest()
      return found && { ...found, newest: newest[0]! }
    },
    note(value, at) {
      newest[0] = at.now
      memory = condition.note!(memory, value, at)
    },
    get alert() {
      return track.alert
    },
    get state() {
      return track.state
    },
    read(reading, now) {
      const time = timeOf(reading)
      const place = points.length > 1 ? points.indexOf(reading.point) : 0
      if (now.now - time > rule.maxAge || !isNewer(time, newest[place]!, now.now)) return undefined
      newest[place] = time
      memory = condition.read(memory, reading, momentOf(time, now))
      return points.length > 1 ? undefined : tick(now)
    },
    interrupt(now) {
      if (condition.interrupt) memory = condition.interrupt(memory, now)
    },
    tick,
    obey: (command, now) => take(obey(track, command, now)),
  }
}
