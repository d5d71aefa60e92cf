import fc from 'fast-check'
import { expect, test } from 'vitest'
import { expectNoRestartShows, liveSurfaceRule } from '../live-rule.ts'
import { SURFACE, testRegistry } from '../territory.ts'

const RULE = `{ id: rate, name: { fr: Variation, en: Change }, select: { points: [${SURFACE}] },
  condition: { type: rate-of-change, by: 5, within: 1h }, maxAge: 10min, severity: warning }`

const surface = (rule = RULE) => liveSurfaceRule(rule)
const rule = (condition: string) => RULE.replace('by: 5, within: 1h', condition)

test('tells a rise and a fall by more than so much within so long, with its value', async () => {
  const { at, told, events } = await surface()
  await at(10, 60)
  await at(15, 60)
  expect(told()).toEqual([])
  await at(20.1, 30)
  expect(told()).toEqual(['120 fired'])
  expect(events[0]!.alert.message).toEqual({
    fr: 'Variation – Col du Loup – Température de chaussée 20,1 °C, variation de plus de 5 °C en 1 h, depuis le 22/11/2026 06:00',
    en: 'Change – Col du Loup – Road surface temperature 20.1 °C, changed by more than 5 °C within 1 h, since 22/11/2026 06:00',
  })
  await at(20.1, 40)
  expect(told()).toEqual(['120 fired', '180 resolved'])
  await at(15, 1)
  expect(told().at(-1)).toBe('190 fired')
})

test('a slow drift is none', async () => {
  const { at, told } = await surface()
  for (let hour = 0; hour < 12; hour++) await at(hour * 4, 60)
  expect(told()).toEqual([])
})

test.each([
  ['rising', [0, 6], ['60 fired']],
  ['rising', [6, 0], []],
  ['falling', [6, 0], ['60 fired']],
  ['falling', [0, 6], []],
])('%s only: %j', async (direction, [first, second], expected) => {
  const { at, told } = await surface(rule(`by: 5, within: 1h, direction: ${direction}`))
  await at(first!, 60)
  await at(second!, 1)
  expect(told()).toEqual(expected)
})

test('trap 24: bad readings and silence raise nothing and clear nothing', async () => {
  const { at, silent, told } = await surface()
  await at(0, 60)
  await at(9, 1)
  await at(null, 120)
  await silent(120)
  expect(told()).toEqual(['60 fired'])
  // What was before the silence says nothing of the change; that it is over takes an hour of readings.
  await at(9, 30)
  expect(told()).toEqual(['60 fired'])
  await at(9, 30)
  expect(told()).toEqual(['60 fired', '351 resolved'])
})

test('trap 19: with restarts at any time the same happens at the same time as without', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          value: fc.option(fc.integer({ min: 0, max: 9 })),
          minutes: fc.integer({ min: 1, max: 40 }),
          restart: fc.boolean(),
        }),
        { minLength: 1, maxLength: 10 },
      ),
      spells => expectNoRestartShows(surface, spells),
    ),
    { numRuns: 30 },
  ))

test('what cannot come true is an error of the registry', async () => {
  const wrong = (condition: string) => testRegistry([rule(condition)]).catch((error: Error) => error.message)
  expect(await wrong('by: 5, within: 1min')).toMatch(
    /condition\.within: \S+ speaks every 60 s only: allow twice/,
  )
  expect(await wrong('by: 0, within: 1h')).toMatch(/condition\.by: /)
})
