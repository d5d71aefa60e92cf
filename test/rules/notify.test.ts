import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeAlertBatch } from '../../bus/alert-codec.ts'
import { topics } from '../../bus/topics.ts'
import type { Alert, AlertEvent, AlertEventType } from '../../model/alert.ts'
import type { Notification } from '../../model/notification.ts'
import type { Registry } from '../../registry/registry.ts'
import { type Deliveries, openDeliveries } from '../../rules/notify/deliveries.ts'
import { openLinks } from '../../rules/notify/links.ts'
import { type Notify, startNotify } from '../../rules/notify/notify.ts'
import { openPhones } from '../../rules/notify/phones.ts'
import { startRules } from '../../rules/rules.ts'
import type { RecordStore } from '../../store/records.ts'
import { type Hub, startHub } from './hub.ts'
import {
  FROST,
  H,
  MIN,
  memoryReadings,
  reading,
  runningClock,
  S,
  START,
  SURFACE,
  temporaryFolder,
  testRegistry,
  until,
} from './territory.ts'
import { startReceiver } from './webhook-receiver.ts'

let hub: Hub
let receiver: Awaited<ReturnType<typeof startReceiver>>
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let clock: ReturnType<typeof runningClock>
let notify: Notify | undefined
let deliveries: Deliveries | undefined
let registry: Registry
const sealed = new Map<number, Notification>()

beforeEach(async () => {
  hub = await startHub()
  receiver = await startReceiver()
  folder = await temporaryFolder()
  clock = runningClock()
  sealed.clear()
})

async function stop() {
  await notify?.close()
  deliveries?.close()
  notify = undefined
  deliveries = undefined
}

afterEach(async () => {
  await stop()
  await receiver.close()
  await hub.close()
  await folder.remove()
})

const TOLD = FROST.replace(/\}$/, ', channels: [hook, journal] }')
const hook = (timeout = '2s') => `{ id: hook, type: webhook, url: '${receiver.url}', timeout: ${timeout} }`
const JOURNAL = '{ id: journal, type: log }'

interface Setup {
  rules?: string[]
  channels?: string[]
  onCall?: string
  records?: Pick<RecordStore, 'alerts' | 'alertEvents'> &
    Partial<Pick<RecordStore, 'sealNotifications' | 'synced'>>
}

const NO_SUBSCRIPTIONS = { pushSubscriptions: () => [], removePushSubscription: () => {} }
const NO_RECORDS = { alerts: () => [], alertEvents: () => [] }

async function start({ rules = [TOLD], channels = [hook(), JOURNAL], onCall, records }: Setup = {}) {
  await stop()
  registry = await testRegistry(rules, channels, onCall)
  const { bus, log } = hub
  deliveries = openDeliveries(folder.path, clock.now())
  notify = await startNotify({
    registry,
    bus,
    deliveries,
    links: openLinks(folder.path, number => deliveries!.notice({ number })),
    phones: openPhones({ folder: folder.path, registry, records: NO_SUBSCRIPTIONS }),
    records: {
      sealNotifications(_, notifications) {
        for (const [number, notification] of notifications) sealed.set(number, notification)
      },
      synced: async () => {},
      ...(records ?? NO_RECORDS),
    },
    clock,
    log: log.log,
    baseUrl: () => 'https://hub.example',
    retryMs: 10,
    tickMs: 5,
  })
}

function event(
  type: 'fired' | 'acknowledged' | 'resolved',
  time = START,
  id = 'frost-1',
  rule = 'frost',
): AlertEvent {
  const state = type === 'fired' ? 'firing' : type
  const alert: Alert = {
    id,
    rule,
    point: SURFACE,
    site: 'col-du-loup',
    severity: 'critical',
    state,
    since: START,
    firedAt: START,
    value: -1,
    lastValue: -1,
    message: { fr: 'Gel au col', en: 'Frost at the pass' },
  }
  return { type, time, actor: type === 'acknowledged' ? 'nadia' : 'rules', alert }
}

let number = 1
async function announce(...events: AlertEvent[]) {
  const first = number
  number += events.length
  const envelope = { version: 1, sender: 'rules', stream: 'alerts', run: 'r1', sent: START } as const
  await hub.publish(
    topics.alertEvents('rules'),
    encodeAlertBatch({ ...envelope, first, backlog: false, events }),
  )
}

const told = () => receiver.received.filter(({ status }) => status === 204).map(({ body }) => body.event)
const journal = () =>
  hub.log.lines.filter(({ msg }) => /^Gel|: Gel/.test(String(msg))).map(({ event }) => event)
const hears = (...expected: string[]) => until(() => expect(told()).toEqual(expected))
const journalled = (...expected: string[]) => until(() => expect(journal()).toEqual(expected))

test('a webhook is told what, where, since when and what has become of it', async () => {
  await start()
  await announce(event('fired'), event('acknowledged', START + MIN), event('resolved', START + H))
  await hears('fired', 'acknowledged', 'resolved')
  expect(receiver.received.map(({ body }) => body)).toMatchObject([
    {
      version: 1,
      event: 'fired',
      time: '2026-11-22T03:00:00.000Z',
      actor: 'rules',
      alert: { id: 'frost-1', state: 'firing', value: -1, severity: 'critical' },
      site: { id: 'col-du-loup', name: 'Col du Loup' },
      message: { fr: 'Gel au col', en: 'Frost at the pass' },
    },
    {
      message: {
        fr: 'Prise en charge par nadia le 22/11/2026 04:01 : Gel au col',
        en: 'Acknowledged by nadia on 22/11/2026 04:01: Frost at the pass',
      },
    },
    {
      message: {
        fr: "Fin d'alerte le 22/11/2026 05:00 : Gel au col",
        en: 'Resolved on 22/11/2026 05:00: Frost at the pass',
      },
    },
  ])
  expect(receiver.received[0]!.headers).toMatchObject({
    'content-type': 'application/json',
    'idempotency-key': 'frost-1/fired',
  })
  await journalled('fired', 'acknowledged', 'resolved')
})

test('what a channel has not been able to tell for its time another one tells, once, while it goes on trying', async () => {
  const refused = await startReceiver()
  refused.answers.push(...Array<number>(1000).fill(503))
  const first = `{ id: hook, type: webhook, url: '${refused.url}', timeout: 2s, otherwise: next, otherwiseAfter: 5min }`
  await start({ channels: [first, JOURNAL, hook().replace('id: hook', 'id: next')] })
  await announce(event('fired'))
  await until(() => expect(refused.received.length).toBeGreaterThan(1))
  expect(receiver.received).toEqual([])
  clock.advance(5 * MIN)
  await hears('fired')
  refused.answers.length = 0
  await until(() => expect(refused.received.at(-1)!.status).toBe(204))
  // Who stood in is told the end, too, and nothing twice.
  await announce(event('resolved', START + H))
  await hears('fired', 'resolved')
  await refused.close()
})

test('an alert that worsens is told again, and so is its second acknowledgement; what is repeated is not', async () => {
  await start()
  const worsened = (type: AlertEventType, state: Alert['state'], minute: number): AlertEvent => {
    const { alert } = event('fired')
    const change = { type: 'worsened', number: 1, time: START + 2 * MIN } as const
    const message = { fr: 'Verglas au col', en: 'Ice at the pass' }
    return { type, time: START + minute * MIN, actor: 'rules', alert: { ...alert, state, change, message } }
  }
  const events = [
    event('fired'),
    event('acknowledged', START + MIN),
    worsened('worsened', 'firing', 2),
    worsened('acknowledged', 'acknowledged', 3),
  ]
  await announce(...events)
  await announce(...events)
  await announce(event('resolved', START + H))
  await hears('fired', 'acknowledged', 'worsened', 'acknowledged', 'resolved')
  const keys = receiver.received.map(({ headers }) => headers['idempotency-key'])
  expect(keys[2]).toBe('frost-1/worsened-1')
  expect(new Set(keys).size).toBe(5)
  expect(receiver.received[2]!.body.message).toEqual({
    fr: "S'aggrave – Verglas au col",
    en: 'Worsens – Ice at the pass',
  })
})

test('a webhook that fails is tried again until it has the event, once, and in order', async () => {
  receiver.answers.push(500, 302, 503)
  await start()
  await announce(event('fired'), event('resolved', START + MIN))
  await hears('fired', 'resolved')
  expect(receiver.received.map(({ status }) => status)).toEqual([500, 302, 503, 204, 204])
  await until(() =>
    expect(notify!.counts.hook).toMatchObject({ delivered: 2, refused: 3, failed: 0, waiting: 0 }),
  )
  expect(hub.log.lines).toContainEqual(
    expect.objectContaining({ channel: 'hook', alert: 'frost-1', reason: 'answered with status 500' }),
  )
})

test('an event that keeps failing does not hold up the other alerts', async () => {
  receiver.answers.push(400)
  await start()
  await announce(event('fired'), event('fired', START, 'frost-2'))
  await hears('fired', 'fired')
  expect(receiver.received.map(({ body }) => body.alert.id)).toEqual(['frost-1', 'frost-2', 'frost-1'])
})

test('trap 19: an event that comes again is told once, also after a restart', async () => {
  await start()
  await announce(event('fired'))
  await announce(event('fired'))
  await hears('fired')
  await start()
  await announce(event('fired'), event('resolved', START + MIN))
  await hears('fired', 'resolved')
  await journalled('fired', 'resolved')
})

test('trap 19: what was not told before a restart is told after it, once', async () => {
  receiver.answers.push('hang')
  await start()
  await announce(event('fired'), event('resolved', START + MIN))
  await until(() => expect(receiver.received).toHaveLength(1))
  await journalled('fired', 'resolved')
  await start()
  await hears('fired', 'resolved')
  await journalled('fired', 'resolved')
  expect(receiver.most).toBe(1)
})

test('trap 19: what was stored while nobody listened is told from the records, nothing from before them', async () => {
  const stored = [event('fired', START - S, 'old'), event('fired', START + MIN), event('resolved', START + H)]
  const records = {
    alerts: () => [stored[0]!.alert, stored[2]!.alert],
    alertEvents: (id: string) => stored.filter(({ alert }) => alert.id === id),
  }
  await start()
  clock.advance(2 * H)
  await start({ records })
  await hears('fired', 'resolved')
  await start({ records })
  await announce(event('fired', START + 2 * H, 'frost-2'))
  await hears('fired', 'resolved', 'fired')
  expect(receiver.received.map(({ body }) => body.alert.id)).toEqual(['frost-1', 'frost-1', 'frost-2'])
})

test('a receiver that hangs is given up after the time-out, one request at a time', async () => {
  receiver.answers.push('hang', 'hang')
  await start({ channels: [hook('50ms'), JOURNAL] })
  await announce(event('fired'), event('fired', START, 'frost-2'), event('fired', START, 'frost-3'))
  await hears('fired', 'fired', 'fired')
  expect(receiver.received).toHaveLength(5)
  expect(receiver.most).toBe(1)
  expect(hub.log.lines).toContainEqual(
    expect.objectContaining({ channel: 'hook', reason: 'no answer in time' }),
  )
})

test('a receiver that is away is named by its error; its URL, which may hold a secret, is never logged', async () => {
  const nobody = await startReceiver()
  await nobody.close()
  await start({ channels: [`{ id: hook, type: webhook, url: '${nobody.url}' }`, JOURNAL] })
  await announce(event('fired'))
  await until(() => expect(notify!.counts.hook!.refused).toBeGreaterThan(1))
  const lines = JSON.stringify(hub.log.lines)
  expect(lines).toContain('ECONNREFUSED')
  expect(lines).not.toContain('s3cret')
})

test('an event is given up when it is a day old', async () => {
  receiver.answers.push('hang')
  await start()
  await announce(event('fired'))
  await until(() => expect(receiver.received).toHaveLength(1))
  clock.advance(25 * H)
  await start()
  await until(() => expect(notify!.counts.hook).toMatchObject({ failed: 1, waiting: 0 }))
  await announce(event('resolved', START + MIN), event('fired', START + 25 * H, 'frost-2'))
  await hears('fired')
  expect(receiver.received.at(-1)!.body.alert.id).toBe('frost-2')
})

test('trap 23: who was told of an alert is told of its end, although the rule is gone', async () => {
  await start()
  await announce(event('fired'))
  await hears('fired')
  await start({ rules: [] })
  await announce(event('resolved', START + MIN))
  await hears('fired', 'resolved')
})

test('a channel that is gone is given up and said so', async () => {
  receiver.answers.push('hang')
  await start()
  await announce(event('fired'))
  await until(() => expect(receiver.received).toHaveLength(1))
  await start({ rules: [FROST], channels: [JOURNAL] })
  expect(hub.log.lines).toContainEqual(
    expect.objectContaining({ channel: 'hook', msg: 'notification given up: no such channel' }),
  )
})

test('commands, which the filter of events also matches, are no events', async () => {
  await start()
  await hub.acknowledge('frost-1')
  await announce(event('fired'))
  await hears('fired')
  expect(hub.log.lines.filter(({ msg }) => msg === 'a handler failed')).toEqual([])
})

test('a webhook that hangs does not delay the rules or another channel', async () => {
  receiver.answers.push('hang', 'hang', 'hang')
  await start({ channels: [hook('10min'), JOURNAL] })
  const registry = await testRegistry([TOLD], [hook('10min'), JOURNAL])
  const rulesFolder = await temporaryFolder()
  const rules = await startRules({
    registry,
    bus: hub.bus,
    readings: memoryReadings([]),
    outboxFolder: rulesFolder.path,
    clock,
    log: hub.log.log,
    tickMs: 5,
  })
  try {
    await hub.read([reading(SURFACE, clock.now(), -1)])
    clock.advance(3 * MIN)
    await journalled('fired')
    await until(() => expect(receiver.received).toHaveLength(1))
    await hub.read([reading(SURFACE, clock.now(), 3)])
    clock.advance(5 * MIN)
    await journalled('fired', 'resolved')
    expect(receiver.received).toHaveLength(1)
  } finally {
    await rules.close()
    await rulesFolder.remove()
  }
})

describe('an alert that nobody acknowledges', () => {
  const ON_CALL = `
  alerting: { fallback: { channels: [last], after: 30min } }
people:
  - { id: marie, channels: [hook] }
  - { id: paul, channels: [broken, second] }
routes:
  - id: all
    remindEvery: 10min
    steps:
      - { tell: [marie] }
      - { after: 15min, tell: [paul] }
`
  const channel = (id: string) => `{ id: ${id}, type: webhook, url: '${receiver.url}/${id}', timeout: 2s }`
  const routed = (more: Setup = {}) =>
    start({
      rules: [FROST],
      channels: [hook(), channel('second'), channel('last')],
      onCall: ON_CALL.replace('broken, ', ''),
      ...more,
    })
  const heard = () =>
    receiver.received.map(
      ({ path, body }) => `${path.split('/')[3] ?? 'hook'} ${body.event} ${body.reminder}`,
    )
  const at = (minutes: number) => clock.advance(START + minutes * MIN - clock.now())

  test('trap 22: is told step by step, with reminders, until the last resort; once each, also across a restart', async () => {
    await routed()
    at(0)
    await announce(event('fired'))
    await until(() => expect(heard()).toEqual(['hook fired 0']))
    at(10)
    await until(() => expect(heard()).toEqual(['hook fired 0', 'hook fired 1']))
    expect(receiver.received[1]!.body.message).toEqual({
      fr: 'Rappel, sans prise en charge depuis le 22/11/2026 04:00 : Gel au col',
      en: 'Reminder, unacknowledged since 22/11/2026 04:00: Frost at the pass',
    })
    at(15)
    await until(() => expect(heard().slice(2)).toEqual(['second fired 1']))
    await routed()
    at(30)
    await until(() =>
      expect(heard().slice(3).sort()).toEqual(['hook fired 3', 'last fired 3', 'second fired 3']),
    )
  })

  test('trap 19: whoever is told of it late is not told at a restart what came before, however it went on', async () => {
    await routed()
    at(0)
    await announce(event('fired'))
    await until(() => expect(heard()).toEqual(['hook fired 0']))
    at(30)
    const late = ['hook fired 3', 'last fired 3', 'second fired 3']
    await until(() => expect(heard().slice(1).sort()).toEqual(late))
    const acknowledged = event('acknowledged', START + 31 * MIN)
    await announce(acknowledged)
    const others = ['hook acknowledged 0', 'last acknowledged 0', 'second acknowledged 0']
    await until(() => expect(heard().slice(4).sort()).toEqual(others))
    // Nobody was told of the first alert of all when it fired, only when it had worsened.
    const { alert } = event('fired', START, 'frost-2')
    const change = { type: 'worsened', number: 1, time: START + MIN } as const
    const worsened: AlertEvent = {
      ...{ type: 'worsened', time: change.time, actor: 'rules' },
      alert: { ...alert, change },
    }
    await announce(worsened)
    await until(() => expect(heard().slice(7).sort()).toEqual(['hook worsened 2', 'second worsened 2']))
    const before = heard()
    const stored = [event('fired'), acknowledged, event('fired', START, 'frost-2'), worsened]
    const records = {
      alerts: () => [acknowledged.alert, worsened.alert],
      alertEvents: (id: string) => stored.filter(each => each.alert.id === id),
    }
    await routed({ records })
    await announce(event('resolved', START + 32 * MIN))
    const over = ['hook resolved 0', 'last resolved 0', 'second resolved 0']
    await until(() => expect(heard().slice(before.length).sort()).toEqual(over))
  })

  test('is told no further once somebody has, and whoever was told is told who', async () => {
    await routed()
    at(0)
    await announce(event('fired'))
    await until(() => expect(heard()).toEqual(['hook fired 0']))
    await announce(event('acknowledged', START + MIN))
    await until(() => expect(heard()).toEqual(['hook fired 0', 'hook acknowledged 0']))
    at(60)
    // What was told before, again and late, opens nothing anew.
    await announce(event('fired'))
    const asked = clock.asked
    await until(() => expect(clock.asked).toBeGreaterThan(asked + 5))
    expect(heard()).toHaveLength(2)
  })

  test('is told anew, from the first step on, when it worsens after that', async () => {
    await routed()
    at(0)
    await announce(event('fired'))
    await until(() => expect(heard()).toEqual(['hook fired 0']))
    await announce(event('acknowledged', START + MIN))
    await until(() => expect(heard()).toEqual(['hook fired 0', 'hook acknowledged 0']))
    const { alert } = event('fired')
    const change = { type: 'worsened', number: 1, time: START + 20 * MIN } as const
    at(20)
    await announce({ type: 'worsened', time: change.time, actor: 'rules', alert: { ...alert, change } })
    await until(() => expect(heard()).toEqual(['hook fired 0', 'hook acknowledged 0', 'hook worsened 0']))
    at(35)
    await until(() => expect(heard().slice(3).sort()).toEqual(['hook worsened 1', 'second worsened 1']))
  })

  test('is not told further while it is shelved, and begins anew after that', async () => {
    await routed()
    at(0)
    await announce(event('fired'))
    await until(() => expect(heard()).toEqual(['hook fired 0']))
    const { alert } = event('fired')
    const shelving = { number: 1, time: START + MIN, by: 'nadia', until: START + 60 * MIN }
    await announce({ type: 'shelved', time: START + MIN, actor: 'nadia', alert: { ...alert, shelving } })
    await until(() => expect(heard()).toEqual(['hook fired 0', 'hook shelved 0']))
    expect(receiver.received[1]!.body).toMatchObject({
      acknowledge: null,
      message: { fr: "Mise en attente par nadia jusqu'au 22/11/2026 05:00 : Gel au col" },
    })
    at(50)
    const asked = clock.asked
    await until(() => expect(clock.asked).toBeGreaterThan(asked + 5))
    expect(heard()).toHaveLength(2)
    at(60)
    const over = { number: 2, time: START + 60 * MIN, by: 'rules' }
    await announce({
      type: 'unshelved',
      time: over.time,
      actor: 'rules',
      alert: { ...alert, shelving: over },
    })
    await until(() => expect(heard().slice(2)).toEqual(['hook unshelved 0']))
    at(75)
    await until(() => expect(heard().slice(3).sort()).toEqual(['hook unshelved 1', 'second unshelved 1']))
  })

  test('is told on the next channel of a person when the first one fails', async () => {
    const dead = await startReceiver()
    await dead.close()
    const broken = `{ id: broken, type: webhook, url: '${dead.url}', otherwiseAfter: 2min }`
    await routed({
      channels: [hook(), channel('second'), channel('last'), broken],
      onCall: ON_CALL.replace('[hook]', '[broken, second]'),
    })
    at(0)
    await announce(event('fired'))
    await until(() => expect(notify!.counts.broken!.refused).toBeGreaterThan(1))
    expect(heard()).toEqual([])
    at(2)
    await until(() => expect(heard()).toEqual(['second fired 0']))
    await until(() =>
      expect([...sealed.values()]).toMatchObject([
        { person: 'marie', channel: 'second', outcome: 'delivered' },
      ]),
    )
    expect(notify!.counts.second!.delayMs).toBe(2 * MIN)
  })

  test('is told on the next channel of a person at once where none of their phones can be reached', async () => {
    await routed({
      channels: [hook(), channel('second'), channel('last'), '{ id: phones, type: push }'],
      onCall: ON_CALL.replace('[hook]', '[phones, second]').replace('[broken, ', '[phones, '),
    })
    at(0)
    await announce(event('fired'))
    await until(() => expect(heard()).toEqual(['second fired 0']))
    await until(() =>
      expect([...sealed.values()]).toMatchObject([
        { person: 'marie', channel: 'phones/marie', outcome: 'failed', receipt: 'no phone is subscribed' },
        { person: 'marie', channel: 'second', outcome: 'delivered' },
      ]),
    )
    expect(notify!.counts['phones/marie']).toMatchObject({ delivered: 0, refused: 0, failed: 1, waiting: 0 })
  })

  test('is told again for as long as it lives, also after days and a restart, and no more once it is over', async () => {
    await routed()
    at(0)
    await announce(event('fired'))
    await until(() => expect(heard()).toEqual(['hook fired 0']))
    const reminded = (number: number) => ['hook', 'last', 'second'].map(to => `${to} fired ${number}`)
    at(25 * 60)
    await until(() => expect(heard().slice(1).sort()).toEqual(reminded(150)))
    at(8 * 24 * 60)
    await routed()
    await until(() => expect(heard().slice(4).sort()).toEqual(reminded(8 * 144)))
    await until(() => expect(sealed.size).toBe(7))
    await routed()
    await announce(event('resolved', clock.now()))
    await until(() =>
      expect(heard().slice(7).sort()).toEqual(['hook resolved 0', 'last resolved 0', 'second resolved 0']),
    )
    await until(() => expect(deliveries!.waiting()).toEqual([]))
    at(9 * 24 * 60)
    notify!.tell([])
    expect(deliveries!.waiting()).toEqual([])
    expect(heard()).toHaveLength(10)
  })

  test('is told by the last resort, and every day again, also where there are no routes', async () => {
    await routed({
      rules: [TOLD.replace('hook, journal', 'hook')],
      onCall: '  alerting: { fallback: { channels: [last], after: 30min } }\n',
    })
    at(0)
    await announce(event('fired'))
    await until(() => expect(heard()).toEqual(['hook fired 0']))
    at(30)
    await until(() => expect(heard().slice(1)).toEqual(['last fired 0']))
    at(48 * 60)
    await until(() => expect(heard().slice(2)).toEqual(['last fired 2']))
  })

  test('fired while nobody listened here for days, and is still told of by its route', async () => {
    await routed()
    await stop()
    at(3 * 24 * 60)
    const fired = event('fired')
    await routed({ records: { alerts: () => [fired.alert], alertEvents: () => [fired] } })
    await until(() =>
      expect(heard().sort()).toEqual(['hook fired 432', 'last fired 432', 'second fired 432']),
    )
  })

  test.each([
    ['an hour', 60 * MIN, ['hook fired 0', 'hook acknowledged 0']],
    ['three days, of which nobody wants to hear', 72 * H, ['hook fired 0']],
  ])(
    'was acknowledged while nobody listened here for %s, and is told no further',
    async (_, away, expected) => {
      await routed()
      at(0)
      await announce(event('fired'))
      await until(() => expect(heard()).toHaveLength(1))
      await stop()
      clock.advance(away)
      const events = [event('fired'), event('acknowledged', START + 5 * MIN)]
      const other = event('resolved', START + 5 * MIN, 'frost-2')
      const records = {
        // Another one is looked through before.
        alerts: () => [other.alert, events[1]!.alert],
        alertEvents: (id: string) => (id === 'frost-1' ? events : [other]),
      }
      await routed({ records })
      const asked = clock.asked
      await until(() => expect(clock.asked).toBeGreaterThan(asked + 5))
      await until(() => expect(heard()).toEqual(expected))
    },
  )

  test('has its receipts sealed, each once', async () => {
    await routed()
    at(0)
    await announce(event('fired'))
    await until(() => expect(sealed.size).toBe(1))
    expect([...sealed.values()]).toEqual([
      {
        ...{ alert: 'frost-1', event: 'fired', reminder: 0, channel: 'hook', person: 'marie' },
        ...{ outcome: 'delivered', time: expect.any(Number), receipt: 'answered with status 204' },
      },
    ])
  })

  test('is told and sealed by a memory of the version before, which did not keep receipts', async () => {
    openDeliveries(folder.path, START).close()
    const file = new DatabaseSync(join(folder.path, 'deliveries.sqlite'))
    file.exec(`DROP INDEX delivery_unsealed; ALTER TABLE delivery DROP COLUMN settled;
      ALTER TABLE delivery DROP COLUMN receipt; ALTER TABLE memory DROP COLUMN reserved; PRAGMA user_version = 2`)
    file.close()
    await routed()
    at(0)
    await announce(event('fired'))
    await until(() => expect(sealed.size).toBe(1))
  })

  test('counts as sealed once that is certain to be on the disk', async () => {
    let isCertain = false
    const records = {
      ...NO_RECORDS,
      synced: async () => {
        if (!isCertain) throw new Error('i/o error')
      },
    }
    await routed({ records })
    at(0)
    await announce(event('fired'))
    await until(() => expect(sealed.size).toBe(1))
    await until(() =>
      expect(hub.log.lines.filter(({ msg }) => /be sealed/.test(String(msg)))).toHaveLength(1),
    )
    expect(deliveries!.unsealed()).toHaveLength(1)
    isCertain = true
    await until(() => expect(deliveries!.unsealed()).toEqual([]))
  })

  test('has its receipt sealed by the next start where the records refuse it, and is not told again', async () => {
    const refusing = {
      ...NO_RECORDS,
      sealNotifications() {
        throw new Error('no space left on device')
      },
    }
    await routed({ records: refusing })
    at(0)
    await announce(event('fired'))
    const refusals = () => hub.log.lines.filter(({ msg }) => /cannot be sealed/.test(String(msg)))
    await until(() => expect(refusals()).toHaveLength(1))
    await routed()
    await until(() => expect(sealed.size).toBe(1))
    expect(heard()).toEqual(['hook fired 0'])
  })
})

test('an Alertmanager is told of what is live from the start on, though not of what is known here to be over', async () => {
  const am = `{ id: am, type: alertmanager, url: '${new URL(receiver.url).origin}', resendEvery: 1ms }`
  const [live, over, other] = ['live', 'over', 'other'].map(id => event('fired', START, id).alert)
  const records = {
    alerts: () => [live!, over!, { ...other!, rule: 'of-another-channel' }],
    alertEvents: () => [],
  }
  const setUp = () => start({ rules: [TOLD.replace('hook, journal', 'am')], channels: [am], records })
  await setUp()
  await announce(event('resolved', START, 'over'))
  await until(() => expect(notify!.counts.am!.delivered).toBe(1))
  await stop()
  receiver.received.length = 0
  await setUp()
  await until(() => expect(receiver.received.length).toBeGreaterThan(1))
  for (const { path, body } of receiver.received) {
    expect(path).toBe('/api/v2/alerts')
    expect(body).toMatchObject([{ labels: { alert: 'live' } }])
  }
})

test('trap 21: a storm is told in one message, which names rules and sites', async () => {
  const sms = `{ id: sms, type: http, url: '${receiver.url}', together: 4,
    body: { event: '{{event}}', text: '{{text}}', severity: '{{severity}}', link: '{{acknowledge}}' } }`
  await start({ rules: [TOLD.replace('hook, journal', 'sms')], channels: [sms] })
  await announce(
    event('fired', START, 'frost-1'),
    event('fired', START, 'frost-2'),
    event('fired', START, 'frost-3'),
  )
  await hears('fired', 'fired', 'fired')
  const unknown = { ...event('fired', START, 'other-1').alert, rule: 'frost', site: 'gone' }
  await announce(
    ...[4, 5].map(i => event('fired', START + S, `frost-${i}`)),
    { ...event('fired', START + S), alert: { ...unknown, severity: 'warning' } },
    event('resolved', START + H, 'frost-1'),
  )
  await hears('fired', 'fired', 'fired', 'several')
  expect(receiver.received.at(-1)!.body).toEqual({
    ...{ event: 'several', severity: 'critical', link: 'https://hub.example/alerts' },
    text: '4 alertes à la fois – Gel : Col du Loup, gone – 1 terminée',
  })
  await until(() =>
    expect(notify!.counts.sms).toMatchObject({ delivered: 7, refused: 0, failed: 0, waiting: 0 }),
  )
  await until(() => expect(sealed.size).toBe(7))
})

test('a storm that its channel refuses is told again, each on the channel that stands in', async () => {
  receiver.answers.push(503, 503)
  const sms = `{ id: sms, type: http, url: '${receiver.url}', together: 2, otherwise: hook, otherwiseAfter: 1ms, body: { event: '{{event}}' } }`
  await start({ rules: [TOLD.replace('hook, journal', 'sms')], channels: [sms, hook()] })
  await announce(event('fired', START, 'frost-1'), event('fired', START, 'frost-2'))
  await until(() => expect(told().sort()).toEqual(['fired', 'fired', 'several']))
  expect(receiver.received.map(({ status }) => status).filter(status => status === 503)).toHaveLength(2)
})

describe('the daily test', () => {
  const EVERY_DAY = `
  alerting: { test: { at: '08:00' }, fallback: { channels: [hook, last] } }
`
  const ALONE = EVERY_DAY.replace('[hook, last]', '[hook]')
  const AT = START + 4 * H
  const to = (path: string) =>
    receiver.received.filter(each => each.path.endsWith(path)).map(({ body }) => body)
  const setUp = (hookUrl: string, onCall = EVERY_DAY) =>
    start({
      channels: [
        `{ id: hook, type: webhook, url: '${hookUrl}', timeout: 2s, otherwise: last, otherwiseAfter: 1ms }`,
        `{ id: last, type: webhook, url: '${receiver.url}/last' }`,
        JOURNAL,
      ],
      onCall,
    })

  test('goes to every channel once a day, at its local time, also across a restart', async () => {
    await setUp(receiver.url)
    clock.advance(AT - clock.now() - 60_000)
    const asked = clock.asked
    await until(() => expect(clock.asked).toBeGreaterThan(asked + 5))
    expect(receiver.received).toEqual([])
    clock.advance(60_000)
    await until(() => expect(told().sort()).toEqual(['test', 'test']))
    await setUp(receiver.url)
    clock.advance(H)
    const again = clock.asked
    await until(() => expect(clock.asked).toBeGreaterThan(again + 5))
    expect(told()).toHaveLength(2)
    expect(to('/last')).toEqual([
      {
        ...{ version: 1, event: 'test', time: expect.stringMatching(/^2026-11-22T07:00/) },
        message: {
          fr: 'Essai quotidien : les alertes arrivent ici. Il n’y a rien à faire.',
          en: 'Daily test: alerts arrive here. There is nothing to do.',
        },
      },
    ])
    clock.advance(23 * H)
    await until(() => expect(told()).toHaveLength(4))
  })

  test.each([
    ['the last resort', EVERY_DAY],
    ['whoever it has reached, where it is the last resort that cannot be', ALONE],
  ])('that fails is told by %s, once, which names the channel', async (_, onCall) => {
    const dead = await startReceiver()
    await dead.close()
    await setUp(dead.url, onCall)
    clock.advance(AT - clock.now())
    await until(() => expect(told()).toEqual(['test']))
    await until(() =>
      expect(deliveries!.lastTest()).toEqual({
        time: AT,
        arrived: new Map([
          ['hook', false],
          ['last', true],
        ]),
      }),
    )
    expect([...deliveries!.waitingSince()]).toEqual([['hook', AT]])
    clock.advance(29 * MIN)
    await until(() => expect(notify!.counts.hook!.refused).toBeGreaterThan(2))
    expect(told()).toEqual(['test'])
    clock.advance(2 * MIN)
    await until(() => expect(told()).toEqual(['test', 'test-failed']))
    expect(to('/last')[1]!.message).toMatchObject({
      en: 'The daily test has not arrived: alerts may not arrive by hook.',
    })
    await setUp(dead.url, onCall)
    const asked = clock.asked
    await until(() => expect(clock.asked).toBeGreaterThan(asked + 5))
    expect(told()).toHaveLength(2)
  })
})

test('a link acknowledges what it was signed for, and nothing that was made up or signed elsewhere', async () => {
  await start()
  await announce(event('fired'))
  await hears('fired')
  const token = String(receiver.received[0]!.body.acknowledge).split('/k/')[1]!
  const links = openLinks(folder.path, number => deliveries!.notice({ number }))
  expect(links.noticeOf(token)).toMatchObject({ channel: 'hook', event: { alert: { id: 'frost-1' } } })
  const [number, signature] = token.split('-')
  for (const forged of [
    `2-${signature}`,
    `${number}-${'A'.repeat(16)}`,
    `zz-${signature}`,
    token.slice(0, -1),
    '',
  ])
    expect(links.noticeOf(forged), forged).toBeUndefined()
  const elsewhere = await temporaryFolder()
  const others = openLinks(elsewhere.path, number => deliveries!.notice({ number }))
  expect(others.noticeOf(token)).toBeUndefined()
  await elsewhere.remove()
})

test('what was told on a channel or to a person is known, as it was then; the token of a channel is its own', async () => {
  await start()
  const worsened = event('fired', START + MIN)
  worsened.type = 'worsened'
  worsened.alert.change = { type: 'worsened', number: 1, time: START + MIN }
  await announce(event('fired'), worsened)
  await hears('fired', 'worsened')
  deliveries!.add(event('fired', START, 'frost-2'), [{ channel: 'mail', person: 'marie' }])
  deliveries!.add({ type: 'test', time: START, alert: { id: 'test-1' } }, [{ channel: 'hook' }])
  await until(() =>
    expect(deliveries!.toldTo({ channels: ['hook'], people: ['marie'] })).toEqual([
      { alert: 'frost-1', change: 0, channel: 'hook', delivered: true },
      { alert: 'frost-1', change: 1, channel: 'hook', delivered: true },
      { alert: 'frost-2', change: 0, channel: 'mail', person: 'marie', delivered: false },
    ]),
  )
  expect(deliveries!.toldTo({ channels: ['other'], people: ['paul'] })).toEqual([])
  const [links, again] = [1, 2].map(() => openLinks(folder.path, () => undefined))
  expect(links!.replyTokenOf('sms')).toMatch(/^[\w-]{24}$/)
  expect(again!.replyTokenOf('sms')).toBe(links!.replyTokenOf('sms'))
  expect(links!.replyTokenOf('sms-2')).not.toBe(links!.replyTokenOf('sms'))
})

describe('a registry that changes while its channels carry', () => {
  async function change({ rules = [TOLD], channels = [hook(), JOURNAL] }: Setup) {
    const previous = { ...registry }
    const next = await testRegistry(rules, channels)
    Object.assign(registry, { rules: next.rules, channels: next.channels, routes: next.routes })
    await notify!.change(previous)
  }

  test('trap 23: after a change of rules and channels each event is told, once, by the channels of now', async () => {
    await start()
    await announce(event('fired'))
    await hears('fired')
    await journalled('fired')
    await change({
      rules: [TOLD.replace('hook, journal', 'journal'), TOLD.replace('id: frost', 'id: other')],
      channels: [hook('3s'), JOURNAL],
    })
    await announce(event('fired'), event('fired', START + MIN, 'other-1', 'other'))
    await announce(event('fired', START + MIN, 'frost-2'))
    // Who was told that it fired is told how it ends.
    await announce(event('resolved', START + H))
    await hears('fired', 'fired', 'resolved')
    await journalled('fired', 'fired', 'fired', 'resolved')
  })

  test('what waits for a channel that changes is carried by what it becomes, or given up where it is gone', async () => {
    await start()
    receiver.answers.push(...Array(1000).fill(503))
    await announce(event('fired'))
    await until(() => expect(notify!.counts.hook!.refused).toBeGreaterThan(0))
    receiver.answers.length = 0
    await change({ channels: [hook('3s'), JOURNAL] })
    await hears('fired')

    receiver.answers.push(...Array(1000).fill(503))
    await announce(event('resolved', START + H))
    await until(() => expect(notify!.counts.hook!.refused).toBeGreaterThan(0))
    await change({ rules: [TOLD.replace('hook, ', '')], channels: [JOURNAL] })
    await until(() =>
      expect([...sealed.values()].filter(({ channel }) => channel === 'hook')).toMatchObject([
        { outcome: 'delivered' },
        { outcome: 'failed', receipt: 'no such channel' },
      ]),
    )
    expect(Object.keys(notify!.counts)).toEqual(['journal'])
  })
})
