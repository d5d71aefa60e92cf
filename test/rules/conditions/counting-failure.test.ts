import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { QuantityName } from '../../../model/quantity.ts'
import type { Value } from '../../../model/reading.ts'
import { expectNoRestartShows, liveRule } from '../live-rule.ts'
import { roadRegistry } from '../road-station.ts'
import { loadTerritory } from '../territory.ts'

const FAILURE = `{ id: failure, name: { fr: Comptage, en: Counting }, select: { points: [ring/meteo/vehicle-count] },
  condition: { type: counting-failure }, offDelay: 10min, maxAge: 10min, severity: warning }`

interface Counted {
  /** Vehicles that the counter, and its neighbour, count in a minute. */
  own: number
  neighbour?: number
  occupancy?: number
}

const registryOf = (rule = FAILURE, quantities: QuantityName[] = ['vehicle-count', 'road-occupancy']) =>
  roadRegistry(
    [
      { site: 'ring', lat: 44, quantities },
      { site: 'bypass', lat: 44.1, quantities: ['traffic-flow'] },
    ],
    [rule],
  )

async function ring(rule = FAILURE) {
  const live = await liveRule(await registryOf(rule), 'failure', 'ring/meteo/vehicle-count')
  let count = 1000
  const at = async (
    { own, neighbour = 0, occupancy = 5 }: Counted,
    minutes: number,
    quality?: Parameters<typeof live.say>[2],
  ) => {
    for (let i = 0; i < minutes; i++) {
      count += own
      await live.say(
        1,
        {
          'ring/meteo/vehicle-count': count,
          'ring/meteo/road-occupancy': occupancy,
          'bypass/meteo/traffic-flow': 60 * neighbour,
        },
        quality,
      )
    }
  }
  return { ...live, at }
}

const DAY: Counted = { own: 10, neighbour: 8 }
const NIGHT: Counted = { own: 0, neighbour: 0 }
/** Counts nothing, while the neighbour goes on. */
const DEAD: Counted = { own: 0, neighbour: 8 }
const BLOCKED: Counted = { own: 0, occupancy: 100 }

/** A day with traffic from 04:00 to midnight. */
async function aDay(run: { at: Awaited<ReturnType<typeof ring>>['at'] }) {
  await run.at(DAY, 20 * 60)
  await run.at(NIGHT, 4 * 60)
}
const MINUTES_A_DAY = 24 * 60

test('counts nothing, while its neighbour counts and the day before it did, too', async () => {
  const run = await ring()
  await aDay(run)
  expect(run.told()).toEqual([])
  await run.at(DAY, 60)
  await run.at(DEAD, 60)
  expect(run.told()).toEqual([`${MINUTES_A_DAY + 60 + 29} fired counts-none`])
  expect(run.events[0]!.alert.message).toEqual({
    fr: "Comptage – ring – Véhicules comptés : aucun en 30 min, alors qu'il en passe d'habitude à cette heure, depuis le 23/11/2026 05:29",
    en: 'Counting – ring – Vehicles counted: none in 30 min, while some usually pass at this hour, since 23/11/2026 05:29',
  })
  // That the neighbour counts nothing any more does not mean that this one counts.
  await run.at(NIGHT, 60)
  await run.at(DAY, 15)
  expect(run.told().slice(1)).toEqual([`${MINUTES_A_DAY + 190} resolved counts-none`])
})

test('a quiet night is no failure, and ends none', async () => {
  const run = await ring()
  await aDay(run)
  await run.at(DAY, 19 * 60)
  await run.at(DEAD, 60)
  await run.at(NIGHT, 4 * 60)
  await run.at(DEAD, 4 * 60)
  await run.restart()
  await run.at(DEAD, 30)
  expect(run.told()).toEqual([`${MINUTES_A_DAY + 19 * 60 + 29} fired counts-none`])
})

test('what nobody counts is no failure of one', async () => {
  const run = await ring()
  await aDay(run)
  await run.at(NIGHT, 10 * 60)
  expect(run.told()).toEqual([])
})

test('on its first day nothing is known of a counter that counts nothing', async () => {
  const run = await ring()
  await run.at(DEAD, 20 * 60)
  expect(run.told()).toEqual([])
})

test('a vehicle that never leaves blocks a detector', async () => {
  const run = await ring()
  await run.at(DAY, 60)
  await run.at(BLOCKED, 60)
  expect(run.told()).toEqual(['89 fired blocked'])
})

test('trap 19: what was not heard before a restart was not always occupied', async () => {
  const run = await ring()
  await run.at(DAY, 180)
  await run.at(DEAD, 1)
  await run.at(BLOCKED, 29)
  await run.at(NIGHT, 21)
  await run.at(BLOCKED, 10)
  await run.restart()
  await run.at(NIGHT, 1)
  expect(run.told()).toEqual([])
})

test('a counter that chatters counts more than can pass', async () => {
  const run = await ring()
  await run.at(DAY, 60)
  await run.at({ own: 200 }, 10)
  await run.at(DAY, 30)
  expect(run.told()).toEqual(['61 fired counts-too-many', '84 resolved counts-too-many'])
})

test('trap 24: silence is no failure to count, and ends none', async () => {
  const run = await ring()
  await run.at(DAY, 60)
  await run.say(300, {})
  expect(run.told()).toEqual([])
  await run.at(BLOCKED, 60)
  await run.say(300, {})
  await run.at(DAY, 30, 'uncertain:uncertain-source')
  expect(run.told()).toHaveLength(1)
})

const lane = (name: string, address: number) =>
  `${name}: { quantity: vehicle-count, unit: '1', interval: 1min, modbus: { table: input, address: ${address}, type: uint32 } }`
const twoLanes = (rule: string) =>
  loadTerritory(
    `sites:
  - { id: ring, name: Ring, kind: traffic-counter, position: { lat: 44, lon: 6 }, commune: '04001' }
gateways:
  - id: gw
    name: Gateway
    connections:
      - { id: line, driver: modbus, host: 127.0.0.1, devices: [{ id: loops, site: ring, points: { ${lane('slow', 0)}, ${lane('fast', 2)} } }] }
`,
    [rule],
  )

test('one lane counts nothing, while the other does', async () => {
  const rule = FAILURE.replace('points: [ring/meteo/vehicle-count]', 'quantity: vehicle-count')
  const { say, told } = await liveRule(await twoLanes(rule), 'failure', 'ring/loops/fast')
  const at = async (fast: number, slow: number, minutes: number) => {
    for (let i = 0; i < minutes; i++) {
      counts = { fast: counts.fast + fast, slow: counts.slow + slow }
      const said: Record<string, Value> = { 'ring/loops/fast': counts.fast, 'ring/loops/slow': counts.slow }
      await say(1, said)
    }
  }
  let counts = { fast: 0, slow: 0 }
  await at(5, 10, 60)
  await at(0, 10, 60)
  await at(5, 10, 20)
  expect(told()).toEqual(['89 fired lane-counts-none', '130 resolved lane-counts-none'])
})

test('trap 19: with restarts at any time the same happens at the same time as without', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          value: fc.constantFrom(DAY, NIGHT, DEAD, BLOCKED, { own: 200 }),
          minutes: fc.integer({ min: 1, max: 60 }),
          restart: fc.boolean(),
        }),
        { minLength: 1, maxLength: 8 },
      ),
      async spells => expectNoRestartShows(ring, spells, async run => run.at(DAY, 3 * 60)),
    ),
    { numRuns: 10 },
  ))

test.each([
  [
    'vehicle-count]',
    'road-occupancy]',
    /road-occupancy is road-occupancy: select the vehicle-count or traffic-flow/,
  ],
  ['failure }', 'failure, after: 1min }', /condition\.after: .* speaks every 60 s only: allow twice as long/],
  ['failure }', 'failure, period: 30s }', /condition\.period: .* speaks every 60 s only: allow so long/],
  ['failure }', 'failure, lanes: [lane-2] }', /condition\.lanes\[0\]: there is no point ring\/meteo\/lane-2/],
  [
    'failure }',
    'failure, lanes: [road-occupancy] }',
    /condition\.lanes\[0\]: .* is road-occupancy, which counts nobody/,
  ],
])('affluent check refuses %s as %s', async (old, other, message) => {
  await expect(registryOf(FAILURE.replace(old, other))).rejects.toThrow(message)
})
