import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Value } from '../../../model/reading.ts'
import { expectNoRestartShows, liveRule } from '../live-rule.ts'
import { roadRegistry } from '../road-station.ts'

const STATION = 'station/meteo'
const FOG = `{ id: fog, name: { fr: Brouillard, en: Fog }, select: { quantity: visibility },
  condition: { type: graded, grades: [
    { phenomenon: fog, name: { fr: Brouillard, en: Fog }, below: 200, hysteresis: 50 },
    { phenomenon: dense-fog, name: { fr: Brouillard dense, en: Dense fog }, below: 50, hysteresis: 25, severity: critical } ] },
  onDelay: 3min, offDelay: 5min, maxAge: 10min, severity: warning }`

const registryOf = (rule: string) =>
  roadRegistry([{ site: 'station', lat: 44, quantities: ['visibility', 'wind-speed', 'fault'] }], [rule])

async function live(rule = FOG, point = 'visibility') {
  const run = await liveRule(await registryOf(rule), 'fog', `${STATION}/${point}`)
  return {
    ...run,
    at: (value: Value, minutes: number, quality?: Parameters<typeof run.say>[2]) =>
      run.say(minutes, { [`${STATION}/${point}`]: value }, quality),
    grades: () => run.events.map(({ type, alert }) => `${type} ${alert.phenomenon} ${alert.severity}`),
  }
}

test('one alert worsens and eases by the grades, each with its name and severity', async () => {
  const { at, told, grades, events } = await live()
  await at(150, 10)
  await at(40, 10)
  expect(told()).toEqual(['3 fired fog', '13 worsened-1 dense-fog'])
  await at(74, 10)
  await at(75, 10)
  expect(told().slice(2)).toEqual(['35 changed-2 fog'])
  await at(249, 10)
  await at(250, 10)
  expect(told().slice(3)).toEqual(['55 resolved fog'])
  expect(grades().slice(0, 3)).toEqual([
    'fired fog warning',
    'worsened dense-fog critical',
    'changed fog warning',
  ])
  expect(events[1]!.alert.message).toEqual({
    fr: 'Brouillard – station – Brouillard dense, Visibilité 40 m, sous 50 m depuis le 22/11/2026 04:10',
    en: 'Fog – station – Dense fog, Visibility 40 m, below 50 m since 22/11/2026 04:10',
  })
})

test('a danger whose grade keeps changing fires after the on-delay of any', async () => {
  const { at, told, events } = await live()
  for (const value of [150, 30, 150, 30, 150]) await at(value, 1)
  expect(told()).toEqual(['3 fired dense-fog'])
  expect(events[0]!.alert.since).toBe(events[0]!.time - 3 * 60_000)
})

test('what is uncertain may worsen an alert, and never eases it', async () => {
  const { at, told } = await live()
  await at(150, 5)
  await at(30, 5, 'uncertain:uncertain-source')
  expect(told()).toEqual(['3 fired fog', '8 worsened-1 dense-fog'])
  await at(150, 30, 'uncertain:uncertain-source')
  await at(null, 30)
  expect(told()).toHaveLength(2)
  await at(1000, 6)
  expect(told().slice(2)).toEqual(['75 resolved dense-fog'])
})

test('limits may be in another unit than the point', async () => {
  const wind = FOG.replace('quantity: visibility', 'quantity: wind-speed')
    .replace('type: graded', 'type: graded, unit: km/h')
    .replace('below: 200, hysteresis: 50', 'above: 60, hysteresis: 10')
    .replace('below: 50, hysteresis: 25', 'above: 90, hysteresis: 10')
  const { at, told, events } = await live(wind, 'wind-speed')
  await at(16, 10)
  await at(17, 10)
  expect(told()).toEqual(['13 fired fog'])
  expect(events[0]!.alert.value).toBe(17)
  expect(events[0]!.alert.message.en).toContain('Fog, Wind speed 61.2 km/h, above 60 km/h since')
  await at(25.1, 5)
  await at(24, 10)
  expect(told().slice(1)).toEqual(['23 worsened-1 dense-fog'])
})

test('trap 19: with restarts at any time the same happens at the same time as without', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          value: fc.constantFrom<Value>(30, 60, 150, 220, 1000),
          minutes: fc.integer({ min: 1, max: 12 }),
          restart: fc.boolean(),
        }),
        { minLength: 1, maxLength: 12 },
      ),
      async spells => expectNoRestartShows(live, spells),
    ),
    { numRuns: 30 },
  ))

test.each([
  ['below: 50', 'below: 200', /grades: each grade must be further out than the one before/],
  ['below: 50', 'above: 300', /grades: each grade must be further out than the one before/],
  ['phenomenon: dense-fog', 'phenomenon: fog', /grades: two grades have the same phenomenon/],
  ['below: 50', 'below: 50, above: 3', /grades\[1\]: give either above or below/],
  [
    'type: graded',
    'type: graded, unit: Cel',
    /condition\.unit: station\/meteo\/visibility is in m, which is never Cel/,
  ],
  ['quantity: visibility', 'quantity: fault', /station\/meteo\/fault is fault, which has no grades/],
])('%s instead of %s is refused', async (old, other, message) => {
  await expect(registryOf(FOG.replace(old, other))).rejects.toThrow(message)
})
