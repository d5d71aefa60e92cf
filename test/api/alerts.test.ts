import { afterEach, beforeEach, expect, it } from 'vitest'
import { encodeAlertBatch } from '../../bus/alert-codec.ts'
import { topics } from '../../bus/topics.ts'
import type { Alert, AlertCommand, AlertEvent } from '../../model/alert.ts'
import type { Notification } from '../../model/notification.ts'
import { alertEvent, frostAlert, type Hub, MINUTE, NOW, readJson, startHub } from './hub.ts'

let hub: Hub
beforeEach(async () => {
  hub = await startHub({ commandTimeoutMs: 1500 })
})
afterEach(() => hub.close())

/** What the rules do when a command comes; a command is given again, the last time maybe when the test is over. */
const publishEvent = (event: AlertEvent) =>
  hub.peer
    .publish(
      topics.alertEvents('rules'),
      encodeAlertBatch({
        version: 1,
        sender: 'rules',
        stream: 'alerts',
        run: 'r',
        first: 2,
        sent: NOW,
        backlog: false,
        events: [event],
      }),
    )
    .catch(() => {})

const acknowledge = (body: object, id = 'gel-1') =>
  hub.post(
    `/v1/alerts/${id}/acknowledge`,
    { ...hub.account, 'content-type': 'application/json' },
    JSON.stringify(body),
  )

it('an alert is found by the id that it has, however long the ids of its rule and point are', async () => {
  const id = `talon-en-hausse-${'depot-de-fontenay-'.repeat(12)}1795850944083-31e2d904`
  hub.keep(alertEvent('fired', frostAlert('firing', { id })))
  expect(await hub.json(`/v1/alerts/${id}`)).toMatchObject({ id })
})

it('alerts are listed by state and site, with the names of what they concern', async () => {
  hub.keep(alertEvent('fired', frostAlert()), 1)
  hub.keep(alertEvent('resolved', frostAlert('resolved', { id: 'gel-0', resolvedAt: NOW })), 2)
  const ids = async (query: string) =>
    (await hub.json(`/v1/alerts${query}`)).alerts.map((alert: { id: string }) => alert.id).sort()
  expect(await ids('')).toEqual(['gel-0', 'gel-1'])
  expect(await ids('?state=active')).toEqual(['gel-1'])
  expect(await ids('?state=resolved&site=gymnase')).toEqual(['gel-0'])
  expect(await ids('?site=college')).toEqual([])
  expect((await hub.json('/v1/alerts')).time).toBe('2026-11-22T11:00:00.000Z')
  expect(await hub.json('/v1/alerts/gel-1')).toEqual({
    id: 'gel-1',
    rule: 'gel',
    ruleName: { fr: 'Risque de gel', en: 'Risk of frost' },
    point: 'gymnase/air/temperature',
    pointLabel: { fr: 'Température intérieure', en: 'Indoor temperature' },
    site: 'gymnase',
    siteName: "Gymnase d'essai",
    severity: 'warning',
    phenomenon: null,
    phenomenonName: null,
    state: 'firing',
    since: '2026-11-22T10:57:00.000Z',
    firedAt: '2026-11-22T10:58:00.000Z',
    change: 0,
    acknowledgedAt: null,
    acknowledgedBy: null,
    actedAt: null,
    shelved: null,
    flapping: null,
    resolvedAt: null,
    ended: null,
    value: 4.5,
    lastValue: 4.2,
    unitLabel: '°C',
    message: { fr: 'Risque de gel', en: 'Risk of frost' },
    advice: { fr: "Purger l'eau <ici>", en: 'Drain the water' },
    responses: [],
    onTheWay: [],
    events: [
      {
        ...{ type: 'fired', time: '2026-11-22T10:59:00.000Z', actor: 'rules' },
        ...{ severity: 'warning', phenomenon: null, phenomenonName: null, value: 4.2 },
      },
    ],
  })
})

it('a danger that its rule names is called so, in the alert and in what happened to it', async () => {
  const chill = frostAlert('firing', { id: 'froid-1', rule: 'froid', phenomenon: 'chill' })
  hub.keep(alertEvent('fired', chill), 1)
  const phenomenonName = { fr: 'Frais', en: 'Chill' }
  expect(await hub.json('/v1/alerts/froid-1')).toMatchObject({
    ...{ phenomenon: 'chill', phenomenonName },
    events: [{ phenomenon: 'chill', phenomenonName }],
  })
})

it('tells what is out of service, and for how long', async () => {
  expect(await hub.json('/v1/alerts/out-of-service')).toEqual({
    outOfService: [
      {
        ...{ id: 'sonde-du-gymnase', points: ['gymnase/air/temperature'], sites: null, rules: null },
        ...{ from: '2026-11-20T07:00:00.000Z', to: '2026-11-22T17:00:00.000Z' },
        reason: 'Remplacement de la sonde',
      },
    ],
  })
})

it('tells how alerts fare by rule and crew, which are stale, and which rules are silent', async () => {
  const at = (minutes: number) => NOW - minutes * MINUTE
  const life = (id: string, firedAt: number, more: Partial<Alert> = {}) =>
    frostAlert('firing', { id, firedAt, ...more })
  let number = 0
  const keep = (type: AlertEvent['type'], time: number, alert: Alert, actor = 'rules') =>
    hub.keep({ type, time, actor, alert }, ++number)
  // Acknowledged after 1, 3 and 20 minutes, the first of them twice, by someone else the second time.
  for (const [id, minutes, actor] of [
    ['a', 1, 'nadia'],
    ['b', 3, 'nadia'],
    ['c', 20, 'karim'],
  ] as const) {
    const fired = life(id, at(100), id === 'c' ? { flapping: 5 } : {})
    keep('fired', at(100), fired)
    const acknowledged = {
      state: 'acknowledged',
      acknowledgedAt: at(100 - minutes),
      acknowledgedBy: actor,
    } as const
    keep('acknowledged', at(100 - minutes), { ...fired, ...acknowledged }, actor)
    if (id === 'a') {
      const change = { type: 'worsened', number: 1, time: at(90) } as const
      keep('worsened', at(90), { ...fired, change })
      keep('acknowledged', at(80), { ...fired, ...acknowledged, change }, 'karim')
    }
    keep('resolved', at(40), { ...fired, state: 'resolved', resolvedAt: at(40) })
  }
  keep('fired', at(60 * 24 * 31), life('old', at(60 * 24 * 31), { rule: 'other' }))
  const path = '/v1/alerts/statistics?from=2026-11-21T11:00:00Z&to=2026-11-22T11:00:00Z'
  expect((await hub.get(path)).status).toBe(401)
  const byRule = await hub.json(path, hub.account)
  expect(byRule.groups).toEqual([
    {
      ...{ id: 'gel', alerts: 3, perDay: 3, acknowledged: 3, flapping: 1 },
      ...{ toAcknowledge: { median: 180, p90: 1200 }, toResolve: { median: 3600, p90: 3600 } },
    },
  ])
  expect(byRule.stale).toEqual([{ alert: 'old', rule: 'other', site: 'gymnase', days: 31 }])
  expect(byRule.silentRules).toEqual([...hub.registry.rules.keys()].filter(id => id !== 'gel'))
  const byCrew = await hub.json(`${path}&by=crew`, hub.account)
  expect(byCrew.groups.map(({ id, alerts }: { id: string; alerts: number }) => [id, alerts])).toEqual([
    ['nadia', 2],
    ['karim', 1],
  ])
  expect(await hub.json('/v1/alerts/statistics?from=2026-11-22&to=2026-11-21', hub.account)).toMatchObject({
    status: 400,
  })
})

it('tells an account where the chain of alert events stands', async () => {
  hub.keep(alertEvent('fired', frostAlert()))
  expect((await hub.get('/v1/alerts/chain')).status).toBe(401)
  const { length, hash, time } = await readJson(await hub.get('/v1/alerts/chain', hub.account))
  expect({ length, hash }).toEqual(hub.records.alertChain())
  expect([length, hash, time]).toEqual([
    1,
    expect.stringMatching(/^[0-9a-f]{64}$/),
    new Date(NOW).toISOString(),
  ])
})

it('tells an account who was told of an alert, and seals that with the events', async () => {
  hub.keep(alertEvent('fired', frostAlert()))
  const told: Notification = {
    ...{ alert: 'gel-1', event: 'fired', reminder: 0, channel: 'sms', person: 'marie' },
    ...{ outcome: 'delivered', time: NOW, receipt: 'answered with status 200' },
  }
  for (const _ of [1, 2]) hub.records.sealNotifications(1, new Map([[7, told]]))
  expect(hub.records.alertChain().length).toBe(2)
  expect(hub.records.alertEvents('gel-1')).toHaveLength(1)
  const path = '/v1/alerts/gel-1/notifications'
  expect((await hub.get(path)).status).toBe(401)
  const { alert: _, ...shown } = told
  expect(await hub.json(path, hub.account)).toEqual({
    notifications: [{ ...shown, time: new Date(NOW).toISOString() }],
  })
  expect((await hub.get('/v1/alerts/nothing/notifications', hub.account)).status).toBe(404)
})

it('an acknowledgement is a command to the rules, answered when their event arrives', async () => {
  hub.keep(alertEvent('fired', frostAlert()))
  const commands: AlertCommand[] = []
  await hub.peer.subscribe(topics.alertCommands, (_, payload) => {
    const command: AlertCommand = JSON.parse(payload.toString())
    commands.push(command)
    const done = { acknowledgedAt: command.time, acknowledgedBy: command.actor }
    void publishEvent({
      type: 'acknowledged',
      time: NOW,
      actor: command.actor,
      alert: frostAlert('acknowledged', done),
    })
  })
  const response = await hub.post('/v1/alerts/gel-1/acknowledge')
  expect(response.status).toBe(200)
  expect(await readJson(response)).toMatchObject({
    id: 'gel-1',
    state: 'acknowledged',
    acknowledgedBy: 'tester',
  })
  expect(commands[0]).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    action: 'acknowledge',
    alert: 'gel-1',
    actor: 'tester',
    time: NOW,
  })
})

it('an alert is shelved until an end of a day at most, with who and why', async () => {
  hub.keep(alertEvent('fired', frostAlert()))
  const until = '2026-11-22T15:00:00.000Z'
  await hub.peer.subscribe(topics.alertCommands, (_, payload) => {
    const { action, actor: by, reason, until }: AlertCommand = JSON.parse(payload.toString())
    // A command is given again until it is answered.
    if (action !== 'shelve' || hub.records.alert('gel-1')!.shelving) return
    const shelving = { number: 1, time: NOW, by, reason: reason!, until: until! }
    void publishEvent({ type: 'shelved', time: NOW, actor: by, alert: frostAlert('firing', { shelving }) })
  })
  const headers = { ...hub.account, 'content-type': 'application/json' }
  const shelve = (body: object) => hub.post('/v1/alerts/gel-1/shelve', headers, JSON.stringify(body))
  for (const wrong of ['2026-11-22T10:59:00Z', '2026-11-23T11:00:01Z']) {
    const refused = await shelve({ until: wrong })
    expect(refused.status).toBe(400)
    expect((await readJson(refused)).detail).toContain('until: must lie within the next 24 hours')
  }
  expect((await shelve({ reason: 'Essai' })).status).toBe(400)
  const response = await shelve({ until, reason: 'Essai de la sonde' })
  expect(response.status).toBe(200)
  expect((await readJson(response)).shelved).toEqual({ by: 'tester', until, reason: 'Essai de la sonde' })
  expect(hub.records.auditEntries(1)).toMatchObject([{ action: 'shelve-alert', target: 'gel-1' }])
  expect((await hub.post('/v1/alerts/gel-1/unshelve')).status).toBe(503)
})

it('a command that nobody heard is given again, the same one', async () => {
  hub.keep(alertEvent('fired', frostAlert()))
  const commands: AlertCommand[] = []
  await hub.peer.subscribe(topics.alertCommands, (_, payload) => {
    commands.push(JSON.parse(payload.toString()))
    if (commands.length < 2) return
    const done = { acknowledgedAt: NOW, acknowledgedBy: 'tester' }
    void publishEvent(alertEvent('acknowledged', frostAlert('acknowledged', done)))
  })
  expect((await hub.post('/v1/alerts/gel-1/acknowledge')).status).toBe(200)
  expect(commands[1]).toEqual(commands[0])
})

it('503 after the time-out when no rules answer, and nothing is claimed', async () => {
  hub.keep(alertEvent('fired', frostAlert()))
  const response = await hub.post('/v1/alerts/gel-1/acknowledge')
  expect(response.status).toBe(503)
  expect(response.headers.get('retry-after')).toBe('5')
  expect(hub.records.alert('gel-1')?.state).toBe('firing')
})

it('the event of another alert is no answer', async () => {
  hub.keep(alertEvent('fired', frostAlert()))
  await hub.peer.subscribe(
    topics.alertCommands,
    () => void publishEvent(alertEvent('acknowledged', frostAlert('acknowledged', { id: 'gel-2' }))),
  )
  expect((await hub.post('/v1/alerts/gel-1/acknowledge')).status).toBe(503)
})

it('503 at once while the broker is away', async () => {
  const away = await startHub({
    bus: {
      connected: false,
      publish: () => Promise.reject(new Error('away')),
      subscribe: async () => {},
      onConnect: () => () => {},
      renew() {},
      cut() {},
      close: async () => {},
    },
  })
  away.keep(alertEvent('fired', frostAlert()))
  const response = await away.post('/v1/alerts/gel-1/acknowledge')
  expect(response.status).toBe(503)
  expect((await readJson(response)).detail).toContain('broker is away')
  expect((await away.get('/health/ready')).status).toBe(503)
  await away.close()
})

it('404 for an unknown alert, 409 for a resolved one, 200 without a command for an acknowledged one', async () => {
  const commands: string[] = []
  await hub.peer.subscribe(topics.alertCommands, (_, payload) => void commands.push(payload.toString()))
  hub.keep(alertEvent('resolved', frostAlert('resolved', { id: 'gel-0' })), 1)
  hub.keep(alertEvent('acknowledged', frostAlert('acknowledged')), 2)
  expect((await hub.post('/v1/alerts/gel-9/acknowledge')).status).toBe(404)
  expect((await hub.post('/v1/alerts/gel-0/acknowledge')).status).toBe(409)
  expect((await hub.post('/v1/alerts/gel-1/acknowledge')).status).toBe(200)
  expect(commands).toEqual([])
})

it('409 when it resolves before the rules see the command', async () => {
  hub.keep(alertEvent('fired', frostAlert()))
  await hub.peer.subscribe(
    topics.alertCommands,
    () => void publishEvent(alertEvent('resolved', frostAlert('resolved'))),
  )
  expect((await hub.post('/v1/alerts/gel-1/acknowledge')).status).toBe(409)
})

it('keeps when a person acted who says so later, and never a time to come', async () => {
  hub.keep(alertEvent('fired', frostAlert()))
  const commands: AlertCommand[] = []
  await hub.peer.subscribe(topics.alertCommands, (_, payload) => {
    const command: AlertCommand = JSON.parse(payload.toString())
    commands.push(command)
    const { actor, time, actedAt } = command
    const done = { acknowledgedAt: time, acknowledgedBy: actor, actedAt }
    void publishEvent(alertEvent('acknowledged', frostAlert('acknowledged', done)))
  })
  const said = { change: 0, time: '2026-11-22T11:40:00+01:00' }
  const answer = await readJson(await acknowledge(said))
  expect(answer).toMatchObject({ state: 'acknowledged', actedAt: '2026-11-22T10:40:00.000Z' })
  expect(commands[0]).toMatchObject({ change: 0, actedAt: NOW - 20 * 60_000, time: NOW })
  hub.keep(alertEvent('fired', frostAlert('firing', { id: 'gel-2' })), 3)
  await acknowledge({ time: '2026-11-22T13:00:00+01:00' }, 'gel-2')
  expect(commands.at(-1)).toMatchObject({ alert: 'gel-2', actedAt: NOW })
})

it('409 for an alert that has changed since the person saw it, also while the rules are asked', async () => {
  const changed = (number: number) =>
    frostAlert('firing', { change: { type: 'worsened', number, time: NOW - number } })
  hub.keep(alertEvent('worsened', changed(1)))
  const commands: AlertCommand[] = []
  await hub.peer.subscribe(topics.alertCommands, (_, payload) => {
    commands.push(JSON.parse(payload.toString()))
    void publishEvent(alertEvent('worsened', changed(2)))
  })
  expect(await hub.json('/v1/alerts/gel-1')).toMatchObject({ change: 1 })
  expect((await acknowledge({ change: 0 })).status).toBe(409)
  expect(commands).toEqual([])
  expect((await acknowledge({ change: 1 })).status).toBe(409)
  expect(commands[0]).toMatchObject({ change: 1 })
  expect(hub.records.alert('gel-1')?.state).toBe('firing')
})

it('400 for a body that says something else', async () => {
  hub.keep(alertEvent('fired', frostAlert()))
  for (const body of [{ change: -1 }, { time: 'now' }, { actor: 'other' }])
    expect([body, (await acknowledge(body)).status]).toEqual([body, 400])
  const { errors } = (await (await acknowledge({ actor: 'other' })).json()) as { errors: unknown[] }
  expect(errors).toEqual([{ in: 'body', name: 'actor', detail: 'is no field here' }])
})
