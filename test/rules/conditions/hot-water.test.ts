import fc from 'fast-check'
import { expect, test } from 'vitest'
import { device, oneLine, registerPoint, site } from '../../registry/yaml.ts'
import { expectNoRestartShows, liveRule } from '../live-rule.ts'
import { loadTerritory } from '../territory.ts'

const POINTS = ['storage', 'return', 'outlet'] as const
const COLLEGE = `
sites:
${site('college', { name: 'Collège' })}${oneLine([
  device('ecs', 'college', {
    ...Object.fromEntries(
      POINTS.map((name, at) => [name, registerPoint(`hot-water-${name}-temperature`, 'Cel', 2 * at)]),
    ),
    room: registerPoint('indoor-temperature', 'Cel', 9),
  }),
])}`
const rule = (name: string, parameters = '') =>
  `{ id: ecs, name: { fr: Eau chaude, en: Hot water }, select: { points: [college/ecs/${name}] },
  condition: { type: hot-water${parameters} }, maxAge: 10min, offDelay: 5min, severity: critical }`

async function water(name: (typeof POINTS)[number], parameters?: string) {
  const point = `college/ecs/${name}`
  const live = await liveRule(await loadTerritory(COLLEGE, [rule(name, parameters)]), 'ecs', point)
  return { ...live, at: (value: number | null, minutes: number) => live.say(minutes, { [point]: value }) }
}
const H = 60

test('a storage that is not kept hot for a day is told, with since when, until it was hot for an hour', async () => {
  const { at, told, events } = await water('storage')
  await at(58, 2 * H)
  await at(48, 24 * H - 1)
  expect(told()).toEqual([])
  await at(48, 1)
  expect(told()).toEqual(['1559 fired'])
  expect(events[0]!.alert.message).toEqual({
    fr: "Eau chaude – Collège – risque de légionelles, Température de stockage d'eau chaude sanitaire 48 °C, pas maintenue à 55 °C depuis le 22/11/2026 05:59 (plus de 1 j)",
    en: 'Hot water – Collège – risk of legionella, Hot water storage temperature 48 °C, not kept at 55 °C since 22/11/2026 05:59 (more than 1 d)',
  })
  await at(56, 59)
  await at(50, 1)
  expect(told()).toHaveLength(1)
  await at(56, H + 10)
  expect(told()).toEqual(['1559 fired', '1685 resolved'])
})

test.each([
  [70, 3],
  [65, 5],
  [60, 61],
])('heated through once a day it is safe: %d °C for %d minutes', async (celsius, minutes) => {
  const { at, told } = await water('storage')
  for (let day = 0; day < 3; day++) {
    await at(50, 22 * H)
    await at(celsius, minutes)
  }
  expect(told()).toEqual([])
  await at(50, 22 * H)
  await at(celsius, minutes - 2)
  await at(50, 3 * H)
  expect(told()).toHaveLength(1)
})

test('a loop has four hours from 50 °C; parameters change both', async () => {
  const loop = await water('return')
  await loop.at(51, H + 1)
  await loop.at(45, 5 * H)
  expect(loop.told()).toEqual(['300 fired'])
  const other = await water('return', ', safeFrom: 44, after: 8h')
  await other.at(45, 10 * H)
  await other.at(43, 7 * H)
  expect(other.told()).toEqual([])
})

test('cold water is no danger until something has grown, and then no end of it', async () => {
  const { at, told } = await water('storage')
  await at(15, 48 * H)
  expect(told()).toEqual([])
  await at(35, 25 * H)
  expect(told()).toHaveLength(1)
  await at(15, 48 * H)
  expect(told()).toHaveLength(1)
})

test('a point of use scalds above 50 °C', async () => {
  const { at, told, events } = await water('outlet')
  await at(49, H)
  await at(52, 1)
  expect(told()).toEqual(['60 fired'])
  expect(events[0]!.alert.message.en).toContain('Hot water temperature at a point of use 52 °C, above 50 °C')
  await at(49.5, H)
  await at(48.9, 10)
  expect(told()).toEqual(['60 fired', '126 resolved'])
})

test('trap 24: bad readings, doubt and silence raise nothing and end nothing', async () => {
  const { at, say, told } = await water('storage')
  await at(48, 12 * H)
  await say(6 * H, {})
  // What the water was in the silence nobody knows: it may have been heated through.
  await at(48, 23 * H)
  expect(told()).toEqual([])
  await at(48, H + 1)
  expect(told()).toHaveLength(1)
  await at(null, 5 * H)
  await say(5 * H, {})
  await say(5 * H, { 'college/ecs/storage': 60 }, 'uncertain')
  expect(told()).toHaveLength(1)
  await at(60, 70)
  expect(told()).toHaveLength(2)
})

test('trap 24: water of which nothing was ever known begins with what is heard first', async () => {
  const { at, told } = await water('return', ', after: 1h, safeAfter: 20min')
  await at(null, 2 * H)
  await at(45, 60)
  expect(told()).toEqual([])
  await at(45, 1)
  expect(told()).toEqual(['180 fired'])
})

test('trap 19: what was hot before the alert counts after a restart', async () => {
  const { at, restart, told } = await water('return', ', after: 1h, safeAfter: 20min')
  await at(45, 41)
  await at(52, 20)
  await restart()
  await at(61, 6)
  expect(told()).toEqual(['60 fired', '66 resolved'])
})

test('trap 19: what was hot before what a restart looks at makes no danger', async () => {
  const { at, restart, told } = await water('return', ', after: 1h, safeAfter: 20min')
  await at(61, 21)
  await at(45, 51)
  await at(20, 69)
  await restart()
  await at(20, 2)
  expect(told()).toEqual([])
})

test('an end that goes out of sight before it has lasted is none', async () => {
  const { at, told } = await water('return', ', after: 1h, safeAfter: 20min')
  await at(45, 41)
  await at(61, 21)
  await at(null, 30)
  await at(20, 20)
  expect(told()).toEqual(['60 fired'])
  await at(61, 26)
  expect(told()).toEqual(['60 fired', '137 resolved'])
})

test('trap 19: with restarts at any time the same happens at the same time as without', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          value: fc.option(fc.constantFrom(20, 45, 52, 61)),
          minutes: fc.integer({ min: 1, max: 80 }),
          restart: fc.boolean(),
        }),
        { minLength: 1, maxLength: 10 },
      ),
      spells => expectNoRestartShows(() => water('return', ', after: 1h, safeAfter: 20min'), spells),
    ),
    { numRuns: 20 },
  ))

test('what cannot come true is an error of the registry', async () => {
  const wrong = (name: string, parameters?: string) =>
    loadTerritory(COLLEGE, [rule(name, parameters)]).catch((error: Error) => error.message)
  expect(await wrong('room')).toMatch(/is indoor-temperature: select one of hot-water-storage-temperature/)
  expect(await wrong('return', ', coldUpTo: 50')).toMatch(/condition\.coldUpTo: nothing would lie between/)
})
