import fc from 'fast-check'
import { expect, test } from 'vitest'
import { conditionOf } from '../../../rules/conditions/conditions.ts'
import { beginWatch } from '../../../rules/watch.ts'
import { CLOSE, heatingRegistry, liveHeatingRule, SUPPLY } from '../heating.ts'
import { expectNoRestartShows } from '../live-rule.ts'
import { MIN, reading, START } from '../territory.ts'

/** What several points decide together, of a comparison. */
const heating = (rule = CLOSE) => liveHeatingRule(rule)

test.each([
  ['supply', { supply: null, back: 30 }],
  ['back', { supply: 60, back: null }],
])('trap 24: where %s is bad, nothing is raised and nothing cleared', async (_, doubtful) => {
  const { at, told } = await heating()
  await at({ supply: 60, back: 59 }, 2)
  await at(doubtful, 2)
  expect(told()).toEqual([])
  // The danger counts from its beginning, across the doubt.
  await at({ supply: 60, back: 59 }, 1)
  expect(told()).toEqual(['4 fired'])
  await at({ supply: 60, back: 30 }, 3)
  await at(doubtful, 30)
  expect(told()).toEqual(['4 fired'])
  // The time that it must be over begins anew.
  await at({ supply: 60, back: 30 }, 10)
  expect(told()).toEqual(['4 fired', '43 resolved'])
})

test('trap 24: what was heard stands for maxAge; after that, nothing is raised and nothing cleared', async () => {
  const slow = CLOSE.replace('offDelay: 5min', 'offDelay: 20min')
  const { at, told } = await heating(slow)
  await at({ supply: 60, back: 59 }, 5)
  expect(told()).toEqual(['3 fired'])
  await at({ supply: 60, back: 30 }, 5)
  await at({ supply: 60 }, 60)
  expect(told()).toEqual(['3 fired'])
  await at({ supply: 60, back: 30 }, 30)
  expect(told()).toEqual(['3 fired', '90 resolved'])
})

test('trap 24: silence of both clears nothing, and what comes after it begins anew, with a restart or without', async () => {
  const slow = CLOSE.replace('offDelay: 5min', 'offDelay: 20min')
  const { at, told, restart } = await heating(slow)
  await at({ supply: 60, back: 59 }, 5)
  await at({ supply: 60, back: 30 }, 1)
  await at({}, 7)
  await at({ supply: 60 }, 1)
  // From here on what the return said is too old; the supply is not.
  await at({}, 4)
  await at({ supply: 60, back: 30 }, 2)
  await restart()
  await at({ supply: 60, back: 30 }, 30)
  expect(told()).toEqual(['3 fired', '38 resolved'])
  await at({ supply: 60, back: 59 }, 5)
  await at({ supply: 60, back: 30 }, 1)
  await at({}, 60)
  expect(told()).toEqual(['3 fired', '38 resolved', '53 fired'])
})

test('what is measured together is looked at together, before a restart and after it', async () => {
  const { at, told, restart } = await heating()
  await at({ supply: 60, back: 59 }, 2)
  await at({ supply: 80, back: 79 }, 1)
  await restart()
  await at({ supply: 60, back: 59 }, 1)
  expect(told()).toEqual(['3 fired'])
})

test('a danger counts from its beginning across a doubt and a restart', async () => {
  const { at, told, restart } = await heating()
  // What it begins with is nearly too old itself.
  await at({ supply: 80, back: 59 }, 1)
  await at({ supply: 80 }, 8)
  await at({ supply: 60 }, 1)
  await at({ supply: 60, back: null }, 9)
  await restart()
  await at({ supply: 60, back: 59 }, 1)
  expect(told()).toEqual(['19 fired'])
})

test('it counts from the newest of what it rests on, in whichever order that comes', async () => {
  const registry = await heatingRegistry([CLOSE])
  const point = registry.points.get(SUPPLY)!
  const condition = conditionOf(registry.rules.get('close')!, point, registry)
  const moment = (ms: number) => ({ now: START + ms, elapsed: ms })
  let memory = condition.begin({ at: moment(0), point, recent: [], firingSince: undefined })
  memory = condition.read(memory, reading('college/boiler/back', START + 2 * MIN, 59), moment(2 * MIN))
  memory = condition.read(memory, reading(SUPPLY, START + MIN, 60), moment(MIN))
  memory = condition.pass!(memory, moment(3 * MIN))
  const judgement = { verdict: true, since: moment(2 * MIN), value: 60 }
  expect(condition.judge(memory, moment(3 * MIN))).toEqual(judgement)
})

test('a danger that was out of sight for longer than maxAge begins anew', async () => {
  const { at, told } = await heating(CLOSE.replace('onDelay: 3min', 'onDelay: 15min'))
  await at({ supply: 60, back: 59 }, 2)
  await at({ supply: 60, back: null }, 20)
  await at({ supply: 60, back: 59 }, 20)
  expect(told()).toEqual(['37 fired'])
})

test('uncertain readings may show danger but never its end', async () => {
  const { at, told } = await heating()
  await at({ supply: 60, back: 59 }, 5, 'uncertain:uncertain-source')
  expect(told()).toEqual(['3 fired'])
  await at({ supply: 60, back: 30 }, 30, 'uncertain:uncertain-source')
  expect(told()).toEqual(['3 fired'])
  await at({ supply: 60, back: 30 }, 6)
  expect(told()).toEqual(['3 fired', '40 resolved'])
})

test('uncertain readings within the hysteresis are no danger', async () => {
  const { at, told } = await heating()
  await at({ supply: 60, back: 59 }, 1)
  await at({ supply: 60, back: 56 }, 10, 'uncertain:uncertain-source')
  expect(told()).toEqual([])
})

test('what the store has from before an alert that is taken over does not end it', async () => {
  const registry = await heatingRegistry([CLOSE.replace('offDelay: 5min', 'offDelay: 0s')])
  const rule = registry.rules.get('close')!
  const [point, back] = [SUPPLY, 'college/boiler/back']
  const plan = { rule, point: registry.points.get(point)!, condition: undefined as never }
  const condition = conditionOf(rule, plan.point, registry)
  const { at, told, watch } = await heating()
  await at({ supply: 60, back: 59 }, 5)
  expect(told()).toEqual(['3 fired'])
  const moment = (ms: number) => ({ now: START + ms, elapsed: ms })
  const recent = [reading(point, START - MIN, 60), reading(back, START - MIN, 30)]
  const other = beginWatch({
    ...{ ...plan, condition, registry, alert: watch().alert, at: moment(6 * MIN), recent },
  })
  other.read(reading(point, START + 6 * MIN, 60), moment(6 * MIN))
  expect(other.tick(moment(6 * MIN))).toBeUndefined()
  other.read(reading(back, START + 7 * MIN, 30), moment(7 * MIN))
  expect(other.tick(moment(7 * MIN))?.type).toBe('resolved')
})

test('trap 18: a reading that comes too late, or twice, changes nothing', async () => {
  const { at, watch, told } = await heating()
  await at({ supply: 60, back: 59 }, 20)
  const now = { now: START + 20 * MIN, elapsed: 5000 + 20 * MIN }
  watch().read(reading('college/boiler/back', START + 5 * MIN, 30), now)
  expect(watch().tick({ ...now, elapsed: now.elapsed + 9 * MIN })).toBeUndefined()
  await at({ supply: 60, back: 59 }, 5)
  expect(told()).toEqual(['3 fired'])
})

test('trap 19: with restarts at any time the same happens at the same time as without', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          value: fc.constantFrom<Record<string, number | null>>(
            ...[
              { supply: 60, back: 59 },
              { supply: 60, back: 50 },
              { supply: 80, back: 79 },
            ],
            ...[{ supply: 60, back: null }, { supply: null, back: 59 }, { supply: 60 }, { back: 50 }, {}],
          ),
          minutes: fc.integer({ min: 1, max: 15 }),
          restart: fc.boolean(),
        }),
        { minLength: 1, maxLength: 12 },
      ),
      spells => expectNoRestartShows(heating, spells),
    ),
    { numRuns: 60 },
  ))
