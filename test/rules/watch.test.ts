import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AlertEvent } from '../../model/alert.ts'
import type { Reading } from '../../model/reading.ts'
import { conditionOf } from '../../rules/conditions/conditions.ts'
import { present } from '../../rules/moment.ts'
import { beginWatch } from '../../rules/watch.ts'
import { bad, FROST, MIN, reading, S, SILENCE, START, SURFACE, testClock, testRegistry } from './territory.ts'

const IMPATIENT = SILENCE.replace('id: silence', 'id: impatient').replace(
  'severity',
  'maxAge: 5min, severity',
)
const registry = await testRegistry([FROST, SILENCE, IMPATIENT])

/** One rule on the surface, with a store beside it, as the hub would run it. */
function run(ruleId: string, stored: Reading[] = []) {
  const rule = registry.rules.get(ruleId)!
  const point = registry.points.get(SURFACE)!
  const condition = conditionOf(rule, point, registry)
  const clock = testClock()
  const events: AlertEvent[] = []
  const note = (event: AlertEvent | undefined) => {
    if (event) events.push(event)
  }
  const begin = (alert?: AlertEvent['alert']) =>
    beginWatch({ registry, rule, point, condition, at: present(clock), alert, recent: [...stored] })
  let watch = begin()
  return {
    clock,
    events,
    get watch() {
      return watch
    },
    read(each: Reading) {
      note(watch.read(each, present(clock)))
      stored.push(each)
      stored.sort((a, b) => a.time - b.time)
    },
    tick: () => note(watch.tick(present(clock))),
    acknowledge: () => note(watch.acknowledge({ actor: 'nadia' }, present(clock))),
    restart() {
      watch = begin(watch.alert && (JSON.parse(JSON.stringify(watch.alert)) as AlertEvent['alert']))
    },
    /** Lets time pass a second at a time. */
    pass(ms: number) {
      for (let passed = 0; passed < ms; passed += S) {
        clock.advance(S)
        note(watch.tick(present(clock)))
      }
    },
  }
}

function firing() {
  const hub = run('frost')
  for (let minute = 0; minute <= 3; minute++) {
    hub.read(reading(SURFACE, hub.clock.now(), -1))
    hub.pass(MIN)
  }
  expect(hub.events.map(({ type }) => type)).toEqual(['fired'])
  return hub
}

test('a reading that does not come again fires once, after the on-delay, and says where and what', () => {
  const { events } = firing()
  expect(events[0]).toMatchObject({
    time: START + 3 * MIN,
    alert: { since: START, value: -1, site: 'col-du-loup', severity: 'critical' },
  })
  expect(events[0]!.alert.message).toEqual({
    fr: 'Gel – Col du Loup – Température de chaussée -1 °C, sous 0 °C depuis le 22/11/2026 04:00',
    en: 'Frost – Col du Loup – Road surface temperature -1 °C, below 0 °C since 22/11/2026 04:00',
  })
})

test('trap 18: a reading older than the newest, or than maxAge, changes nothing', () => {
  const hub = firing()
  const { clock } = hub
  const newest = clock.now() - MIN
  for (let late = 1; late <= 8; late++) hub.read(reading(SURFACE, newest - late * MIN, 9))
  hub.read(reading(SURFACE, newest, 9))
  hub.pass(30 * MIN)
  hub.read(reading(SURFACE, clock.now() - 10 * MIN - 1, 9))
  hub.pass(10 * MIN)
  expect(hub.events).toHaveLength(1)

  const calm = run('frost')
  calm.read(reading(SURFACE, START - 10 * MIN - 1, -9))
  calm.pass(10 * MIN)
  expect(calm.watch.state).toBe('normal')
})

test.each([
  ['silence', 35 * MIN],
  ['impatient', 5 * MIN + 1],
])('trap 18: an old reading does not end an absence, a live one does: %s', (rule, age) => {
  const hub = run(rule)
  hub.pass(40 * MIN)
  expect(hub.events.map(({ type }) => type)).toEqual(['fired'])
  hub.read(reading(SURFACE, hub.clock.now() - age, 1))
  hub.read(bad(SURFACE, hub.clock.now()))
  hub.pass(MIN)
  expect(hub.events).toHaveLength(1)
  hub.read(reading(SURFACE, hub.clock.now(), 1))
  expect(hub.events.map(({ type }) => type)).toEqual(['fired', 'resolved'])
})

test('trap 24: bad readings and silence leave a live alert as it is', () => {
  const hub = firing()
  hub.read(bad(SURFACE, hub.clock.now()))
  hub.pass(120 * MIN)
  expect(hub.events).toHaveLength(1)
  expect(hub.watch.state).toBe('firing')
})

test('a device whose clock ran ahead is heard again once it is set right', () => {
  const hub = run('frost')
  hub.read(reading(SURFACE, START + 365 * 24 * 60 * MIN, 5))
  hub.pass(MIN)
  hub.read(reading(SURFACE, hub.clock.now(), -1))
  expect(hub.watch.state).toBe('pending')
})

test('a source time that the gateway found wrong does not hide danger', () => {
  const hub = run('frost')
  hub.read({ ...reading(SURFACE, START - 365 * 24 * 60 * MIN, -1, 'uncertain:clock'), gatewayTime: START })
  expect(hub.watch.state).toBe('pending')
})

const value = fc.constantFrom(-2, -0.1, 0, 0.3, 0.5, 3)
const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('good' as const), value }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('bad' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('acknowledge' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('uncertain' as const), value }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 900 }) }),
  },
)
const days = fc.array(fc.record({ action, restart: fc.boolean() }), { maxLength: 60, size: 'max' })

function play(
  rule: string,
  steps: typeof days extends fc.Arbitrary<infer Steps> ? Steps : never,
  restarts: boolean,
) {
  const hub = run(rule)
  for (const { action, restart } of steps) {
    if (restarts && restart) hub.restart()
    hub.clock.advance(1)
    const now = hub.clock.now()
    if (action.do === 'good') hub.read(reading(SURFACE, now, action.value))
    else if (action.do === 'uncertain')
      hub.read(reading(SURFACE, now, action.value, 'uncertain:uncertain-source'))
    else if (action.do === 'bad') hub.read(bad(SURFACE, now))
    else if (action.do === 'acknowledge') hub.acknowledge()
    else hub.pass(action.seconds * S)
  }
  return hub
}

test.each(['frost', 'silence'])(
  'trap 19: whatever happens, %s fires, is acknowledged and resolves in this order',
  rule => {
    fc.assert(
      fc.property(days, steps => {
        const { events } = play(rule, steps, true)
        const lives = Map.groupBy(events, event => event.alert.id)
        let ended = 0
        for (const [index, life] of [...lives.values()].entries()) {
          const types = life.map(({ type }) => type).join(' ')
          expect(types).toMatch(/^fired( acknowledged)?( resolved)?$/)
          const resolved = life.find(({ type }) => type === 'resolved')
          expect(resolved !== undefined || index === lives.size - 1).toBe(true)
          expect(life[0]!.time).toBeGreaterThanOrEqual(ended)
          ended = resolved?.time ?? Number.POSITIVE_INFINITY
        }
      }),
      { numRuns: 100 },
    )
  },
)

test('trap 19: with restarts at any time the same happens at the same time as without', () => {
  fc.assert(
    fc.property(days, steps => {
      const brief = ({ type, time, alert }: AlertEvent) => ({ type, time, value: alert.lastValue })
      expect(play('frost', steps, true).events.map(brief)).toEqual(
        play('frost', steps, false).events.map(brief),
      )
    }),
    { numRuns: 100 },
  )
})
