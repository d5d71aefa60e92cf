import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Foresight } from '../../../model/forecast.ts'
import type { QualityCode } from '../../../model/quality.ts'
import type { QuantityName } from '../../../model/quantity.ts'
import type { Value } from '../../../model/reading.ts'
import { expectNoRestartShows, liveRule } from '../live-rule.ts'
import { FULL_STATION, roadRegistry } from '../road-station.ts'
import { MIN, START } from '../territory.ts'

const RULE = `{ id: soon, name: { fr: Route, en: Road }, select: { quantity: surface-temperature },
  condition: { type: ice-outlook }, onDelay: 10min, offDelay: 30min, maxAge: 10min, severity: warning }`

type Weather = Partial<Record<QuantityName, Value>>
const WET: Weather = {
  ...{ 'surface-condition': 'wet', precipitation: false, 'precipitation-type': 'none' },
  ...{ 'air-temperature': 3, 'relative-humidity': 60, 'freezing-temperature': null, fault: false },
}
const DRY: Weather = { ...WET, 'surface-condition': 'dry', 'relative-humidity': 20 }

const registryOf = (rule = RULE, without: QuantityName[] = []) =>
  roadRegistry(
    [{ site: 'col', lat: 44, quantities: FULL_STATION.filter(name => !without.includes(name)) }],
    [rule],
  )

async function road(rule = RULE, foresee?: Foresight) {
  const live = await liveRule(await registryOf(rule), 'soon', 'col/meteo/surface-temperature', [], foresee)
  let surface = 8
  return {
    ...live,
    /** So many minutes of a surface that changes by so many K an hour, from where it was unless told otherwise. */
    async go(
      minutes: number,
      perHour: number,
      { from = surface, weather = WET, quality = 'good' as QualityCode } = {},
    ) {
      surface = from
      for (let i = 0; i < minutes; i++) {
        const values = { ...weather, 'surface-temperature': Math.round(surface * 1000) / 1000 }
        const said = Object.entries(values).map(([name, value]) => [`col/meteo/${name}`, value] as const)
        await live.say(1, Object.fromEntries(said), quality)
        surface += perHour / 60
      }
    },
  }
}

test('ice that is modelled to come within three hours is told, with when, as modelled', async () => {
  const { go, told, events } = await road()
  await go(90, -1, { from: 2 })
  // The trend is known after 45 minutes.
  expect(told()).toEqual(['55 fired ice-expected'])
  expect(events[0]!.alert).toMatchObject({
    severity: 'warning',
    message: {
      fr: 'Route – col – Verglas attendu vers le 22/11/2026 06:30 (modélisé, non mesuré), chaussée 1,08 °C',
      en: 'Road – col – Ice expected from about 22/11/2026 06:30 (modelled, not measured), surface 1.08 °C',
    },
  })
})

test('how soon is a parameter', async () => {
  const { go, told } = await road(RULE.replace('ice-outlook', 'ice-outlook, within: 1h'))
  await go(150, -1, { from: 2 })
  expect(told()).toEqual(['83 fired ice-expected'])
})

test('a road that stays warm, or is dry, is told of nothing', async () => {
  const { go, told } = await road()
  await go(120, 0, { from: 2 })
  await go(180, -2, { from: 2, weather: DRY })
  expect(told()).toEqual([])
})

test('hoar is told as such', async () => {
  const { go, events } = await road()
  await go(120, -2, { from: 1, weather: { ...DRY, 'air-temperature': 0, 'relative-humidity': 90 } })
  expect(events.map(({ alert }) => alert.message.en)).toEqual([
    expect.stringContaining('Hoar frost expected from about'),
  ])
})

test('it is over when none is to be expected even of a colder surface, for the off-delay', async () => {
  const { go, told } = await road()
  await go(90, -1, { from: 2 })
  expect(told()).toHaveLength(1)
  // A surface that cools no more would not freeze, but one half a kelvin colder would.
  await go(120, 0, { from: 0.4 })
  expect(told()).toHaveLength(1)
  await go(120, 0, { from: 2 })
  expect(told()).toEqual(['55 fired ice-expected', expect.stringMatching(/^2\d\d resolved ice-expected$/)])
})

test('it lasts while the danger is there, and a danger that has come is expected no more', async () => {
  const { go, told } = await road()
  await go(300, -1, { from: 2 })
  expect(told()).toEqual(['55 fired ice-expected'])

  const surprised = await road()
  await surprised.go(90, 0, { from: -2, weather: DRY })
  await surprised.go(90, 0, {
    from: -2,
    weather: { ...WET, precipitation: true, 'precipitation-type': 'rain' },
  })
  expect(surprised.told()).toEqual([])
})

test('what is stale, faulty or uncertain tells nothing, and ends nothing', async () => {
  const { go, say, told } = await road()
  await go(120, -1, { from: 2, weather: { ...WET, fault: true } })
  await go(40, -1, { from: 2 })
  await say(60, {})
  expect(told()).toEqual([])
  await go(90, -1, { from: 2 })
  expect(told()).toHaveLength(1)
  await say(180, {})
  await go(120, 0, { from: 8, weather: { ...WET, fault: true } })
  await go(120, 0, { from: 8, quality: 'uncertain:uncertain-source' })
  expect(told()).toHaveLength(1)
})

test('what was out of sight for longer than may be is seen anew: it must last from then on', async () => {
  const { go, say, told } = await road(RULE.replace('onDelay: 10min', 'onDelay: 20min'))
  await go(50, -1, { from: 2 })
  await say(15, {})
  await go(25, -1)
  expect(told()).toEqual(['85 fired ice-expected'])
})

test('a fresh forecast has its say', async () => {
  const frost: Foresight = (_site, time) => ({ 'surface-temperature': 4 - ((time - START) / (60 * MIN)) * 2 })
  const { go, told } = await road(RULE, frost)
  await go(120, 0, { from: 4 })
  expect(told()).toEqual([expect.stringMatching(/fired ice-expected$/)])
})

interface Spell {
  perHour: number
  condition: 'wet' | 'dry' | null
  rain: boolean
  fault: boolean
  silent: boolean
}

test('trap 19: with restarts at any time the same happens at the same time as without', async () => {
  const value: fc.Arbitrary<Spell> = fc.record({
    perHour: fc.constantFrom(-4, -2, -1, 0, 0, 2, 6),
    condition: fc.constantFrom('wet', 'wet', 'dry', null),
    rain: fc.constantFrom(true, false, false),
    fault: fc.constantFrom(true, false, false, false),
    silent: fc.constantFrom(true, false, false, false),
  })
  const spell = fc.record({ value, minutes: fc.integer({ min: 1, max: 50 }), restart: fc.boolean() })
  const open = async () => {
    const { go, say, ...live } = await road()
    return {
      ...live,
      at: ({ perHour, condition, rain, fault, silent }: Spell, minutes: number) => {
        const precipitation = { precipitation: rain, 'precipitation-type': rain ? 'rain' : 'none' }
        const weather = { ...WET, 'surface-condition': condition, ...precipitation, fault }
        return silent ? say(minutes, {}) : go(minutes, perHour, { weather })
      },
    }
  }
  const COOLING: Spell = { perHour: -6, condition: 'wet', rain: false, fault: false, silent: false }
  await fc.assert(
    fc.asyncProperty(fc.array(spell, { minLength: 1, maxLength: 8 }), spells =>
      expectNoRestartShows(open, spells, run => run.at(COOLING, 60)),
    ),
    { numRuns: 25 },
  )
})

test('what cannot be told ahead is an error of the registry', async () => {
  const problem = (...asked: Parameters<typeof registryOf>) =>
    registryOf(...asked).then(
      () => 'nothing is wrong',
      (error: Error) => error.message,
    )
  expect(await problem(RULE, ['relative-humidity'])).toMatch(/col cannot tell hoar: it needs air-temperature/)
  expect(await problem(RULE.replace('ice-outlook', 'ice-outlook, within: 4h'))).toMatch(
    /within: is longer than the 3 h that the outlook looks ahead/,
  )
})
