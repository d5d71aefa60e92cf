import fc from 'fast-check'
import { expect, test } from 'vitest'
import { expectNoRestartShows, liveSurfaceRule } from '../live-rule.ts'
import { SURFACE, testRegistry } from '../territory.ts'

const RULE = `{ id: stuck, name: { fr: Figé, en: Stuck }, select: { points: [${SURFACE}] },
  condition: { type: stuck, after: 1h, within: 0.1 }, maxAge: 10min, severity: info }`

const surface = (rule = RULE) => liveSurfaceRule(rule)

test('tells that good readings have said the same for so long, and that they move again', async () => {
  const { at, told, events } = await surface()
  await at(4, 1)
  await at(3, 60)
  expect(told()).toEqual([])
  await at(3, 30)
  expect(told()).toEqual(['61 fired'])
  expect(events[0]!.alert.message).toEqual({
    fr: 'Figé – Col du Loup – Température de chaussée figé à 3 °C depuis le 22/11/2026 04:01 (plus de 1 h)',
    en: 'Stuck – Col du Loup – Road surface temperature stuck at 3 °C since 22/11/2026 04:01 (more than 1 h)',
  })
  await at(3.05, 30)
  expect(told()).toEqual(['61 fired'])
  await at(3.2, 1)
  expect(told()).toEqual(['61 fired', '121 resolved'])
})

test('a sensor that moves a little is not stuck', async () => {
  const { at, told } = await surface()
  for (let i = 0; i < 120; i++) await at(3 + (i % 2) * 0.2, 1)
  expect(told()).toEqual([])
})

test('trap 24: bad readings and silence are no movement, and no standstill', async () => {
  const { at, silent, told } = await surface()
  await at(4, 1)
  await at(3, 30)
  await at(null, 120)
  expect(told()).toEqual([])
  // So long a silence proves nothing: it begins anew.
  await at(3, 60)
  expect(told()).toEqual([])
  await at(3, 1)
  expect(told()).toEqual(['211 fired'])
  await silent(300)
  expect(told()).toEqual(['211 fired'])
  await at(5, 1)
  expect(told()).toEqual(['211 fired', '512 resolved'])
})

test('trap 19: with restarts at any time the same happens at the same time as without', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          value: fc.integer({ min: 0, max: 1 }),
          minutes: fc.integer({ min: 1, max: 80 }),
          restart: fc.boolean(),
        }),
        { minLength: 1, maxLength: 10 },
      ),
      spells => expectNoRestartShows(surface, spells, run => run.at(9, 1)),
    ),
    { numRuns: 30 },
  ))

test('what cannot come true is an error of the registry', async () => {
  const rule = RULE.replace('after: 1h', 'after: 1min')
  await expect(testRegistry([rule])).rejects.toThrow(
    /condition\.after: \S+ speaks every 60 s only: allow twice/,
  )
})
