import { describe, expect, test } from 'vitest'
import type { Alert } from '../../../model/alert.ts'
import { openRoutes } from '../../../rules/notify/routes.ts'
import { site } from '../../registry/yaml.ts'
import { FROST, loadTerritory, MIN, SURFACE, testRegistry } from '../territory.ts'

const CHANNELS = ['mail', 'sms', 'chef', 'direction'].map(id => `{ id: ${id}, type: log }`)
const ON_CALL = `
  publicHolidays: alsace-moselle
  alerting: { fallback: { channels: [direction], after: 30min } }
people:
  - { id: marie, channels: [sms, mail], quiet: [{ hours: ['22:00-06:00'], severities: [info, warning, critical] }] }
  - { id: paul, channels: [mail] }
  - { id: lea, channels: [chef] }
teams:
  - { id: nord, people: [marie, paul] }
rotas:
  - { id: hiver, from: 2026-11-13T12:00, to: 2027-03-19T12:00, turns: { people: [paul, lea] } }
routes:
  - id: week-ends
    rules: [frost]
    severities: [warning]
    when: [{ days: [6, 7] }]
    steps: [{ tell: [lea] }]
  - id: night
    rules: [frost]
    severities: [critical]
    remindEvery: 10min
    steps:
      - { tell: [nord] }
      - { after: 15min, tell: [hiver, chef] }
`
const routeOf = openRoutes(await testRegistry([FROST], CHANNELS, ON_CALL))

const told = (time: string, elapsed: number, more: Partial<Alert> = {}) =>
  routeOf(
    {
      ...{ id: 'frost-1', rule: 'frost', point: SURFACE, site: 'col-du-loup', severity: 'critical' },
      ...{ state: 'firing', since: 0, firedAt: 0, value: -1, lastValue: -1 },
      message: { fr: 'Gel', en: 'Frost' },
      ...more,
    },
    { elapsed, now: Date.parse(time) },
  )
const channels = (...asked: Parameters<typeof told>) =>
  told(...asked).recipients.map(({ channel }) => channel)

describe('an alert that nobody has acknowledged is told', () => {
  const DAY = '2026-11-24T10:00+01:00'

  test('at once on the first channel of each of the team, by name', () =>
    expect(told(DAY, 0)).toEqual({
      recipients: [
        { channel: 'sms', person: 'marie' },
        { channel: 'mail', person: 'paul' },
      ],
      remindEvery: 10 * MIN,
    }))
  test('by the next step when it is due, and not before', () => {
    expect(channels(DAY, 15 * MIN - 1)).toEqual(['sms', 'mail'])
    expect(told(DAY, 15 * MIN).recipients.slice(2)).toEqual([
      { channel: 'chef', person: 'lea' },
      { channel: 'chef' },
    ])
  })
  test('by the last resort after its time', () =>
    expect(channels(DAY, 30 * MIN)).toEqual(['sms', 'mail', 'chef', 'chef', 'direction']))
})

describe('quiet hours', () => {
  const NIGHT = '2026-11-24T23:00+01:00'

  test('spare who has them, until they end', () => {
    expect(channels(NIGHT, 0)).toEqual(['mail'])
    expect(channels('2026-11-25T06:00+01:00', 0)).toEqual(['sms', 'mail'])
  })
  test.each(['ice', 'snow', 'freezing-rain'])('are none for %s', phenomenon =>
    expect(channels(NIGHT, 0, { phenomenon })).toEqual(['sms', 'mail']),
  )
  test('hold for what is no danger of its own', () =>
    expect(channels(NIGHT, 0, { phenomenon: 'watch' })).toEqual(['mail']))
})

describe('routes by time', () => {
  test.each([
    ['a Saturday', '2026-11-21T10:00+01:00', ['chef']],
    ['a public holiday, which counts as a Sunday', '2026-12-25T10:00+01:00', ['chef']],
    ['one of Alsace and Moselle', '2027-03-26T10:00+01:00', ['chef']],
    ['a working day fits none, and the last resort is told at once', '2026-11-24T10:00+01:00', ['direction']],
  ])('%s', (_, time, expected) => expect(channels(time, 0, { severity: 'warning' })).toEqual(expected))
})

test('a step that reaches nobody makes the next one due', async () => {
  const alone = ON_CALL.replace('{ tell: [nord] }', '{ tell: [marie] }')
  const route = openRoutes(await testRegistry([FROST], CHANNELS, alone))
  const alert = { rule: 'frost', site: 'col-du-loup', severity: 'critical' } as Alert
  const night = { elapsed: 0, now: Date.parse('2026-11-24T23:00+01:00') }
  expect(route(alert, night).recipients).toEqual([{ channel: 'chef', person: 'lea' }, { channel: 'chef' }])
})

describe('what no route takes', () => {
  const [HOOK, LOG] = ["{ id: hook, type: webhook, url: 'https://hook.example' }", CHANNELS[0]!]
  const alerting = ON_CALL.split('\n').find(line => /alerting/.test(line))
  const resort = async (told: string, elapsed: number, onCall = ON_CALL) => {
    const rule = FROST.replace(/\}$/, `, channels: [${told}] }`)
    const route = openRoutes(await testRegistry([rule], [...CHANNELS, HOOK], onCall))
    const alert = { rule: 'frost', site: 'col-du-loup', severity: 'info' } as Alert
    return route(alert, { elapsed, now: Date.parse('2026-11-24T23:00+01:00') }).recipients
  }
  const LAST = [{ channel: 'direction' }]

  test('is left to the channels of its rule until the time of the last resort', async () => {
    expect(await resort('hook', 30 * MIN - 1)).toEqual([])
    expect(await resort('hook', 30 * MIN)).toEqual(LAST)
  })
  test('is told by the last resort at once where its rule only writes to the log, or has no channel', async () => {
    expect(await resort('mail', 0)).toEqual(LAST)
    expect(await resort('', 0)).toEqual(LAST)
    expect(await resort('mail', 0, `${alerting}\n`), 'also without any route').toEqual(LAST)
  })
  test('is told by nobody where there is no last resort, and then the check warns of it', async () => {
    const other = FROST.replace('id: frost', 'id: other')
    const registry = await testRegistry([FROST, other.replace(/\}$/, ', channels: [mail] }')], [LOG, HOOK])
    expect(openRoutes(registry)({ rule: 'frost' } as Alert, { elapsed: 0, now: 0 }).recipients).toEqual([])
    expect(registry.warnings).toEqual([expect.stringMatching(/rules\[0\].*reaches nobody, nor do 1 others/)])
    const hooked = await testRegistry([FROST.replace(/\}$/, ', channels: [hook] }')], [HOOK])
    expect(hooked.warnings).toEqual([])
  })
})

test('a route is for the sites that it names, and for the kinds of site', async () => {
  const step = (id: string, filter: string) => `  - { id: to-${id}, ${filter}, steps: [{ tell: [${id}] }] }\n`
  const territory = `  alerting: { fallback: { channels: [direction] } }
sites:
${site('col-du-loup', { kind: 'road-station' })}${site('mairie')}${site('ecole')}
routes:
${step('mail', 'sites: [mairie], siteKinds: [road-station]')}${step('sms', 'sites: [mairie]')}${step('chef', 'siteKinds: [road-station]')}`
  const route = openRoutes(await loadTerritory(territory, [], CHANNELS))
  const told = ['mairie', 'col-du-loup', 'ecole', 'gone'].map(id =>
    route({ rule: 'frost', site: id } as Alert, { elapsed: 0, now: 0 }).recipients.map(
      ({ channel }) => channel,
    ),
  )
  expect(told).toEqual([['sms'], ['chef'], ['direction'], ['direction']])
})
