import { describe, expect, test } from 'vitest'
import {
  type Alert,
  type AlertCommand,
  type AlertEvent,
  eventKey,
  isLaterState,
  isShelved,
  type Severity,
} from '../../model/alert.ts'
import { ID_PATTERN } from '../../model/point-id.ts'
import type { Value } from '../../model/reading.ts'
import type { Judgement, Verdict } from '../../rules/conditions/condition.ts'
import type { Moment } from '../../rules/moment.ts'
import {
  acknowledgeAlert,
  beginTrack,
  lastEventOf,
  obey,
  resolveAlert,
  type Step,
  type Subject,
  stepAlert,
} from '../../rules/state-machine.ts'
import { START } from './territory.ts'

const SUBJECT: Subject = {
  rule: 'frost',
  point: 'col/station/surface',
  site: 'col',
  severity: 'critical',
  onDelay: 30,
  offDelay: 50,
  flapping: { times: 3, within: 1000, hold: 300 },
  message: () => ({ fr: 'Gel', en: 'Frost' }),
}
const COMMAND = { id: 'c', alert: 'a', actor: 'nadia', time: START } as const
const moment = (ms: number): Moment => ({ now: START + ms, elapsed: ms })

/** Verdicts at times, `since` being the first of an unbroken row; what happened, in words. */
function live(steps: [number, Verdict | 'acknowledge', Value?][], subject = SUBJECT) {
  let track = beginTrack()
  let since = 0
  let before: Verdict | undefined
  const happened: string[] = []
  for (const [ms, verdict, value = null] of steps) {
    let step: Step
    if (verdict === 'acknowledge') step = acknowledgeAlert(track, { actor: 'nadia' }, moment(ms))
    else {
      if (verdict !== 'unknown' && verdict !== before) since = ms
      if (verdict !== 'unknown') before = verdict
      const judgement: Judgement = { verdict, since: moment(since), value }
      step = stepAlert(track, judgement, moment(ms), subject)
    }
    track = step.track
    happened.push(step.event ? `${ms} ${step.event.type}` : `${ms} ${track.state}`)
  }
  return { happened, track }
}

describe('a danger that its condition grades', () => {
  const graded = (phenomenon: string, severity: Severity, since: number): Judgement => ({
    ...{ verdict: true, since: moment(since), value: -1 },
    ...{ phenomenon, severity },
  })
  const subject: Subject = {
    ...SUBJECT,
    message: ({ phenomenon }) => ({ fr: phenomenon!, en: phenomenon! }),
  }
  /** Judgements at times, or an acknowledgement. */
  function course(...steps: [number, Judgement | 'acknowledge'][]) {
    let track = beginTrack()
    const events: AlertEvent[] = []
    for (const [ms, judgement] of steps) {
      const step =
        judgement === 'acknowledge'
          ? acknowledgeAlert(track, { actor: 'nadia', actedAt: START }, moment(ms))
          : stepAlert(track, judgement, moment(ms), subject)
      track = step.track
      if (step.event) events.push(step.event)
    }
    return {
      events,
      alert: track.alert,
      told: events.map(event => `${event.time - START} ${eventKey(event)}`),
    }
  }

  test('trap 22: what worsens after the on-delay is told, and is to be acknowledged anew', () => {
    const { told, alert } = course(
      [30, graded('watch', 'warning', 0)],
      [40, 'acknowledge'],
      [60, graded('ice', 'critical', 50)],
      [79, graded('ice', 'critical', 50)],
      [80, graded('ice', 'critical', 50)],
      [90, 'acknowledge'],
    )
    expect(told).toEqual(['30 fired', '40 acknowledged', '80 worsened-1', '90 acknowledged-1'])
    expect(alert).toMatchObject({ severity: 'critical', phenomenon: 'ice', message: { en: 'ice' } })
  })

  test('an acknowledgement of what a person saw leaves what has changed since as it is', () => {
    const worsened = course([30, graded('watch', 'warning', 0)], [80, graded('ice', 'critical', 50)])
    const track = beginTrack(worsened.alert)
    const seen = (change: number) =>
      acknowledgeAlert(track, { actor: 'nadia', change, actedAt: START + 85 }, moment(90))
    expect(seen(0)).toEqual({ track })
    expect(seen(1).event).toMatchObject({ type: 'acknowledged', alert: { actedAt: START + 85 } })
  })

  test('what worsens has no acknowledgement', () => {
    const { alert } = course(
      [30, graded('watch', 'warning', 0)],
      [40, 'acknowledge'],
      [80, graded('ice', 'critical', 50)],
    )
    expect(alert).toMatchObject({ state: 'firing' })
    expect(alert).not.toHaveProperty('acknowledgedAt')
    expect(alert).not.toHaveProperty('actedAt')
  })

  test('what becomes another danger, or eases for the off-delay, is told and stays acknowledged', () => {
    const { told, alert } = course(
      [30, graded('hoar', 'critical', 0)],
      [40, 'acknowledge'],
      [80, graded('ice', 'critical', 50)],
      [149, graded('watch', 'warning', 100)],
      [150, graded('watch', 'warning', 100)],
    )
    expect(told).toEqual(['30 fired', '40 acknowledged', '80 changed-1', '150 changed-2'])
    expect(alert).toMatchObject({ state: 'acknowledged', severity: 'warning', phenomenon: 'watch' })
  })

  test('trap 21: what comes back before it has eased for the off-delay makes no event', () => {
    const { told } = course(
      [30, graded('ice', 'critical', 0)],
      [60, graded('watch', 'warning', 50)],
      [70, graded('ice', 'critical', 70)],
      [120, graded('ice', 'critical', 70)],
    )
    expect(told).toEqual(['30 fired'])
  })

  test('whoever goes on with it tells its last event, and knows the later state', () => {
    const { events } = course(
      [30, graded('watch', 'warning', 0)],
      [40, 'acknowledge'],
      [80, graded('ice', 'critical', 50)],
      [80, 'acknowledge'],
      [160, graded('watch', 'warning', 110)],
      [220, { verdict: false, since: moment(160), value: 1 }],
    )
    expect(events.map(({ alert }) => lastEventOf(alert))).toEqual(events)
    for (const [i, event] of events.entries()) {
      for (const [j, other] of events.entries()) expect(isLaterState(event.alert, other.alert)).toBe(i > j)
    }
  })
})

describe('trap 21: what keeps coming and going', () => {
  /** It comes for 50 ms from each of these times on. */
  function course(...times: number[]) {
    let track = beginTrack()
    const happened: string[] = []
    for (let ms = 0, since = 0, holds = false; ms < 3000; ms += 10) {
      const now = times.some(from => from <= ms && ms < from + 50)
      if (now !== holds) since = ms
      holds = now
      const step = stepAlert(
        track,
        { verdict: holds, since: moment(since), value: null },
        moment(ms),
        SUBJECT,
      )
      track = step.track
      if (step.event) happened.push(`${ms} ${step.event.type} ${step.event.alert.flapping ?? ''}`.trim())
    }
    return happened
  }

  test('is told as such the third time, and ends only when it has been gone for its hold', () => {
    expect(course(0, 200, 400, 600, 800)).toEqual([
      ...['30 fired', '100 resolved', '230 fired', '300 resolved', '430 fired 3', '1150 resolved 3'],
    ])
  })

  test('is none where it comes seldom enough', () => {
    expect(course(0, 500, 1030, 1540).filter(each => each.includes('fired'))).toEqual([
      ...['30 fired', '530 fired', '1060 fired', '1570 fired'],
    ])
  })

  test('stays held by whoever goes on with it', () => {
    const alert = { firedAt: START, flapping: 3, state: 'firing', lastValue: null } as Alert
    const gone = (ms: number) =>
      stepAlert(beginTrack(alert), { verdict: false, since: moment(0), value: null }, moment(ms), SUBJECT)
    expect(gone(299).event).toBeUndefined()
    expect(gone(300).event!.type).toBe('resolved')
  })

  test('is counted on by whoever knows when it fired before', () => {
    const judgement = { verdict: true, since: moment(0), value: null }
    const firings = [START - 1100, START - 600, START - 300]
    expect(
      stepAlert(beginTrack(undefined, firings), judgement, moment(30), SUBJECT).event!.alert.flapping,
    ).toBe(3)
  })
})

describe('what still holds long after someone has acknowledged it', () => {
  const subject = { ...SUBJECT, reAlarm: 500 }

  test('is told anew, as the same alert, each time that so long has passed', () => {
    const { happened, track } = live(
      [
        [0, true],
        [30, true],
        [600, true],
        [700, 'acknowledge'],
        [1199, true],
        [1200, 'unknown'],
        [1800, true],
        [1900, 'acknowledge'],
        [2400, true],
        [2410, false],
        [2460, false],
      ],
      subject,
    )
    expect(happened).toEqual([
      ...['0 pending', '30 fired', '600 firing', '700 acknowledged', '1199 acknowledged', '1200 re-alarmed'],
      ...['1800 firing', '1900 acknowledged', '2400 re-alarmed', '2410 firing', '2460 resolved'],
    ])
    expect(track.alert).toBeUndefined()
  })

  test('is as one that worsened: acknowledged by nobody, known again by whoever goes on, and shelved in peace', () => {
    const at = (ms: number) =>
      stepAlert(track, { verdict: true, since: moment(0), value: -2 }, moment(ms), subject)
    let { track } = live(
      [
        [0, true],
        [30, true],
        [40, 'acknowledge'],
      ],
      subject,
    )
    track = obey(track, { ...COMMAND, action: 'shelve', until: START + 2000 }, moment(50)).track
    expect(at(1999).event).toBeUndefined()
    track = at(2000).track
    expect(at(2499).event).toBeUndefined()
    const { track: told, event } = at(2500)
    expect(told.state).toBe('firing')
    expect(event!.alert).toMatchObject({ change: { type: 're-alarmed', number: 1, time: START + 2500 } })
    expect(event!.alert.acknowledgedAt).toBeUndefined()
    expect(eventKey(event!)).toBe('re-alarmed-1')
    expect(lastEventOf(event!.alert)).toEqual(event)
  })

  test('is never told anew where no rule asks for it', () => {
    const { happened } = live([
      [0, true],
      [30, true],
      [40, 'acknowledge'],
      [1e9, true],
    ])
    expect(happened.at(-1)).toBe(`${1e9} acknowledged`)
  })
})

describe('an alert that someone shelves', () => {
  const holds = (severity: Severity = 'warning', since = 0): Judgement => ({
    ...{ verdict: true, since: moment(since), value: -1, phenomenon: severity, severity },
  })
  const until = START + 1000
  const shelve = { action: 'shelve', actor: 'nadia', until, reason: 'Essai' } as const

  /** What happens at times: judgements, and what a person asks. */
  function course(...steps: [number, Judgement | Omit<AlertCommand, 'id' | 'alert' | 'time'>][]) {
    let track = beginTrack()
    const events: AlertEvent[] = []
    for (const [ms, what] of steps) {
      const at = moment(ms)
      const step =
        'action' in what
          ? obey(track, { id: 'c', alert: 'a', time: at.now, ...what }, at)
          : stepAlert(track, what, at, SUBJECT)
      track = step.track
      if (step.event) events.push(step.event)
    }
    return events
  }
  const keys = (events: AlertEvent[]) => events.map(event => `${event.time - START} ${eventKey(event)}`)

  test('is back at its end, and says who shelved it, and why', () => {
    const events = course([30, holds()], [40, shelve], [41, shelve], [999, holds()], [1000, holds()])
    expect(keys(events)).toEqual(['30 fired', '40 shelved-1', '1000 unshelved-2'])
    expect(events[1]!.alert.shelving).toEqual({
      ...{ number: 1, time: START + 40, by: 'nadia', reason: 'Essai', until },
    })
    expect(isShelved(events[1]!.alert)).toBe(true)
    expect(isShelved(events[2]!.alert)).toBe(false)
  })

  test('trap 22: is told all the same when it worsens, and stays told', () => {
    const events = course([30, holds()], [40, shelve], [90, holds('critical', 50)], [1001, holds('critical')])
    expect(keys(events)).toEqual(['30 fired', '40 shelved-1', '90 worsened-1'])
    expect(isShelved(events[2]!.alert)).toBe(false)
  })

  test('is over when its condition is, and can be taken back before its end', () => {
    const gone: Judgement = { verdict: false, since: moment(50), value: 1 }
    expect(keys(course([30, holds()], [40, shelve], [100, gone], [1000, gone]))).toEqual([
      ...['30 fired', '40 shelved-1', '100 resolved'],
    ])
    const unshelve = { action: 'unshelve', actor: 'karim' } as const
    const back = course([30, holds()], [40, shelve], [50, unshelve], [60, unshelve])
    expect(keys(back)).toEqual(['30 fired', '40 shelved-1', '50 unshelved-2'])
    expect(back[2]!.actor).toBe('karim')
  })

  test('never is for ever, nor before it fires', () => {
    expect(course([40, shelve], [41, { ...shelve, until: START }])).toEqual([])
    expect(keys(course([30, holds()], [1001, shelve]))).toEqual(['30 fired'])
  })

  test('tells its last event to whoever goes on with it, in the order of its states', () => {
    const acknowledge = { action: 'acknowledge', actor: 'nadia' } as const
    const events = course(
      ...([
        [30, holds()],
        [40, shelve],
        [40, acknowledge],
      ] as [number, typeof shelve][]),
      ...([
        [50, { action: 'unshelve', actor: 'karim' }],
        [60, shelve],
      ] as [number, typeof shelve][]),
      [90, holds('critical', 50)],
      [90, shelve],
      [200, { verdict: false, since: moment(100), value: 1 }],
    )
    expect(events).toHaveLength(8)
    expect(events.map(({ alert }) => lastEventOf(alert))).toEqual(events)
    for (const [i, event] of events.entries())
      for (const [j, other] of events.entries()) expect(isLaterState(event.alert, other.alert)).toBe(i > j)
  })
})

test.each<[string, [number, Verdict | 'acknowledge'][], string[]]>([
  [
    'fires after the on-delay, not before',
    [
      [0, true],
      [29, true],
      [30, true],
    ],
    ['0 pending', '29 pending', '30 fired'],
  ],
  [
    'a pending alert that clears makes no event',
    [
      [0, true],
      [29, false],
      [60, true],
    ],
    ['0 pending', '29 normal', '60 pending'],
  ],
  [
    'trap 24: unknown does not fire',
    [
      [0, true],
      [40, 'unknown'],
      [50, true],
    ],
    ['0 pending', '40 pending', '50 fired'],
  ],
  [
    'trap 24: unknown does not resolve',
    [
      [0, true],
      [30, true],
      [40, false],
      [99, 'unknown'],
    ],
    ['0 pending', '30 fired', '40 firing', '99 firing'],
  ],
  [
    'resolves after the off-delay',
    [
      [0, true],
      [30, true],
      [40, false],
      [89, false],
      [90, false],
    ],
    ['0 pending', '30 fired', '40 firing', '89 firing', '90 resolved'],
  ],
  [
    'trap 21: a short recovery does not resolve',
    [
      [0, true],
      [30, true],
      [40, false],
      [60, true],
      [70, false],
      [119, false],
    ],
    ['0 pending', '30 fired', '40 firing', '60 firing', '70 firing', '119 firing'],
  ],
  [
    'an acknowledged alert stays so until it resolves',
    [
      [0, true],
      [30, true],
      [35, 'acknowledge'],
      [36, true],
      [40, false],
      [90, false],
    ],
    ['0 pending', '30 fired', '35 acknowledged', '36 acknowledged', '40 acknowledged', '90 resolved'],
  ],
  [
    'a second acknowledgement makes no event',
    [
      [0, true],
      [30, true],
      [35, 'acknowledge'],
      [36, 'acknowledge'],
    ],
    ['0 pending', '30 fired', '35 acknowledged', '36 acknowledged'],
  ],
  [
    'what has not fired cannot be acknowledged',
    [
      [0, true],
      [10, 'acknowledge'],
      [30, true],
    ],
    ['0 pending', '10 pending', '30 fired'],
  ],
])('%s', (_name, steps, expected) => {
  expect(live(steps).happened).toEqual(expected)
})

test('without delays it fires and resolves at once', () => {
  const subject = { ...SUBJECT, onDelay: 0, offDelay: 0 }
  expect(
    live(
      [
        [0, true],
        [1, false],
      ],
      subject,
    ).happened,
  ).toEqual(['0 fired', '1 resolved'])
})

test('an alert tells when it began, when it fired, and its values', () => {
  const { track } = live([
    [0, true, -1],
    [30, true, -2],
    [40, true, -3],
  ])
  expect(track.alert).toMatchObject({
    rule: 'frost',
    since: START,
    firedAt: START + 30,
    value: -2,
    lastValue: -3,
    message: { fr: 'Gel', en: 'Frost' },
  })
})

test('trap 22: an acknowledgement names the actor and is kept to the end', () => {
  const { track } = live([
    [0, true],
    [30, true],
    [35, 'acknowledge'],
  ])
  const { event } = resolveAlert(track, { value: 3 }, moment(90))
  expect(event).toMatchObject({
    actor: 'rules',
    alert: { state: 'resolved', acknowledgedBy: 'nadia', acknowledgedAt: START + 35, resolvedAt: START + 90 },
  })
})

test('ids are new for every alert, even within one millisecond, and for points that read alike', () => {
  const subject = { ...SUBJECT, onDelay: 0, offDelay: 0 }
  const ids = new Set<string>()
  let track = beginTrack()
  for (const verdict of [true, false, true]) {
    const step = stepAlert(track, { verdict, since: moment(0), value: 1 }, moment(0), subject)
    track = step.track
    ids.add(step.event!.alert.id)
  }
  for (const [rule, point] of [
    ['frost-col', 'a/b/c'],
    ['frost', 'col-a/b/c'],
    ['frost', 'col/a-b/c'],
  ]) {
    const alike = { ...subject, rule: rule!, point: point! }
    ids.add(
      stepAlert(beginTrack(), { verdict: true, since: moment(0), value: 1 }, moment(0), alike).event!.alert
        .id,
    )
  }
  expect(ids.size).toBe(5)
  for (const id of ids) expect(id).toMatch(ID_PATTERN)
})

test('times of events never run backwards within an alert, although the clock does', () => {
  const fired = stepAlert(beginTrack(), { verdict: true, since: moment(0), value: 1 }, moment(30), SUBJECT)
  const acknowledged = acknowledgeAlert(fired.track, { actor: 'nadia' }, moment(10))
  const resolved = resolveAlert(acknowledged.track, { value: 1 }, moment(5))
  expect([fired, acknowledged, resolved].map(({ event }) => event!.time - START)).toEqual([30, 30, 30])
})
