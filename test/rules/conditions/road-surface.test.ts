import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Foresight, forecastBoard } from '../../../model/forecast.ts'
import type { QualityCode } from '../../../model/quality.ts'
import type { QuantityName } from '../../../model/quantity.ts'
import type { Value } from '../../../model/reading.ts'
import { HOUR_MS } from '../../../model/time.ts'
import { liveRule } from '../live-rule.ts'
import { FULL_STATION, roadRegistry, type TestStation } from '../road-station.ts'
import { MIN, START } from '../territory.ts'

const RULE = `{ id: road, name: { fr: Route, en: Road }, select: { points: [col/meteo/surface-temperature] },
  condition: { type: road-surface }, offDelay: 5min, maxAge: 10min, severity: critical }`
const STATION: TestStation = { site: 'col', lat: 44, quantities: FULL_STATION }
/** 11 km to the north. */
const NEIGHBOUR: TestStation = {
  site: 'voisine',
  lat: 44.1,
  quantities: ['air-temperature', 'surface-temperature', 'relative-humidity', 'precipitation'],
}

type Weather = Partial<Record<QuantityName, Value>>
/** A mild day on a dry road. */
const MILD: Weather = {
  'surface-temperature': 5,
  'freezing-temperature': null,
  'surface-condition': 'dry',
  precipitation: false,
  'precipitation-type': 'none',
  'air-temperature': 5,
  'relative-humidity': 40,
  fault: false,
}

async function road(stations: TestStation[] = [STATION], rule = RULE, foresee?: Foresight) {
  const registry = await roadRegistry(stations, [rule])
  const live = await liveRule(registry, 'road', 'col/meteo/surface-temperature', [], foresee)
  return {
    ...live,
    /** Every point of a site says so every minute; what is null is bad, and what is left out silent. */
    say: (minutes: number, weather: Weather, { site = 'col', quality = 'good' as QualityCode } = {}) =>
      live.say(
        minutes,
        Object.fromEntries(Object.entries(weather).map(([name, value]) => [`${site}/meteo/${name}`, value])),
        quality,
      ),
  }
}

const wet = (temperature: number): Weather => ({
  ...MILD,
  'surface-temperature': temperature,
  'surface-condition': 'wet',
})
const dry = (temperature: number): Weather => ({ ...MILD, 'surface-temperature': temperature })

describe('ice', () => {
  test('is told when a wet surface freezes, with its value', async () => {
    const { say, told, events } = await road()
    await say(30, wet(2))
    await say(1, wet(0))
    expect(told()).toEqual(['30 fired ice'])
    expect(events[0]!.alert).toMatchObject({
      ...{ severity: 'critical', value: 0, point: 'col/meteo/surface-temperature' },
      message: {
        fr: 'Route – col – Verglas, chaussée 0 °C, depuis le 22/11/2026 04:30',
        en: 'Road – col – Ice, surface 0 °C, since 22/11/2026 04:30',
      },
    })
  })

  test('is none on a dry road, however cold', async () => {
    const { say, told } = await road()
    await say(60, dry(1))
    await say(180, dry(-3))
    expect(told()).toEqual([])
  })

  test('is none on a salted road above the freezing point of its brine', async () => {
    const { say, told } = await road()
    await say(30, wet(2))
    await say(30, { ...wet(-2), 'freezing-temperature': -4 })
    expect(told()).toEqual([])
    await say(1, { ...wet(-2), 'freezing-temperature': -1.5 })
    expect(told()).toEqual(['60 fired ice'])
  })

  test('a brine that nobody measures any more is taken for water', async () => {
    const { say, told } = await road()
    await say(30, { ...wet(-2), 'freezing-temperature': -6 })
    await say(1, { ...wet(-2), 'freezing-temperature': null })
    expect(told()).toEqual(['30 fired ice'])
  })

  test('ends when the surface has been half a kelvin above freezing for 15 minutes, and is watched until then', async () => {
    const { say, told } = await road()
    await say(60, wet(-1))
    await say(14, wet(0.5))
    expect(told()).toEqual(['0 fired ice', '65 changed-1 watch'])
    await say(7, wet(0.5))
    expect(told().slice(2)).toEqual(['80 resolved watch'])
  })

  test('does not end a little above freezing, nor by a moment of warmth', async () => {
    const { say, told } = await road()
    await say(60, wet(-1))
    await say(120, wet(0.4))
    await say(14, wet(1))
    await say(120, wet(0.4))
    expect(told()).toEqual(['0 fired ice', '65 changed-1 watch'])
  })

  test('ends when the surface has been dry without precipitation for 30 minutes, at any temperature', async () => {
    const { say, told } = await road()
    await say(60, wet(-3))
    await say(29, dry(-3))
    expect(told()).toEqual(['0 fired ice', '65 changed-1 watch'])
    await say(10, dry(-3))
    expect(told().slice(2)).toEqual(['95 resolved watch'])
  })

  test('precipitation on a dry road keeps it', async () => {
    const { say, told } = await road()
    await say(10, wet(-3))
    await say(120, { ...dry(-3), precipitation: true, 'precipitation-type': 'rain' })
    expect(told()).toEqual(['0 fired ice'])
  })
})

describe('other dangers', () => {
  test('hoar is told after half an hour under the frost point, not before', async () => {
    const { say, told } = await road()
    await say(60, { ...dry(-1), 'air-temperature': -1, 'relative-humidity': 90 })
    const cold = { ...dry(-4), 'air-temperature': -1, 'relative-humidity': 90 }
    await say(30, cold)
    expect(told().filter(line => line.endsWith('hoar'))).toEqual([])
    await say(1, cold)
    expect(told().at(-1)).toMatch(/^90 .* hoar$/)
  })

  test('a surface that cools towards freezing with moisture is watched, and ice then worsens it', async () => {
    const { say, told, watch } = await road()
    for (let i = 0; i < 60; i++) await say(1, wet(2 - i / 30))
    expect(told()).toEqual(['30 fired watch'])
    expect(watch().alert).toMatchObject({ severity: 'warning' })
    await say(1, wet(0))
    expect(told()).toEqual(['30 fired watch', '60 worsened-1 ice'])
    expect(watch().alert).toMatchObject({ severity: 'critical', state: 'firing' })
  })

  test('dangers that take turns are one for the on-delay, and cleared like one', async () => {
    const { say, told } = await road([STATION], RULE.replace('offDelay', 'onDelay: 3min, offDelay'))
    const rain = { ...wet(-1), precipitation: true, 'precipitation-type': 'freezing-rain' }
    for (let turn = 0; turn < 3; turn++) {
      await say(1, wet(-1))
      await say(1, rain)
    }
    expect(told()).toEqual(['3 fired freezing-rain'])
    await say(10, wet(2))
    expect(told().slice(1)).toEqual(['11 changed-1 watch'])
  })

  test('snow and freezing rain are told as the sensor of precipitation says; a graver one goes before', async () => {
    const { say, told } = await road()
    const snow = { ...dry(-1), precipitation: true, 'precipitation-type': 'snow' }
    await say(10, snow)
    await say(10, { ...snow, 'precipitation-type': 'freezing-rain' })
    expect(told()).toEqual(['0 fired snow', '10 changed-1 freezing-rain'])
  })
})

describe('trap 24: what is not known is never taken for harmless', () => {
  test('a station that falls silent neither raises nor clears', async () => {
    const { say, told } = await road()
    await say(30, wet(2))
    await say(120, {})
    expect(told()).toEqual([])
    await say(10, wet(-1))
    await say(300, {})
    expect(told()).toEqual(['150 fired ice'])
  })

  test('a fault that the station reports silences it', async () => {
    const { say, told } = await road()
    await say(60, { ...wet(-1), fault: true })
    expect(told()).toEqual([])
    await say(1, wet(-1))
    expect(told()).toEqual(['60 fired ice'])
    await say(120, { ...wet(5), fault: true })
    expect(told()).toEqual(['60 fired ice'])
  })

  test('moisture that is not known does not clear, and does not hide what is known', async () => {
    const { say, told } = await road()
    await say(10, wet(-2))
    await say(120, { ...dry(-2), 'surface-condition': null })
    expect(told()).toEqual(['0 fired ice'])
  })

  test('an uncertain reading may show danger, never its end', async () => {
    const { say, told } = await road()
    await say(10, wet(-1), { quality: 'uncertain:uncertain-source' })
    expect(told()).toEqual(['0 fired ice'])
    await say(60, wet(5), { quality: 'uncertain:uncertain-source' })
    expect(told()).toEqual(['0 fired ice'])
    await say(30, wet(5))
    expect(told()).toEqual(['0 fired ice', '75 changed-1 watch', '90 resolved watch'])
  })

  test('15 minutes unknown while a neighbour is below 3 °C are told like WATCH', async () => {
    const { say, told, watch } = await road([STATION, NEIGHBOUR])
    await say(1, MILD)
    const both = async (minutes: number, neighbour: number, own: Weather = {}) => {
      for (let i = 0; i < minutes; i++) {
        await say(0, own)
        for (const [name, value] of Object.entries({
          'surface-temperature': neighbour,
          'air-temperature': 6,
        }))
          await say(0, { [name]: value })
        await say(1, { 'surface-temperature': neighbour, 'air-temperature': 6 }, { site: 'voisine' })
      }
    }
    await both(60, 3)
    expect(told()).toEqual([])
    await both(1, 2.9)
    expect(told()).toEqual(['61 fired unknown'])
    expect(watch().alert!.severity).toBe('warning')
  })

  test('where the temperature of the surface is not known, nothing stands in its place', async () => {
    const { say, told, events } = await road([STATION, NEIGHBOUR])
    await say(1, MILD)
    const cold = { 'surface-temperature': 2, 'air-temperature': 6 }
    for (let minute = 0; minute < 40; minute++) {
      await say(0, { 'surface-temperature': null })
      await say(1, cold, { site: 'voisine' })
    }
    expect(told()).toEqual(['26 fired unknown'])
    expect(events[0]!.alert.message.fr).toContain('inconnu, gel possible, depuis le ')
    expect(events[0]!.alert.message.en).toContain('frost is possible, since ')
  })
})

describe('a forecast below 3 °C', () => {
  const issued = (temperature: number, minutesAgo: number) => {
    const { put, foresee } = forecastBoard(source => (source === 'meteo' ? 3 * HOUR_MS : undefined))
    const time = START - minutesAgo * MIN
    const steps = [0, 12].map(hours => ({
      time: time + hours * HOUR_MS,
      values: { 'air-temperature': temperature },
    }))
    put([{ source: 'meteo', site: 'col', issued: time, steps }])
    return foresee
  }

  test('has a station that is unknown for 15 minutes told like WATCH', async () => {
    const { say, told, watch } = await road([STATION], RULE, issued(2.9, 0))
    await say(1, MILD)
    await say(40, {})
    // It is unknown when its readings are older than 10 minutes.
    expect(told()).toEqual(['26 fired unknown'])
    expect(watch().alert!.severity).toBe('warning')
  })

  test('says nothing at 3 °C, nor when it is stale', async () => {
    for (const foresee of [issued(3, 0), issued(-5, 160)]) {
      const { say, told } = await road([STATION], RULE, foresee)
      await say(1, MILD)
      await say(40, {})
      expect(told()).toEqual([])
    }
  })
})

describe('a station without a sensor for the moisture of its surface', () => {
  const PLAIN: TestStation = {
    ...STATION,
    quantities: ['surface-temperature', 'precipitation', 'air-temperature', 'relative-humidity'],
  }
  const plain = (temperature: number, precipitation: boolean, humidity = 70): Weather => ({
    'surface-temperature': temperature,
    precipitation,
    'air-temperature': 1,
    'relative-humidity': humidity,
  })

  test('counts as moist for six hours after precipitation', async () => {
    const { say, told } = await road([PLAIN])
    await say(1, plain(3, true))
    await say(5 * 60, plain(3, false))
    await say(1, plain(-1, false))
    expect(told()).toEqual(['301 fired ice'])
    const other = await road([PLAIN])
    await other.say(1, plain(3, true))
    await other.say(6 * 60, plain(3, false))
    await other.say(30, plain(-1, false))
    expect(other.told()).toEqual([])
  })

  test('counts as moist where the air is moist enough to wet it', async () => {
    const { say, told } = await road([PLAIN])
    await say(30, plain(3, false, 98))
    await say(1, plain(0, false, 98))
    expect(told()).toEqual(['30 fired ice'])
  })
})

test('trap 20: that nothing was heard while the hub was away is not told of its stations at once', async () => {
  const { say, told, away } = await road([STATION, NEIGHBOUR])
  const cold = { 'surface-temperature': 1, 'air-temperature': 1 }
  await say(60, MILD)
  await say(1, { 'surface-temperature': null })
  await away(60)
  await say(4, cold, { site: 'voisine' })
  expect(told()).toEqual([])
  await say(2, cold, { site: 'voisine' })
  expect(told()).toEqual(['126 fired unknown'])
})

test('trap 19: a restart makes no danger of what was watched, and forgets none that was', async () => {
  const watched = await road()
  await watched.say(7 * 60, wet(0.45))
  for (let i = 0; i < 30; i++) await watched.say(1, wet(0.45 - i / 100))
  expect(watched.told()).toEqual(['440 fired watch'])
  await watched.restart()
  // It cools no further: there was no danger that has to be cleared.
  await watched.say(45, wet(0.16))
  expect(watched.told().at(-1)).toMatch(/resolved watch$/)

  const iced = await road()
  await iced.say(30, wet(-1))
  await iced.say(8 * 60, wet(0.3))
  expect(iced.told()).toEqual(['0 fired ice', '35 changed-1 watch'])
  await iced.restart()
  await iced.say(60, wet(0.3))
  expect(iced.told()).toHaveLength(2)
})

test('trap 19: with restarts at any time the same happens at the same time as without', async () => {
  const spell = fc.record({
    minutes: fc.integer({ min: 1, max: 45 }),
    temperature: fc.double({ min: -3, max: 2, noNaN: true }),
    condition: fc.constantFrom('dry', 'wet', null),
    rain: fc.boolean(),
    restart: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(spell, { minLength: 1, maxLength: 8 }), async spells => {
      const [one, other] = [await road(), await road()]
      for (const run of [one, other]) await run.say(3 * 60, MILD)
      for (const { minutes, temperature, condition, rain, restart } of spells) {
        const weather = {
          ...wet(Math.round(temperature * 10) / 10),
          ...{ 'surface-condition': condition, precipitation: rain },
          'precipitation-type': rain ? 'rain' : 'none',
        }
        for (const run of [one, other]) await run.say(minutes, weather)
        if (restart) await other.restart()
      }
      expect(other.told()).toEqual(one.told())
      expect(other.events.map(({ alert }) => alert.message)).toEqual(
        one.events.map(({ alert }) => alert.message),
      )
    }),
    { numRuns: 25 },
  )
})

test('what a station lacks is an error of the registry', async () => {
  const lacking = (...without: QuantityName[]) =>
    roadRegistry(
      [{ ...STATION, quantities: FULL_STATION.filter(name => !without.includes(name)) }],
      [RULE],
    ).then(
      () => 'nothing is wrong',
      (error: Error) => error.message,
    )
  expect(await lacking('surface-condition', 'precipitation', 'precipitation-type')).toMatch(
    /territory\.yaml:\d+.*: col cannot tell ice: it has none of surface-condition, water-film/,
  )
  expect(await lacking('relative-humidity')).toMatch(/col cannot tell hoar: it needs air-temperature/)
  expect(await lacking('surface-condition', 'fault')).toBe('nothing is wrong')
})
