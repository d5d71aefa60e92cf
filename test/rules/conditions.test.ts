import { describe, expect, test } from 'vitest'
import type { QualityCode } from '../../model/quality.ts'
import type { Reading } from '../../model/reading.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Condition, Verdict } from '../../rules/conditions/condition.ts'
import { conditionOf } from '../../rules/conditions/conditions.ts'
import { type Moment, momentOf } from '../../rules/moment.ts'
import { bad, FROST, H, MIN, reading, S, SILENCE, START, SURFACE, testRegistry } from './territory.ts'

const AT: Moment = { now: START, elapsed: 1000 }
const later = (ms: number): Moment => ({ now: START + ms, elapsed: 1000 + ms })
const registry: Registry = await testRegistry([FROST, SILENCE])
const point = registry.points.get(SURFACE)!

function begin(rule: string, recent: Reading[] = [], firingSince?: Moment, at = AT) {
  const condition: Condition<unknown> = conditionOf(registry.rules.get(rule)!, point, registry)
  let memory = condition.begin({ at, point, recent, firingSince })
  return {
    read(each: Reading, now = each.time) {
      memory = condition.read(memory, each, momentOf(each.time, later(now - START)))
    },
    interrupt(ms: number) {
      if (condition.interrupt) memory = condition.interrupt(memory, later(ms))
    },
    judge: (ms: number) => condition.judge(memory, later(ms)),
  }
}

describe('threshold: below 0 with a hysteresis of 0.5', () => {
  test('what was measured before an alert that is taken over began does not end it', () => {
    const raised = momentOf(START - MIN, AT)
    const condition = begin('frost', [reading(SURFACE, START - 2 * MIN, 5)], raised)
    condition.read(reading(SURFACE, START - 90 * S, 5), START)
    expect(condition.judge(0)).toMatchObject({ verdict: 'unknown', since: raised })
    condition.read(reading(SURFACE, START - 30 * S, 5), START)
    expect(condition.judge(0).verdict).toBe(false)
  })

  const cases: [string, (number | [number, QualityCode] | null)[], Verdict][] = [
    ['nothing heard is unknown', [], 'unknown'],
    ['below the limit', [-0.1], true],
    ['at the limit', [0], false],
    ['above the limit', [0.1], false],
    ['back, but not by the hysteresis', [-1, 0.49], true],
    ['back by the hysteresis', [-1, 0.5], false],
    ['within the hysteresis from above', [1, 0.2], false],
    ['a bad reading is unknown, not OK', [-1, null], 'unknown'],
    ['a bad reading is unknown, not danger either', [1, null], 'unknown'],
    ['the hysteresis outlives a bad reading', [-1, null, 0.2], true],
    ['an uncertain reading may show danger', [1, [-1, 'uncertain:clock']], true],
    [
      'an uncertain reading never shows the end of danger',
      [-1, [1, 'uncertain:uncertain-source']],
      'unknown',
    ],
  ]
  test.each(cases)('%s', (_name, values, verdict) => {
    const { read, judge } = begin('frost')
    for (const [index, value] of values.entries()) {
      const time = START + index * MIN
      if (value === null) read(bad(SURFACE, time))
      else if (Array.isArray(value)) read(reading(SURFACE, time, ...value))
      else read(reading(SURFACE, time, value))
    }
    expect(judge(values.length * MIN).verdict).toBe(verdict)
  })

  test('trap 24: silence longer than maxAge is unknown, not OK and not danger', () => {
    for (const value of [-1, 1]) {
      const { read, judge } = begin('frost')
      read(reading(SURFACE, START, value))
      expect(judge(10 * MIN).verdict).toBe(value < 0)
      expect(judge(10 * MIN + 1).verdict).toBe('unknown')
    }
  })

  test('danger counts from its first reading, also across doubt', () => {
    const { read, judge } = begin('frost')
    read(reading(SURFACE, START, -1))
    read(bad(SURFACE, START + MIN))
    read(reading(SURFACE, START + 2 * MIN, -2))
    expect(judge(2 * MIN)).toMatchObject({ verdict: true, since: { now: START }, value: -2 })
  })

  test('the end of danger counts only without doubt', () => {
    const { read, judge } = begin('frost', [], AT)
    read(reading(SURFACE, START, 3))
    read(bad(SURFACE, START + MIN))
    read(reading(SURFACE, START + 2 * MIN, 3))
    expect(judge(2 * MIN)).toMatchObject({ verdict: false, since: { now: START + 2 * MIN } })
  })

  test('what was known before a long silence is forgotten', () => {
    const { read, judge } = begin('frost')
    read(reading(SURFACE, START, -1))
    read(reading(SURFACE, START + 2 * H, -1))
    expect(judge(2 * H).since.now).toBe(START + 2 * H)
  })

  test('a boolean counts as 0 or 1, text is unknown', () => {
    const { read, judge } = begin('frost')
    read(reading(SURFACE, START, false))
    expect(judge(0).verdict).toBe(false)
    read(reading(SURFACE, START + 1, 'frozen'))
    expect(judge(1).verdict).toBe('unknown')
  })

  test('trap 19: stored readings rebuild since when it has held', () => {
    const stored = [1, -1, -1].map((value, index) => reading(SURFACE, START + (index - 3) * MIN, value))
    const { judge } = begin('frost', stored)
    expect(judge(0)).toMatchObject({ verdict: true, since: { now: START - 2 * MIN } })
  })
})

describe('absence: nothing good for 30 minutes', () => {
  test('trap 20: a sensor that was never seen is absent 30 minutes after the rule began to listen', () => {
    const { judge } = begin('silence')
    expect(judge(30 * MIN - 1).verdict).toBe(false)
    expect(judge(30 * MIN)).toMatchObject({ verdict: true, since: { now: START + 30 * MIN }, value: null })
  })

  test('a good reading begins the time anew; a bad or uncertain one does not', () => {
    const { read, judge } = begin('silence')
    read(reading(SURFACE, START + 10 * MIN, 1))
    read(bad(SURFACE, START + 20 * MIN))
    read(reading(SURFACE, START + 25 * MIN, 1, 'uncertain:uncertain-source'))
    expect(judge(40 * MIN - 1).verdict).toBe(false)
    expect(judge(40 * MIN).verdict).toBe(true)
  })

  test('trap 20: a restart does not begin the time anew', () => {
    const { judge } = begin('silence', [reading(SURFACE, START - 20 * MIN, 1)])
    expect(judge(10 * MIN - 1).verdict).toBe(false)
    expect(judge(10 * MIN)).toMatchObject({ verdict: true, since: { now: START + 10 * MIN } })
  })

  test('trap 20: after a long stop of the hub, a point has time to speak before it counts as silent', () => {
    const { read, judge } = begin('silence', [reading(SURFACE, START - 12 * H, 1)])
    expect(judge(0).verdict).toBe('unknown')
    expect(judge(5 * MIN - 1).verdict).toBe('unknown')
    expect(judge(5 * MIN).verdict).toBe(true)
    read(reading(SURFACE, START + 4 * MIN, 1))
    expect(judge(5 * MIN).verdict).toBe(false)
  })

  test('trap 20: a point that speaks seldom has twice its interval to speak', () => {
    const condition = conditionOf(registry.rules.get('silence')!, point, registry)
    const seldom = { ...point, dueWithin: 10 * MIN }
    const recent = [reading(SURFACE, START - 12 * H, 1)]
    const memory = condition.begin({ at: AT, point: seldom, recent, firingSince: undefined })
    expect(condition.judge(memory, later(20 * MIN - 1)).verdict).toBe('unknown')
    expect(condition.judge(memory, later(20 * MIN)).verdict).toBe(true)
  })

  test('a device that answered with errors only has been silent all the while', () => {
    const { judge } = begin('silence', [bad(SURFACE, START - 10 * S)])
    expect(judge(5 * MIN).verdict).toBe(true)
  })

  test.each([
    ['only bad readings since', [bad(SURFACE, START - 10 * S)]],
    ['no reading ever', []],
    ['an old good reading', [reading(SURFACE, START - 2 * H, 1)]],
  ])(
    'an absence that was live before a restart ends with a good reading, with nothing else: %s',
    (_, recent) => {
      const { read, judge } = begin('silence', recent, later(-H))
      expect(judge(0).verdict).toBe('unknown')
      read(bad(SURFACE, START + MIN))
      expect(judge(MIN).verdict).toBe('unknown')
      expect(judge(5 * MIN).verdict).toBe(true)
      read(reading(SURFACE, START + 2 * MIN, 1))
      expect(judge(5 * MIN)).toMatchObject({ verdict: false, since: { now: START + 2 * MIN } })
    },
  )

  test('rules that could hear nobody do not call anybody silent before it could speak again', () => {
    const { interrupt, judge } = begin('silence')
    for (const minutes of [10, 20, 30, 40]) interrupt(minutes * MIN)
    expect(judge(29 * MIN).verdict).toBe(false)
    expect(judge(45 * MIN - 1).verdict).toBe('unknown')
    expect(judge(45 * MIN).verdict).toBe(true)
  })

  test('a civil clock that jumps makes nobody silent', () => {
    const condition = conditionOf(registry.rules.get('silence')!, point, registry)
    const memory = condition.begin({ at: AT, point, recent: [], firingSince: undefined })
    expect(condition.judge(memory, { now: START + 24 * H, elapsed: 2000 }).verdict).toBe(false)
  })
})
