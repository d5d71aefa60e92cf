import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Reading } from '../../../model/reading.ts'
import { device, oneLine, registerPoint, site } from '../../registry/yaml.ts'
import { expectNoRestartShows, liveRule } from '../live-rule.ts'
import { bad, H, loadTerritory, MIN, reading, START } from '../territory.ts'

const WATER = 'college/eau/index'
const POWER = 'college/electricite/power'
const ROOM = 'college/ambiance/temperature'

const OPENING =
  '{ hours: [{ days: [1, 2, 3, 4, 5], hours: ["08:00-18:00"] }], closed: [{ from: 2026-11-23, to: 2026-11-24 }] }'
const read = { interval: '10min' }
const COLLEGE = `
sites:
${site('college', { name: 'Collège', more: `, opening: ${OPENING}` })}${oneLine([
  device('eau', 'college', { index: registerPoint('water-index', 'm3', 0, read) }),
  device('electricite', 'college', { power: registerPoint('active-power', 'kW', 2, read) }),
  device('ambiance', 'college', { temperature: registerPoint('indoor-temperature', 'Cel', 4, read) }),
])}`
const rule = (point: string, parameters = '') =>
  `{ id: unusual, name: { fr: Inhabituel, en: Unusual }, select: { points: [${point}] },
  condition: { type: deviation${parameters} }, maxAge: 30min, severity: warning }`

/** START is a Sunday, 4 o'clock in Paris, which is an hour ahead of UTC. */
const HOUR_OF_START = 4

/** So many weeks of readings every ten minutes, up to START. */
function past(point: string, say: (hour: number, day: number, at: number) => number | null, weeks = 5) {
  const count = weeks * 7 * 24 * 6
  return Array.from({ length: count }, (_, index): Reading => {
    const time = START + (index - count) * 10 * MIN
    const hours = Math.floor((time - START) / H) + HOUR_OF_START + 7 * 24 * weeks
    const value = say(hours % 24, Math.floor(hours / 24) % 7, index)
    return value === null ? bad(point, time) : reading(point, time, value)
  })
}

async function unusual(point: string, stored: Reading[], parameters?: string) {
  const registry = await loadTerritory(COLLEGE, [rule(point, parameters)])
  const live = await liveRule(registry, 'unusual', point, stored)
  return { ...live, at: (value: number | null, minutes: number) => live.say(minutes, { [point]: value }) }
}

/** Days from Sunday on: 30 kW in office hours of working days, 5 kW else, and a little noise. */
const power = (hour: number, day: number, at: number) =>
  (day >= 1 && day <= 5 && hour >= 8 && hour < 18 ? 30 : 5) + ((at * 7) % 5) / 10

test('tells that a value is far above what is usual at this hour of such a day, and since when', async () => {
  const { at, told, events } = await unusual(POWER, past(POWER, power))
  await at(5.2, 120)
  expect(told()).toEqual([])
  await at(30, 60)
  expect(told()).toEqual(['127 fired'])
  const [{ alert } = expect.fail()] = events
  expect(alert.since).toBe(START + 127 * MIN)
  expect(alert.message).toEqual({
    fr: "Inhabituel – Collège – Puissance active : 8,51 kW en moyenne sur une heure, d'habitude 5,2 kW à cette heure d'un tel jour, depuis le 22/11/2026 06:07",
    en: 'Unusual – Collège – Active power: 8.51 kW on average over an hour, usually 5.2 kW at this hour of such a day, since 22/11/2026 06:07',
  })
  await at(5.2, 60)
  expect(told()).toEqual(['127 fired', '234 resolved'])
})

test('what is usual on a working day is not on a Saturday, nor on a day on which the site is closed', async () => {
  // Monday is the 23rd, on which the site is closed, Tuesday is open, and Saturday the 28th.
  const { at, told, events } = await unusual(POWER, past(POWER, power))
  await at(5.2, (24 + 4) * 60)
  expect(told()).toEqual([])
  await at(30, 10 * 60)
  expect(told().map(line => line.replace(/^\d+ /, ''))).toEqual(['fired'])
  await at(5.2, 14 * 60)
  expect(events).toHaveLength(2)
  // Tuesday, from eight o'clock on.
  await at(30, 10 * 60)
  expect(events).toHaveLength(2)
})

test('below and either look the other way; the least that is told is a parameter', async () => {
  const day = past(POWER, () => 20)
  for (const [parameters, value, fires] of [
    [', direction: below', 17, true],
    [', direction: below', 23, false],
    [', direction: either', 17, true],
    [', direction: either', 23, true],
    [', atLeast: 5, direction: either', 17, false],
    ['', 21.9, false],
    ['', 22.1, true],
  ] as const) {
    const { at, events } = await unusual(POWER, day, parameters)
    await at(20, 60)
    await at(value, 90)
    expect({ parameters, value, fires: events.length > 0 }).toEqual({ parameters, value, fires })
  }
})

test('of a temperature 2 K are the least that is told', async () => {
  const { at, told } = await unusual(
    ROOM,
    past(ROOM, () => 19),
  )
  await at(20.9, 120)
  expect(told()).toEqual([])
  await at(21.2, 90)
  expect(told()).toEqual([expect.stringMatching(/fired$/)])
})

/** An index that counts 60 L in each hour of the day, and nothing from 22 to 6. */
function index(weeks = 5) {
  let counted = 1000
  const say = (hour: number) => {
    if (hour >= 6 && hour < 22) counted += 0.01
    return Number(counted.toFixed(3))
  }
  return past(WATER, say, weeks)
}

test('of an index it tells what was counted in an hour, at whatever rhythm it is told', async () => {
  const stored = index()
  const { say, told, events } = await unusual(WATER, stored)
  let value = stored.at(-1)!.value as number
  // Four in the morning: nothing runs, then a pipe bursts.
  await say(60, { [WATER]: value })
  for (let minute = 0; minute < 30; minute++) {
    value += 0.05
    await say(1, { [WATER]: value })
  }
  expect(told()).toEqual(['60 fired'])
  expect(events[0]!.alert.message.fr).toContain(
    "Index eau : 0,05 m³ en une heure, d'habitude 0 m³ à cette heure d'un tel jour",
  )
})

test('trap 15: an index that goes back, a spurious 0 and what was counted in a silence are not told', async () => {
  const stored = index()
  const { say, told } = await unusual(WATER, stored)
  const value = stored.at(-1)!.value as number
  await say(60, { [WATER]: value })
  await say(1, { [WATER]: 0 })
  await say(70, { [WATER]: value })
  await say(40, {})
  await say(90, { [WATER]: value + 5 })
  await say(120, { [WATER]: 3 })
  expect(told()).toEqual([])
})

test('trap 24: with too little history, bad readings and silence it tells nothing and ends nothing', async () => {
  // Of two weeks there are two Sundays and 11 November, which is like one: four are needed.
  const few = await unusual(POWER, past(POWER, power, 2))
  await few.at(500, 180)
  expect(few.told()).toEqual([])
  // Hours that were mostly bad teach nothing.
  const doubtful = past(POWER, (hour, day, at) => (at % 6 < 4 ? null : power(hour, day, at)))
  const none = await unusual(POWER, doubtful)
  await none.at(500, 180)
  expect(none.told()).toEqual([])

  const live = await unusual(POWER, past(POWER, power))
  await live.at(5.2, 60)
  await live.at(100, 30)
  expect(live.told()).toHaveLength(1)
  await live.at(null, 60)
  await live.say(60, {})
  // Of an hour that was not heard nothing is known: it takes one until it is.
  await live.at(5.2, 45)
  expect(live.told()).toHaveLength(1)
  await live.at(5.2, 10)
  expect(live.told()).toHaveLength(2)
})

test('an uncertain reading may show that it is far, never that it is not', async () => {
  const { say, at, told } = await unusual(POWER, past(POWER, power))
  await at(5.2, 60)
  await say(20, { [POWER]: 100 }, 'uncertain:clock')
  expect(told()).toHaveLength(1)
  await say(120, { [POWER]: 5.2 }, 'uncertain:clock')
  expect(told()).toHaveLength(1)
  await at(5.2, 61)
  expect(told()).toHaveLength(2)
})

test('what lasts for more than half of the weeks becomes usual, while the hub runs', async () => {
  const { at, told } = await unusual(
    POWER,
    past(POWER, () => 5, 4),
    ', weeks: 4',
  )
  await at(5, 60)
  for (let day = 0; day < 18; day++) await at(9, 24 * 60)
  expect(told().map(line => line.replace(/^\d+ /, ''))).toContain('resolved')
})

test('trap 19: with restarts at any time the same happens at the same time as without', () => {
  const stored = past(POWER, power)
  return fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          value: fc.option(fc.constantFrom(5, 5.2, 6, 9)),
          minutes: fc.integer({ min: 1, max: 80 }),
          restart: fc.boolean(),
        }),
        { minLength: 1, maxLength: 8 },
      ),
      spells =>
        expectNoRestartShows(
          () => unusual(POWER, stored),
          spells,
          run => run.at(5.2, 60),
        ),
    ),
    { numRuns: 10 },
  )
})

test('what cannot come true is an error of the registry', async () => {
  const wrong = (parameters: string) =>
    loadTerritory(COLLEGE, [rule(POWER, parameters)]).catch((error: Error) => error.message)
  expect(await wrong(', weeks: 2')).toMatch(/condition\.weeks: /)
  expect(await wrong(', tolerance: 0')).toMatch(/condition\.tolerance: /)
  const seldom = COLLEGE.replaceAll('10min', '45min')
  await expect(loadTerritory(seldom, [rule(POWER)])).rejects.toThrow(
    /speaks every 2700 s only: an hour needs two/,
  )
})
