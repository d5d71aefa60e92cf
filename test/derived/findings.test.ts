import { expect, it } from 'vitest'
import type { DerivedReading } from '../../derived/deriver.ts'
import { findWaste, type Looked } from '../../derived/findings.ts'
import type { ConsumptionFigure } from '../../model/figure.ts'
import type { Reading } from '../../model/reading.ts'
import { HOUR_MS } from '../../model/time.ts'
import { liveRule } from '../rules/live-rule.ts'
import { MIN, START, testClock } from '../rules/territory.ts'
import { oneSchool } from './territory.ts'

const LEAK = 'ecole/hub/ecole-eau-continuous-flow'
const NIGHT = 'ecole/hub/ecole-eau-night-flow'
const BASE = 'ecole/hub/ecole-elec-base-load-drift'
const RULE = `{ id: fuite, name: { fr: Fuite, en: Leak }, select: { quantity: continuous-flow },
  condition: { type: finding }, severity: warning }`
const DAY_MS = 24 * HOUR_MS
/** Midnight in Paris; START is four hours later. */
const MIDNIGHT = START - 4 * HOUR_MS

const territory = (rules: string[] = []) =>
  oneSchool(
    {
      eau: '{ quantity: water-index, unit: m3, interval: 10min, modbus: { table: input, address: 0, type: float32 } }',
      elec: '{ quantity: electricity-index, unit: MW.h, interval: 10min, modbus: { table: input, address: 2, type: float32 } }',
    },
    `
meters:
  - { id: ecole-eau, point: ecole/compteurs/eau, fluid: eau, resolution: 0.001, tariffs: [{ tariff: eau }] }
  - { id: ecole-elec, point: ecole/compteurs/elec, fluid: electricite, resolution: 0.001 }
tariffs:
  - { id: eau, name: Eau, fluid: eau, prices: [{ name: base, price: 4 }], vat: 5.5 }
`,
    rules,
  )

const leak = (more: Partial<Looked['found'][number]> = {}): Looked['found'][number] => ({
  figures: { kind: 'continuous-flow' },
  meters: ['ecole-eau'],
  since: START - 100 * HOUR_MS,
  until: undefined,
  amount: 12.345,
  cost: 52.1,
  ...more,
})
const whole = (): ConsumptionFigure[] => [
  { start: MIDNIGHT - DAY_MS, end: MIDNIGHT, amount: 1, coveredMs: DAY_MS, readings: 144 },
]

/** What is told at a time, where so much was found; `last` is what was told before. */
async function open(looked: Partial<Looked> = {}, known: (meter: string) => ConsumptionFigure[] = whole) {
  const clock = testClock()
  const last = new Map<string, Reading>()
  const asked: string[] = []
  const deriver = findWaste({
    registry: await territory([RULE]),
    figures: { consumption: async meter => known(meter) },
    look: async ({ id }, from, to) => {
      asked.push(`${id} ${from} ${to}`)
      return { found: [], unknown: [], ...looked }
    },
    clock,
  })
  return {
    ...{ clock, asked },
    async derive(): Promise<readonly DerivedReading[]> {
      const told = await deriver.derive(point => last.get(point))
      for (const { point, time, value } of told)
        last.set(point, { point, time, value, quality: 'good', gatewayTime: time })
      return told
    },
  }
}
const values = (told: readonly DerivedReading[]) =>
  Object.fromEntries(told.map(each => [each.point, each.value]))

it('the points of findings follow from the meters, in the unit of the site', async () => {
  const { points } = await territory()
  const own = [...points.values()].filter(({ device }) => device === 'hub').map(({ id, unit }) => [id, unit])
  expect(Object.fromEntries(own)).toMatchObject({
    [LEAK]: 'm3',
    [`${LEAK}-age`]: 'h',
    [`${LEAK}-cost`]: '1',
    [NIGHT]: 'm3',
    [BASE]: 'kW.h',
    [`${BASE}-age`]: 'h',
  })
  // It has no price, and the site no opening.
  expect([...points.keys()].filter(id => /elec-base-load-drift-cost|outside/.test(id))).toEqual([])
})

it('tells once a day of seven days that are over what is found, since when and what it costs, and 0 of the rest', async () => {
  const { derive, asked, clock } = await open({ found: [leak()] })
  expect(values(await derive())).toEqual({
    [LEAK]: 12.35,
    [`${LEAK}-age`]: 100,
    [`${LEAK}-cost`]: 52.1,
    [NIGHT]: 0,
    [BASE]: 0,
  })
  expect(asked).toEqual(['ecole 2026-11-15 2026-11-22'])
  for (let hour = 0; hour < 19; hour++) {
    clock.advance(HOUR_MS)
    expect(await derive()).toEqual([])
  }
  expect(asked).toHaveLength(1)
  // 23 o'clock; at 3 the next day is told.
  clock.advance(4 * HOUR_MS - 1)
  expect(await derive()).toEqual([])
  clock.advance(1)
  expect(values(await derive())).toMatchObject({ [LEAK]: 12.35 })
  expect(asked.at(-1)).toBe('ecole 2026-11-16 2026-11-23')
})

it('a gap is no leak and no all-clear: of a day that is not wholly known nothing is told, until it is', async () => {
  let covered = DAY_MS - MIN
  const { derive, clock, asked } = await open({ found: [leak()] }, meter => [
    { ...whole()[0]!, coveredMs: meter === 'ecole-eau' ? covered : DAY_MS },
  ])
  expect(values(await derive())).toEqual({ [BASE]: 0 })
  clock.advance(HOUR_MS - 1)
  expect(await derive()).toEqual([])
  expect(asked).toHaveLength(1)
  covered = DAY_MS
  clock.advance(1)
  expect(values(await derive())).toMatchObject({ [LEAK]: 12.35, [NIGHT]: 0 })
  const none = await open({}, () => [])
  expect(await none.derive()).toEqual([])
})

it('nothing is told of what could not be looked for; what has ended is found no more', async () => {
  const unknown = [{ kind: 'night-flow', meters: ['ecole-eau'] }]
  const { derive } = await open({ unknown, found: [leak({ until: MIDNIGHT })] })
  expect(values(await derive())).toEqual({ [LEAK]: 0, [BASE]: 0 })
})

it('a rule tells which meter, how much, what it costs and since when, and ends when nothing is found', async () => {
  const registry = await territory([RULE])
  const live = await liveRule(registry, 'fuite', LEAK)
  const found = { [LEAK]: 12.35, [`${LEAK}-age`]: 100, [`${LEAK}-cost`]: 52.1 }
  await live.say(1, found)
  expect(live.told()).toEqual(['0 fired'])
  expect(live.events[0]!.alert.message).toEqual({
    fr: 'Fuite – École – Eau qui ne cesse de couler (compteur ecole-eau) : 12,35 m³ en sept jours, 52 €, depuis le 18/11/2026 00:00',
    en: 'Leak – École – Water that never stops (meter ecole-eau): 12.35 m³ in seven days, €52, since 18/11/2026 00:00',
  })
  // Nobody says anything for days: that is no all-clear, nor anew.
  await live.say(4000, {})
  await live.restart()
  await live.say(1, {})
  expect(live.told()).toEqual(['0 fired'])
  await live.say(1, { [LEAK]: 0 })
  expect(live.told()).toEqual(['0 fired', '4002 resolved'])
  // What was said of another day is not told of this one.
  await live.say(1, { [LEAK]: 3 })
  expect(live.events.at(-1)!.alert.message.en).toMatch(/3 m³ in seven days$/)
})

it('what is no finding is an error of the registry', async () => {
  await expect(territory([RULE.replace('continuous-flow', 'water-index')])).rejects.toThrow(
    /ecole\/compteurs\/eau is water-index: select one of night-flow/,
  )
})
