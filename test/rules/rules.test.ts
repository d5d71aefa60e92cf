import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { startBroker } from '../../bus/broker.ts'
import { connectBus } from '../../bus/client.ts'
import { openOutbox } from '../../bus/outbox.ts'
import type { Share } from '../../bus/share.ts'
import { topics } from '../../bus/topics.ts'
import type { Alert, AlertEvent } from '../../model/alert.ts'
import type { Reading } from '../../model/reading.ts'
import type { Registry } from '../../registry/registry.ts'
import { startRules } from '../../rules/rules.ts'
import { StoreUnavailableError } from '../../store/readings.ts'
import { twoBuildings } from '../derived/territory.ts'
import { type Hub, startHub } from './hub.ts'
import { roadRegistry } from './road-station.ts'
import {
  AIR,
  bad,
  FROST,
  H,
  MIN,
  memoryReadings,
  reading,
  runningClock,
  S,
  SILENCE,
  START,
  SURFACE,
  temporaryFolder,
  testRegistry,
  until,
} from './territory.ts'

let hub: Hub
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let clock: ReturnType<typeof runningClock>
let stored: Reading[]
let running: Awaited<ReturnType<typeof startRules>> | undefined

beforeEach(async () => {
  hub = await startHub()
  folder = await temporaryFolder()
  clock = runningClock()
  stored = []
})

afterEach(async () => {
  await running?.close()
  running = undefined
  await hub.close()
  await folder.remove()
})

async function start(rules: string[] | Registry = [FROST], readings = memoryReadings(stored), tickMs = 5) {
  await running?.close()
  running = undefined
  const registry = Array.isArray(rules) ? await testRegistry(rules) : rules
  const { bus, log } = hub
  const options = { registry, bus, readings, outboxFolder: folder.path, clock, log: log.log, tickMs }
  running = await startRules(options)
}

/** Stores and publishes, as a hub does. */
async function read(...readings: Reading[]) {
  stored.push(...readings)
  await hub.read(readings)
}

const types = () => hub.events().map(({ type }) => type)
const happened = (...expected: string[]) => until(() => expect(types()).toEqual(expected))
const states = () => hub.live().map(({ state }) => state)
const shown = (...expected: string[]) => until(() => expect(states()).toEqual(expected))

/** Time has passed for every rule: a rule that only time can fire has fired, and resolved. */
async function ticked() {
  await hub.read([reading(AIR, clock.now(), 99)])
  clock.advance(S)
  await until(() => expect(hub.events().at(-1)).toMatchObject({ type: 'fired', alert: { rule: 'probe' } }))
  await hub.read([reading(AIR, clock.now(), 0)])
  await until(() => expect(hub.live().map(({ rule }) => rule)).not.toContain('probe'))
}

/** A tick of the rules has come and gone; without a broker nothing else shows it. */
async function passed() {
  const { asked } = clock
  await until(() => expect(clock.asked).toBeGreaterThan(asked + 1))
}
const PROBE = `{ id: probe, name: Probe, select: { points: [${AIR}] }, condition: { type: threshold, above: 50 },
  onDelay: 1s, severity: info }`
const aboutSurface = () => hub.events().filter(({ alert }) => alert.point === SURFACE)

async function frost() {
  await read(reading(SURFACE, clock.now(), -1))
  clock.advance(2 * MIN)
  await read(reading(SURFACE, clock.now(), -2))
  clock.advance(MIN)
  await happened('fired')
  return hub.events()[0]!.alert
}

test('a reading below the limit for the on-delay fires once, is acknowledged by command, and resolves', async () => {
  await start()
  const alert = await frost()
  expect(alert).toMatchObject({ rule: 'frost', site: 'col-du-loup', since: START, state: 'firing' })
  await shown('firing')

  await hub.acknowledge(alert.id, 'who has seen it worse', 1)
  await hub.acknowledge(alert.id, 'nadia', 0)
  await hub.acknowledge(alert.id, 'karim')
  await hub.acknowledge('no-such-alert')
  await happened('fired', 'acknowledged')
  await shown('acknowledged')
  expect(hub.live()[0]).toMatchObject({ acknowledgedBy: 'nadia' })

  clock.advance(MIN)
  await read(reading(SURFACE, clock.now(), 4))
  clock.advance(5 * MIN)
  await happened('fired', 'acknowledged', 'resolved')
  await shown()
  expect(hub.events()[2]).toMatchObject({
    actor: 'rules',
    time: START + 9 * MIN,
    alert: { acknowledgedBy: 'nadia', resolvedAt: START + 9 * MIN, value: -2, lastValue: 4 },
  })
})

test('a batch that comes twice, a malformed one and a malformed command change nothing', async () => {
  await start([FROST, PROBE])
  await hub.publish(topics.readings('gw'), '{')
  await hub.publish(topics.alertCommands, '{"action":"silence"}')
  const batch = [reading(SURFACE, START, -1), reading(SURFACE, START + 1, -1)]
  await hub.read(batch, { first: 1 })
  clock.advance(3 * MIN)
  await happened('fired')
  await hub.read(batch, { first: 1 })
  await ticked()
  expect(aboutSurface()).toHaveLength(1)
})

test('trap 18: a backlog neither fires nor clears', async () => {
  await start([FROST, PROBE])
  await hub.read([reading(SURFACE, clock.now() - 5 * MIN, -9)], { backlog: true })
  await ticked()
  clock.advance(3 * MIN)
  await ticked()
  expect(aboutSurface()).toEqual([])

  await read(reading(SURFACE, clock.now(), -1))
  clock.advance(3 * MIN)
  await until(() => expect(aboutSurface()).toHaveLength(1))
  clock.advance(MIN)
  await hub.read([reading(SURFACE, clock.now(), 9)], { backlog: true })
  clock.advance(5 * MIN)
  await ticked()
  expect(aboutSurface()).toHaveLength(1)
})

test('trap 19: a restart while pending neither forgets nor repeats', async () => {
  await start()
  await read(reading(SURFACE, clock.now(), -1))
  clock.advance(2 * MIN)
  await read(reading(SURFACE, clock.now(), -1))
  await start()
  clock.advance(MIN - S)
  await start()
  expect(types()).toEqual([])
  clock.advance(S)
  await happened('fired')
  expect(hub.events()[0]!.alert).toMatchObject({ since: START, firedAt: START + 3 * MIN })
})

test('trap 19: a restart while firing and while acknowledged neither forgets nor repeats, also with a new broker', async () => {
  await start([FROST, PROBE])
  const alert = await frost()
  await running?.close()
  running = undefined
  const before = hub
  hub = await startHub()
  await before.close()

  await start([FROST, PROBE])
  await shown('firing')
  await ticked()
  expect(aboutSurface()).toMatchObject([{ type: 'fired', alert: { id: alert.id } }])
  await hub.acknowledge(alert.id)
  await shown('acknowledged')
  await start([FROST, PROBE])
  await ticked()
  expect(aboutSurface().map(({ type }) => type)).toEqual(['fired', 'acknowledged'])
  expect(hub.live()).toMatchObject([{ id: alert.id, state: 'acknowledged', acknowledgedBy: 'nadia' }])

  await read(reading(SURFACE, clock.now(), 4))
  clock.advance(5 * MIN)
  await until(() => expect(aboutSurface()).toHaveLength(3))
  await shown()
})

test('trap 19: the off-delay goes on across a restart', async () => {
  await start()
  await frost()
  await read(reading(SURFACE, clock.now() + 1, 4))
  clock.advance(4 * MIN)
  await start()
  clock.advance(MIN - S)
  await happened('fired')
  clock.advance(2 * S)
  await happened('fired', 'resolved')
})

test('trap 19: what was journalled at the moment of a crash is neither forgotten nor fired again', async () => {
  const outbox = await openOutbox<AlertEvent>({ folder: folder.path, stream: 'alerts', log: hub.log.log })
  const alert: Alert = {
    id: 'frost-1',
    rule: 'frost',
    point: SURFACE,
    site: 'col-du-loup',
    severity: 'critical',
    state: 'firing',
    since: START - 3 * MIN,
    firedAt: START,
    value: -1,
    lastValue: -1,
    message: { fr: 'Gel', en: 'Frost' },
  }
  outbox.append([{ type: 'fired', time: START, actor: 'rules', alert }])
  await outbox.close()
  stored.push(reading(SURFACE, START - 3 * MIN, -1), reading(SURFACE, START, -1))
  await start([FROST, PROBE])
  await shown('firing')
  await ticked()
  expect(aboutSurface()).toMatchObject([{ type: 'fired', alert: { id: 'frost-1' } }])
})

test('trap 19: an alert that resolved is not brought back by what the outbox still holds', async () => {
  await start()
  await frost()
  await read(reading(SURFACE, clock.now() + 1, 4))
  clock.advance(5 * MIN + S)
  await happened('fired', 'resolved')
  await start([FROST, PROBE])
  await ticked()
  expect(aboutSurface().map(({ type }) => type)).toEqual(['fired', 'resolved'])
  await shown()
})

test('trap 20: a sensor that was never seen is reported, once, and a restart does not begin the time anew', async () => {
  await start([SILENCE])
  clock.advance(30 * MIN - S)
  await read(reading(AIR, clock.now(), 1))
  expect(types()).toEqual([])
  clock.advance(S)
  await happened('fired')
  await start([SILENCE])
  await shown('firing')
  clock.advance(10)
  await read(bad(SURFACE, clock.now()))
  await read(reading(SURFACE, clock.now() + 1, 1))
  await happened('fired', 'resolved')

  clock.advance(20 * MIN)
  await start([SILENCE])
  clock.advance(10 * MIN - S)
  await happened('fired', 'resolved')
  clock.advance(S)
  await happened('fired', 'resolved', 'fired')
})

test('trap 20: a device that answers with errors only has been silent since its last good reading', async () => {
  stored.push(
    reading(SURFACE, START - 20 * MIN, 1),
    bad(SURFACE, START - 10 * MIN),
    bad(SURFACE, START - MIN),
  )
  await start([SILENCE])
  clock.advance(10 * MIN - S)
  await read(bad(SURFACE, clock.now()))
  expect(types()).toEqual([])
  clock.advance(2 * S)
  await happened('fired')
  expect(hub.events()[0]!.alert.since).toBe(START + 10 * MIN)
})

test('trap 20: a hub that was down for a night does not report the sensors that speak', async () => {
  stored.push(reading(SURFACE, START - 12 * H, 1))
  await start([SILENCE, PROBE])
  clock.advance(4 * MIN)
  await read(reading(SURFACE, clock.now(), 1))
  clock.advance(25 * MIN)
  await ticked()
  expect(aboutSurface()).toEqual([])
})

test('trap 21: rules that lose the broker do not take its silence for that of every sensor', async () => {
  await start([SILENCE])
  const { port } = hub.broker
  clock.advance(20 * MIN)
  await hub.broker.close()
  await until(() => expect(hub.bus.connected).toBe(false))
  await passed()
  clock.advance(20 * MIN)
  await passed()
  const { log } = hub.log
  hub.broker = await startBroker({ host: '127.0.0.1', port, log })
  await until(() => expect(hub.bus.connected).toBe(true))
  clock.advance(5 * MIN - S)
  await passed()
  clock.advance(S)
  await happened('fired')
  expect(hub.events()[0]).toMatchObject({ time: START + 45 * MIN, alert: { since: START + 30 * MIN } })
})

test('readings come on a connection of their own where there is one: while it is cut nobody is taken for silent', async () => {
  const { log } = hub.log
  const bus = await connectBus({ url: hub.broker.url, clientId: 'rules', log })
  onTestFinished(() => bus.close())
  const registry = await testRegistry([FROST, SILENCE])
  const options = { registry, bus, readingsBus: hub.bus, readings: memoryReadings(stored), clock, log }
  running = await startRules({ ...options, outboxFolder: folder.path, tickMs: 5 })
  await frost()

  hub.bus.cut()
  await passed()
  clock.advance(H)
  await passed()
  expect(types()).toEqual(['fired'])
})

test('trap 23: an alert whose rule is gone is resolved, and the log says why', async () => {
  await start()
  const { id } = await frost()
  await start([SILENCE])
  await happened('fired', 'resolved')
  expect(hub.events()[1]).toMatchObject({ actor: 'rules', alert: { id, state: 'resolved' } })
  expect(hub.log.lines).toContainEqual(
    expect.objectContaining({ alert: id, msg: 'alert resolved: its rule is gone' }),
  )
})

test('a rule that throws stops no other', async () => {
  const registry = await testRegistry([FROST, SILENCE.replace('silence', 'broken')])
  const broken = registry.rules.get('broken')!
  const rules = new Map([
    ['strange', { ...broken, id: 'strange', condition: { type: 'astrology' } as never }],
    ['broken', { ...broken, condition: { type: 'absence', after: 0 }, name: undefined as never }],
    ['frost', registry.rules.get('frost')!],
  ] as const)
  await start({ ...registry, rules })
  await frost()
  const failed = hub.log.lines.filter(({ msg }) => msg === 'a rule failed')
  expect(failed).toHaveLength(1)
  expect(failed[0]).toMatchObject({ rule: 'broken', point: SURFACE })
  expect(hub.log.lines).toContainEqual(
    expect.objectContaining({ rule: 'strange', msg: 'a rule cannot begin' }),
  )
})

test('what arrives while the rules still read the store is not lost', async () => {
  const { latest, ...rest } = memoryReadings(stored)
  const asked = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<void>()
  const started = start([FROST], {
    ...rest,
    async latest(points) {
      asked.resolve()
      await answer.promise
      return latest(points)
    },
  })
  await asked.promise
  await hub.read([reading(SURFACE, clock.now(), -1)])
  answer.resolve()
  await started
  clock.advance(3 * MIN)
  await happened('fired')
})

test('rules begin although the store cannot be reached, and say so', async () => {
  const unreachable = () => Promise.reject(new StoreUnavailableError('no answer'))
  await start([FROST], { ...memoryReadings([]), latest: unreachable })
  await frost()
  expect(JSON.stringify(hub.log.lines)).toContain('rules begin without the stored readings')
})

test('a retained alert that is not live any more is taken from the broker', async () => {
  await hub.publish(topics.liveAlert('resolved-while-away'), '{"state":"firing"}')
  await shown('firing')
  await start()
  await shown()
})

test('a start that fails leaves nothing open: the next one goes on from the same folder', async () => {
  const file = join(folder.path, 'live-alerts.sqlite')
  await writeFile(file, 'no database at all')
  await expect(start()).rejects.toThrow(file)
  await rm(file)
  await start()
  await frost()
})

test('how often an alert has come of late outlives a restart', async () => {
  const rules = [PROBE.replace('onDelay: 1s', 'flapping: { times: 2 }')]
  await start(rules)
  await read(reading(AIR, clock.now(), 99))
  await happened('fired')
  clock.advance(S)
  await read(reading(AIR, clock.now(), 0))
  await happened('fired', 'resolved')
  await shown()
  await start(rules)
  clock.advance(S)
  await read(reading(AIR, clock.now(), 99))
  await happened('fired', 'resolved', 'fired')
  expect(hub.events().map(({ alert }) => alert.flapping)).toEqual([undefined, undefined, 2])
})

test('trap 21: a site that has fallen silent tells so once: what hangs under it does not fire meanwhile', async () => {
  const silent = (id: string, point: string, more = '') =>
    `{ id: ${id}, name: ${id}, select: { points: [${point}] }, condition: { type: absence, after: 30min }, severity: info${more} }`
  const rules = [silent('air', AIR, ', inhibitedBy: [station]'), silent('station', SURFACE)]
  await start(rules)
  await read(reading(SURFACE, clock.now(), 1), reading(AIR, clock.now(), 1))
  // Both fall silent at once, and the one that inhibits stands behind the other in the registry.
  clock.advance(40 * MIN)
  await happened('fired')
  await passed()
  expect(hub.events().map(({ alert }) => alert.rule)).toEqual(['station'])
  // The station is back, but not all of it.
  await read(reading(SURFACE, clock.now(), 1))
  await happened('fired', 'resolved', 'fired')
  expect(hub.events()[2]!.alert.rule).toBe('air')
  // An alert that is live already stays so.
  clock.advance(40 * MIN)
  await happened('fired', 'resolved', 'fired', 'fired')
  await shown('firing', 'firing')
})

const [SILENT, INDEX] = ['mairie/hub/gw-silence', 'ecole/meter/index']
const OF_GATEWAY = [
  `{ id: meter, name: Meter, select: { quantity: electricity-index, except: [mairie/meter/index] },
    condition: { type: absence, after: 30min }, severity: info, inhibitedBy: [gateway] }`,
  `{ id: gateway, name: Gateway, select: { quantity: gateway-silence },
    condition: { type: threshold, above: 5 }, maxAge: 2h, severity: warning }`,
]

test('a silent gateway explains what hangs under it, at whatever site', async () => {
  await start(await twoBuildings(OF_GATEWAY))
  await read(reading(INDEX, clock.now(), 1), reading(SILENT, clock.now(), 0))
  clock.advance(25 * MIN)
  await read(reading(SILENT, clock.now(), 25))
  await happened('fired')
  clock.advance(15 * MIN)
  await passed()
  expect(hub.events()[0]!.alert).toMatchObject({ rule: 'gateway', site: 'mairie' })
  clock.advance(MIN)
  await read(reading(SILENT, clock.now(), 0))
  await happened('fired', 'resolved', 'fired')
  expect(hub.events()[2]!.alert).toMatchObject({ rule: 'meter', site: 'ecole' })
})

test('a silent gateway whose site is another process’s explains it, too', async () => {
  const registry = await twoBuildings(OF_GATEWAY)
  await start(registry)
  await read(reading(INDEX, clock.now(), 1), reading(SILENT, clock.now(), 25))
  await happened('fired')
  await running?.close()
  const [{ id }] = hub.live() as [Alert]

  const elsewhere = await temporaryFolder()
  onTestFinished(elsewhere.remove)
  const owns = (site: string) => site === 'ecole'
  const share: Share = {
    ...{ member: 'rules-b', owns, remembered: false, listened: Promise.resolve() },
    ...{ holds: () => true, others: () => [], close: async () => {} },
    async join({ takeOn, begin }) {
      await takeOn(owns, new AbortController().signal)
      begin(owns)
    },
  }
  const { bus, log } = hub
  const parts = { registry, bus, readings: memoryReadings(stored), clock, log: log.log, tickMs: 5 }
  running = await startRules({ ...parts, share, outboxFolder: elsewhere.path })
  clock.advance(H)
  await passed()
  const rules = () => hub.events().map(({ alert }) => alert.rule)
  expect(rules()).toEqual(['gateway'])
  // Both processes give the number 1 to what they tell first.
  await hub.publish(topics.liveAlert(id), '')
  await until(() => expect(rules()).toEqual(['meter']))
})

test('what is out of service does not fire until it is in service again', async () => {
  const entry = `
outOfService: [{ id: work, points: [${SURFACE}], from: 2026-11-22T04:00, to: 2026-11-22T05:00, reason: Work }]
`
  await start(await testRegistry([FROST, PROBE], [], entry))
  await read(reading(SURFACE, clock.now(), -1))
  clock.advance(5 * MIN)
  await ticked()
  expect(aboutSurface()).toEqual([])
  clock.advance(56 * MIN)
  await read(reading(SURFACE, clock.now(), -1))
  clock.advance(3 * MIN)
  await until(() => expect(aboutSurface().map(({ type }) => type)).toEqual(['fired']))
})

test('what one station says in one batch is judged as a whole, and a neighbour is heard', async () => {
  const road = `{ id: road, name: Road, select: { points: [col/meteo/surface-temperature] },
    condition: { type: road-surface }, maxAge: 10min, severity: critical }`
  const quantities = ['surface-temperature', 'air-temperature', 'relative-humidity', 'precipitation'] as const
  const registry = await roadRegistry(
    [
      { site: 'col', lat: 44, quantities: [...quantities, 'precipitation-type', 'fault'] },
      { site: 'voisine', lat: 44.1, quantities: ['air-temperature'] },
    ],
    [road],
  )
  await start(registry, undefined, 3_600_000)
  const at = (site: string, name: string, value: Reading['value']) =>
    reading(`${site}/meteo/${name}`, clock.now(), value)
  const say = (...more: Reading[]) =>
    read(
      at('col', 'surface-temperature', -2),
      at('col', 'air-temperature', 1),
      at('col', 'relative-humidity', 60),
      at('col', 'precipitation', true),
      ...more,
    )
  // Rain on a frozen road, until the last words of the batch.
  await say(at('col', 'precipitation-type', 'snow'), at('col', 'fault', true))
  clock.advance(15 * MIN)
  await read(at('voisine', 'air-temperature', 2))
  await happened('fired')
  await say(at('col', 'precipitation-type', 'snow'), at('col', 'fault', false))
  await happened('fired', 'worsened')
  expect(hub.events().map(({ alert }) => [alert.phenomenon, alert.severity])).toEqual([
    ['unknown', 'warning'],
    ['snow', 'critical'],
  ])
})

describe('rules that change while they run', () => {
  const change = async (...rules: string[]) => running!.change(await testRegistry(rules))
  const LOWER = FROST.replace('below: 0', 'below: -5')
  const OTHER = FROST.replace('id: frost', 'id: other')

  test('what judges as before is not touched: alerts, acknowledgements and delays go on', async () => {
    await start([FROST, OTHER.replace('onDelay: 3min', 'onDelay: 10min')])
    const alert = await frost()
    await hub.acknowledge(alert.id)
    await happened('fired', 'acknowledged')

    stored.length = 0
    await change(
      FROST.replace('severity: critical', 'severity: critical, channels: [], advice: Saler'),
      OTHER.replace('onDelay: 3min', 'onDelay: 10min'),
      PROBE,
    )
    await ticked()
    expect(states()).toEqual(['acknowledged'])
    clock.advance(7 * MIN)
    // Its delay began before the change, of readings that the store does not have any more.
    await until(() =>
      expect(hub.events().filter(({ alert }) => alert.rule === 'other')).toMatchObject([
        { type: 'fired', alert: { since: START } },
      ]),
    )
    expect(aboutSurface().filter(({ alert }) => alert.rule === 'frost')).toHaveLength(2)
  })

  test('a changed rule begins from the store, and goes on with its live alert', async () => {
    await start([FROST])
    await frost()
    await change(LOWER)
    clock.advance(5 * MIN)
    await happened('fired', 'resolved')
    await change(FROST.replace('onDelay: 3min', 'onDelay: 1min'), OTHER)
    await until(() => expect(types()).toEqual(['fired', 'resolved', 'fired', 'fired']))
    // Both hold since the reading that the store has.
    expect(
      hub
        .events()
        .slice(2)
        .map(({ alert }) => alert.since),
    ).toEqual([START, START])
  })

  test('an alert whose rule is gone, or no longer looks at its point, is resolved with that reason', async () => {
    await start([FROST])
    await frost()
    await change(PROBE)
    await happened('fired', 'resolved')
    expect(hub.events()[1]!.alert).toMatchObject({ state: 'resolved', ended: 'rule-gone' })
    await shown()

    await change(FROST)
    await until(() => expect(types()).toHaveLength(3))
    await change(FROST.replace(SURFACE, AIR))
    await until(() =>
      expect(hub.events()[3]).toMatchObject({ type: 'resolved', alert: { ended: 'rule-gone' } }),
    )
  })

  test('what is heard while the store is read is neither lost nor judged by nobody', async () => {
    const asked = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<void>()
    const readings = memoryReadings(stored)
    const { latest } = readings
    await start([FROST], readings)
    readings.latest = async points => {
      const found = await latest(points)
      asked.resolve()
      await answer.promise
      return found
    }
    const changed = change(
      LOWER.replace('id: frost', 'id: hard-frost').replace('onDelay: 3min', 'onDelay: 0s'),
      FROST,
    )
    await asked.promise
    await frost()
    await hub.read([reading(SURFACE, clock.now(), -8)])
    answer.resolve()
    await changed
    await until(() =>
      expect(
        hub
          .live()
          .map(({ rule }) => rule)
          .sort(),
      ).toEqual(['frost', 'hard-frost']),
    )
  })

  test('its status says which registry it runs, and why it does not run another', async () => {
    await start([FROST])
    const statuses: string[] = []
    await hub.bus.subscribe(topics.status('rules'), (_, payload) => {
      const { registry, registryProblem } = JSON.parse(payload.toString())
      statuses.push(`${registry} ${registryProblem}`)
    })
    const next = await testRegistry([LOWER])
    running!.refusesRegistry('rules.yaml:1: unknown key')
    await until(() => expect(statuses.at(-1)).toContain('unknown key'))
    running!.refusesRegistry(undefined)
    await running!.change(next)
    await until(() => expect(statuses.at(-1)).toBe(`${next.hash} undefined`))
  })
})
