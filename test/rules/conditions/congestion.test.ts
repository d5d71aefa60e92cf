import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { QuantityName } from '../../../model/quantity.ts'
import { expectNoRestartShows, liveRule } from '../live-rule.ts'
import { roadRegistry } from '../road-station.ts'

const JAM = `{ id: jam, name: { fr: Trafic, en: Traffic }, select: { quantity: mean-speed },
  condition: { type: congestion }, onDelay: 2min, offDelay: 5min, maxAge: 10min, severity: warning }`
const DOUBLE_LOOP: QuantityName[] = ['vehicle-count', 'mean-speed', 'road-occupancy']

interface Traffic {
  /** Vehicles that pass in a minute; null where the counter is not heard. */
  cars: number | null
  speed?: number | null
  occupancy?: number | null
}

const registryOf = (rule = JAM, quantities = DOUBLE_LOOP) =>
  roadRegistry([{ site: 'ring', lat: 44, quantities }], [rule])

/** A counter on a ring road, whose index counts what passes. */
async function ring({ rule = JAM, quantities = DOUBLE_LOOP } = {}) {
  const own = /quantity: ([a-z-]+)/.exec(rule)![1]!
  const live = await liveRule(await registryOf(rule, quantities), 'jam', `ring/meteo/${own}`)
  let count = 1000
  return {
    ...live,
    async at({ cars, speed, occupancy }: Traffic, minutes: number, quality?: Parameters<typeof live.say>[2]) {
      for (let i = 0; i < minutes; i++) {
        count += cars ?? 0
        const said = {
          'vehicle-count': cars === null ? undefined : count,
          'traffic-flow': cars === null ? undefined : 60 * cars,
          'mean-speed': speed,
          'road-occupancy': occupancy,
        }
        const heard = Object.entries(said).filter(
          ([name, value]) => value !== undefined && quantities.some(each => each === name),
        )
        await live.say(
          1,
          Object.fromEntries(heard.map(([name, value]) => [`ring/meteo/${name}`, value!])),
          quality,
        )
      }
    },
  }
}

const FREE: Traffic = { cars: 20, speed: 80, occupancy: 8 }
const SLOW: Traffic = { cars: 15, speed: 25, occupancy: 40 }

test('many slow vehicles are a congestion, told as one that stands still where they hardly move', async () => {
  const { at, told, events } = await ring()
  await at(FREE, 10)
  await at(SLOW, 20)
  expect(told()).toEqual(['16 fired congestion'])
  expect(events[0]!.alert.message).toEqual({
    fr: 'Trafic – ring – Congestion, Vitesse moyenne 25 km/h, depuis le 22/11/2026 04:14',
    en: 'Traffic – ring – Congestion, Mean speed 25 km/h, since 22/11/2026 04:14',
  })
  await at({ cars: 4, speed: 5, occupancy: 70 }, 20)
  await at(FREE, 20)
  expect(told().slice(1)).toEqual(['36 changed-1 standstill', '58 resolved standstill'])
})

test('a slow tractor at night is no congestion', async () => {
  const { at, told } = await ring()
  await at({ cars: 0, speed: null, occupancy: 0 }, 20)
  await at({ cars: 1, speed: 15, occupancy: 2 }, 30)
  // Nor is one that is parked on the counter.
  await at({ cars: 0, speed: 0, occupancy: 100 }, 30)
  expect(told()).toEqual([])
})

test('a queue that does not move at all stays one, until the road is free or the counter sees few on it', async () => {
  const { at, told } = await ring()
  await at(SLOW, 20)
  await at({ cars: 0, speed: 0, occupancy: 100 }, 60)
  expect(told()).toEqual(['3 fired congestion', '27 changed-1 standstill'])
  await at({ cars: 0, speed: 0, occupancy: 0 }, 20)
  expect(told().slice(2)).toEqual(['89 resolved standstill'])
})

test('without occupancy nobody who passes says neither that the road is free nor that it is not', async () => {
  const { at, told } = await ring({ quantities: ['vehicle-count', 'mean-speed'] })
  await at(SLOW, 20)
  await at({ cars: 0, speed: 0 }, 60)
  expect(told()).toEqual(['3 fired congestion'])
  await at({ cars: 1, speed: 70 }, 20)
  expect(told().slice(1)).toEqual(['85 resolved congestion'])
})

test('where no speed is measured the occupancy tells, and a flow is as good as a count', async () => {
  const { at, told } = await ring({
    rule: JAM.replace('mean-speed', 'road-occupancy'),
    quantities: ['traffic-flow', 'road-occupancy'],
  })
  await at(FREE, 10)
  await at(SLOW, 20)
  expect(told()).toEqual(['16 fired congestion'])
  await at({ cars: 20, occupancy: 25 }, 20)
  expect(told()).toHaveLength(1)
  await at({ cars: 20, occupancy: 10 }, 20)
  expect(told().slice(1)).toHaveLength(1)
})

test('one slow minute of many is averaged with the others of its period', async () => {
  const { at, told } = await ring()
  for (let i = 0; i < 5; i++) {
    await at(FREE, 5)
    await at({ ...SLOW, speed: 10 }, 1)
  }
  expect(told()).toEqual([])
})

test('a counter that speaks every six minutes is judged by each of its periods', async () => {
  const seldom = await ring()
  const period = async (traffic: Traffic) => {
    await seldom.at(traffic, 1)
    await seldom.say(5, {})
  }
  await period(FREE)
  for (let i = 0; i < 4; i++) await period({ ...SLOW, cars: 90 })
  expect(seldom.told()).toEqual(['8 fired congestion'])
  for (let i = 0; i < 4; i++) await period({ ...FREE, cars: 90 })
  expect(seldom.told().slice(1)).toEqual(['35 resolved congestion'])
})

test('trap 24: a counter that is not heard, or is uncertain, ends no congestion', async () => {
  const { at, told } = await ring()
  await at(SLOW, 10)
  await at({ cars: null }, 60)
  await at(FREE, 30, 'uncertain:uncertain-source')
  expect(told()).toEqual(['3 fired congestion'])
  await at(FREE, 30)
  expect(told().slice(1)).toEqual(['111 resolved congestion'])
})

test('trap 19: with restarts at any time the same happens at the same time as without', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          value: fc.constantFrom<Traffic>(
            FREE,
            SLOW,
            { cars: 0, speed: 0, occupancy: 100 },
            { cars: 1, speed: 15, occupancy: 1 },
          ),
          minutes: fc.integer({ min: 1, max: 15 }),
          restart: fc.boolean(),
        }),
        { minLength: 1, maxLength: 10 },
      ),
      async spells => expectNoRestartShows(ring, spells),
    ),
    { numRuns: 20 },
  ))

test.each<[string, string, QuantityName[], RegExp]>([
  [
    'no count',
    JAM,
    ['mean-speed'],
    /ring\/meteo\/mean-speed cannot tell congestion: its device has no vehicle-count or traffic-flow/,
  ],
  [
    'no speed',
    JAM.replace('mean-speed', 'vehicle-count'),
    DOUBLE_LOOP,
    /vehicle-count is vehicle-count: select the mean-speed or road-occupancy/,
  ],
  [
    'too short',
    JAM.replace('congestion }', 'congestion, period: 30s }'),
    DOUBLE_LOOP,
    /condition\.period: .* speaks every 60 s only/,
  ],
  [
    'no such point',
    JAM.replace('congestion }', 'congestion, vehicles: lane-2 }'),
    DOUBLE_LOOP,
    /condition\.vehicles: there is no point ring\/meteo\/lane-2/,
  ],
  [
    'another quantity',
    JAM.replace('congestion }', 'congestion, vehicles: road-occupancy }'),
    DOUBLE_LOOP,
    /condition\.vehicles: .* is road-occupancy, not vehicle-count or traffic-flow/,
  ],
  [
    'limits that cross',
    JAM.replace('congestion }', 'congestion, standstillBelow: 50 }'),
    DOUBLE_LOOP,
    /standstillBelow: must be less than speedBelow/,
  ],
])('affluent check refuses it: %s', async (_, rule, quantities, message) => {
  await expect(registryOf(rule, quantities)).rejects.toThrow(message)
})
