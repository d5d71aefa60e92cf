import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expressionRule, liveHeatingRule } from '../heating.ts'
import { expectNoRestartShows } from '../live-rule.ts'

const CLOSE = 'supply - back < 3.0 && pump'
const heating = (when = CLOSE) => liveHeatingRule(expressionRule(when))

test('tells that an expression is true, and no longer', async () => {
  const { at, told, events } = await heating()
  await at({ supply: 60, back: 59, pump: false }, 10)
  await at({ supply: 60, back: 59, pump: true }, 10)
  expect(told()).toEqual(['13 fired'])
  expect(events[0]!.alert.value).toBe(60)
  expect(events[0]!.alert.message).toEqual({
    fr: 'R – college – Température de départ 60 °C, « supply - back < 3.0 && pump » depuis le 22/11/2026 04:10',
    en: 'R – college – Supply temperature 60 °C, “supply - back < 3.0 && pump” since 22/11/2026 04:10',
  })
  await at({ supply: 60, back: 50, pump: true }, 10)
  expect(told()).toEqual(['13 fired', '25 resolved'])
})

test('a selector reads what stands beside each of its points', async () => {
  const selected = `{ id: r, name: R, select: { quantity: supply-temperature }, maxAge: 10min, severity: info,
    condition: { type: expression, when: value - back < 3.0, points: { back: back, same: back, power: meter/power } } }`
  const { watch, at, told } = await liveHeatingRule(selected, { site: 'gymnase' })
  expect(watch().points).toEqual(['gymnase/boiler/supply', 'gymnase/boiler/back', 'gymnase/meter/power'])
  await at({ supply: 60, back: 59 }, 1)
  expect(told()).toEqual(['0 fired'])
})

test('an expression of its own point only is judged with each reading', async () => {
  const { at, told } = await liveHeatingRule(
    `{ id: r, name: R, select: { points: [college/boiler/mode] }, severity: info,
      condition: { type: expression, when: 'value.startsWith("ni")' } }`,
    { point: 'boiler/mode' },
  )
  await at({ mode: 'off' }, 2)
  await at({ mode: 'night' }, 2)
  await at({ mode: 'off' }, 2)
  expect(told()).toEqual(['2 fired', '4 resolved'])
})

/** What fires within ten minutes is true, what resolves a live alert is false, and the rest is unknown. */
async function verdictOf(when: string, values: Parameters<Awaited<ReturnType<typeof heating>>['at']>[0]) {
  const calm = await heating(when)
  await calm.at(values, 10)
  if (calm.told().length > 0) return true
  const firing = await heating(`(${when}) || mode == 'night'`)
  await firing.at({ mode: 'night' }, 5)
  await firing.at({ ...values, mode: 'off' }, 20)
  return firing.told().length > 1 ? false : 'unknown'
}

describe('trap 24: three values', () => {
  test.each([
    ['supply > 50.0 && pump', { supply: 60, pump: true }, true],
    ['supply > 50.0 && pump', { supply: 60, pump: false }, false],
    ['supply > 50.0 && pump', { supply: 60 }, 'unknown'],
    ['supply > 50.0 && pump', { supply: 60, pump: null }, 'unknown'],
    ['supply > 50.0 && pump', { supply: 40 }, false],
    ['supply > 50.0 && pump', { pump: false }, false],
    ['supply > 50.0 || pump', { pump: true }, true],
    ['supply > 50.0 || pump', { supply: 60 }, true],
    ['supply > 50.0 || pump', { supply: 40 }, 'unknown'],
    ['!pump', {}, 'unknown'],
    ['pump ? supply > 50.0 : back > 50.0', { pump: true, supply: 60 }, true],
    ['pump ? supply > 50.0 : back > 50.0', { supply: 60, back: 60 }, 'unknown'],
    // Text where a number is declared.
    ['supply > 50.0', { supply: 'hot' }, 'unknown'],
  ] as const)('%s with %o is %s', async (when, values, verdict) => {
    expect(await verdictOf(when, values)).toBe(verdict)
  })
})

describe('what fails is unknown', () => {
  test.each([
    // Infinity, after IEEE 754, would be above any limit.
    ['heat / power > 2.0', { 'meter/heat': 3, 'meter/power': 0 }, 'unknown'],
    ['heat / power < 2.0', { 'meter/heat': 0, 'meter/power': 0 }, 'unknown'],
    ['heat / (power - 1.0) > 2.0', { 'meter/heat': 3, 'meter/power': 1 }, 'unknown'],
    ['heat / power > 2.0', { 'meter/heat': 3, 'meter/power': 1 }, true],
    ['heat / power / 2.0 > 2.0', { 'meter/heat': 3, 'meter/power': 1 }, false],
    ['power == 0.0 || heat / power > 2.0', { 'meter/heat': 3, 'meter/power': 0 }, true],
    ['power > 0.0 && heat / power < 2.0', { 'meter/heat': 3, 'meter/power': 0 }, false],
    ['7 / int(power) > 2', { 'meter/power': 0 }, 'unknown'],
    ['7 / int(power) > 2', { 'meter/power': 2 }, true],
  ] as const)('%s with %o is %s', async (when, values, verdict) => {
    expect(await verdictOf(when, values)).toBe(verdict)
  })
})

test('uncertain readings may show danger but never its end', async () => {
  const { at, told } = await heating()
  await at({ supply: 60, back: 59, pump: true }, 5, 'uncertain:uncertain-source')
  expect(told()).toEqual(['3 fired'])
  await at({ supply: 60, back: 30 }, 30, 'uncertain:uncertain-source')
  expect(told()).toEqual(['3 fired'])
  await at({ supply: 60, back: 30 }, 6)
  expect(told()).toEqual(['3 fired', '40 resolved'])
})

test('what is certain ends a danger, though the rest be uncertain', async () => {
  const { at, told } = await heating()
  await at({ supply: 60, back: 59, pump: true }, 5)
  await at({ supply: 60, back: 59 }, 2, 'uncertain:uncertain-source')
  await at({ pump: false }, 6)
  expect(told()).toEqual(['3 fired', '12 resolved'])
})

test('a state that is told only when it changes stands for its heartbeat and maxAge', async () => {
  const { at, told } = await heating()
  await at({ pump: true }, 1)
  await at({ supply: 60, back: 30 }, 30)
  await at({ supply: 60, back: 59 }, 5)
  expect(told()).toEqual(['34 fired'])
  const { at: later, told: tell } = await heating()
  await later({ pump: true }, 1)
  await later({ supply: 60, back: 30 }, 40)
  await later({ supply: 60, back: 59 }, 30)
  expect(tell()).toEqual([])
})

test('a restart knows a state that was told long ago, and again since', async () => {
  const { at, told, restart } = await heating()
  await at({ supply: 60, back: 50, pump: true }, 1)
  await at({ supply: 60, back: 50 }, 29)
  await at({ supply: 60, back: 59 }, 1)
  await at({ supply: 60, back: 59, pump: true }, 1)
  await restart()
  await at({ supply: 60, back: 59 }, 5)
  expect(told()).toEqual(['33 fired'])
})

test('trap 19: with restarts at any time the same happens at the same time as without', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          value: fc.record(
            {
              supply: fc.option(fc.constant(60)),
              back: fc.option(fc.constantFrom(59, 50)),
              pump: fc.boolean(),
            },
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
