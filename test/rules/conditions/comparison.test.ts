import fc from 'fast-check'
import { expect, test } from 'vitest'
import { conditionOf } from '../../../rules/conditions/conditions.ts'
import { beginWatch } from '../../../rules/watch.ts'
import { heatingRegistry, liveHeatingRule } from '../heating.ts'
import { expectNoRestartShows } from '../live-rule.ts'
import { MIN, reading, START } from '../territory.ts'

/** Supply and return are closer than 3 K. */
const CLOSE = `{ id: close, name: { fr: Bouclage, en: Short circuit }, select: { quantity: supply-temperature },
  condition: { type: comparison, with: back, below: 3, hysteresis: 2 }, onDelay: 3min, offDelay: 5min,
  maxAge: 10min, severity: warning }`
const OWN = 'college/boiler/supply'

const heating = (rule = CLOSE) => liveHeatingRule(rule)

test('tells that the difference is beyond the limit, and back by the hysteresis', async () => {
  const { at, told, events } = await heating()
  await at({ supply: 60, back: 50 }, 10)
  await at({ supply: 60, back: 57.5 }, 10)
  expect(told()).toEqual(['13 fired'])
  expect(events[0]!.alert.value).toBe(60)
  expect(events[0]!.alert.message).toEqual({
    fr: 'Bouclage – college – Température de départ 60 °C, écart avec Température de retour sous 3 K depuis le 22/11/2026 04:10',
    en: 'Short circuit – college – Supply temperature 60 °C, difference from Return temperature below 3 K since 22/11/2026 04:10',
  })
  await at({ supply: 60, back: 55.5 }, 20)
  expect(told()).toEqual(['13 fired'])
  await at({ supply: 60, back: 55 }, 10)
  expect(told()).toEqual(['13 fired', '45 resolved'])
})

test('a point of elsewhere is told with its id', async () => {
  const { say, told, events } = await heating(
    CLOSE.replace('with: back, below: 3', 'with: gymnase/boiler/supply, above: 20').replace(
      'quantity: supply-temperature',
      `points: [${OWN}]`,
    ),
  )
  await say(5, { [OWN]: 60, 'gymnase/boiler/supply': 30 })
  expect(told()).toEqual(['3 fired'])
  expect(events[0]!.alert.message.en).toContain(
    'difference from Supply temperature (gymnase/boiler/supply) above 20 K since',
  )
})

test('a selector compares within each device', async () => {
  const { watch } = await heating()
  expect(watch().points).toEqual([OWN, 'college/boiler/back'])
  const other = await liveHeatingRule(CLOSE, { site: 'gymnase' })
  await other.at({ supply: 60, back: 59 }, 5)
  expect(other.told()).toEqual(['3 fired'])
})

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

test('a danger that was out of sight for longer than maxAge begins anew', async () => {
  const { at, told } = await heating(CLOSE.replace('onDelay: 3min', 'onDelay: 15min'))
  await at({ supply: 60, back: 59 }, 2)
  await at({ supply: 60, back: null }, 20)
  await at({ supply: 60, back: 59 }, 20)
  expect(told()).toEqual(['37 fired'])
})

test('the hysteresis outlives a restart, to either side', async () => {
  const { at, restart, told } = await heating()
  await at({ supply: 60, back: 59 }, 5)
  await restart()
  await at({ supply: 60, back: 56 }, 20)
  expect(told()).toEqual(['3 fired'])
  await at({ supply: 60, back: 50 }, 2)
  await restart()
  await at({ supply: 60, back: 56 }, 5)
  expect(told()).toEqual(['3 fired', '30 resolved'])
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

test('what the store has from before an alert that is taken over does not end it', async () => {
  const registry = await heatingRegistry([CLOSE.replace('offDelay: 5min', 'offDelay: 0s')])
  const rule = registry.rules.get('close')!
  const [point, back] = [OWN, 'college/boiler/back']
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
          value: fc.record(
            { supply: fc.constant(60), back: fc.option(fc.constantFrom(59, 50)) },
            { requiredKeys: [] },
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

test.each([
  ['with: nothing', /condition\.with: there is no point college\/boiler\/nothing/],
  ['with: meter/nothing', /condition\.with: there is no point college\/meter\/nothing/],
  ['with: nowhere/boiler/back', /condition\.with: there is no point nowhere\/boiler\/back/],
  ['with: supply', /condition\.with: college\/boiler\/supply would be compared with itself/],
  ['with: pump', /condition\.with: college\/boiler\/pump is occupancy, of which there is no difference/],
  ['with: meter/heat', /condition\.with: college\/meter\/heat is in kW, college\/boiler\/supply in Cel/],
  ['with: Back', /condition\.with: write a point as <point>, <device>\/<point> or/],
  ['with: back, above: 1', /condition: give either above or below/],
])('what cannot be compared is an error of the registry: %s', async (written, message) => {
  await expect(heatingRegistry([CLOSE.replace('with: back', written)])).rejects.toThrow(message)
})

test('the point of a rule has a number', async () => {
  const rule = CLOSE.replace('quantity: supply-temperature', 'quantity: occupancy')
  await expect(heatingRegistry([rule])).rejects.toThrow(
    /condition: college\/boiler\/pump is occupancy, of which there is no difference/,
  )
})
