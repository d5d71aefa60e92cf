import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Answerable } from '../../api/answers/answers.ts'
import type { AlertCommand } from '../../model/alert.ts'
import { channelSchema } from '../../registry/channel-schema.ts'
import { routeSchema } from '../../registry/on-call-schema.ts'
import { answerable } from '../../roles/api.ts'
import { openDeliveries } from '../../rules/notify/deliveries.ts'
import { openLinks } from '../../rules/notify/links.ts'
import { startNotify } from '../../rules/notify/notify.ts'
import { NO_PHONES } from '../rules/notify/fixtures.ts'
import { memoryLog, testClock, until } from '../rules/territory.ts'
import { startReceiver } from '../rules/webhook-receiver.ts'
import { alertEvent, frostAlert, type Hub, MINUTE, NOW, readJson, startHub, startRules } from './hub.ts'

let hub: Hub
const commands: AlertCommand[] = []
const links = new Map<string, Answerable>([['good', { alert: 'gel-1', change: 0, actor: 'marie' }]])

beforeEach(async () => {
  commands.length = 0
  hub = await startHub({ commandTimeoutMs: 1500, answerLinks: { find: token => links.get(token) } })
})
afterEach(() => hub.close())

const open = (token = 'good', language = 'fr') => hub.get(`/k/${token}`, { 'accept-language': language })
const press = (token = 'good', headers: Record<string, string> = {}) =>
  hub.post(
    `/k/${token}`,
    { 'accept-language': 'fr', 'content-type': 'application/x-www-form-urlencoded', ...headers },
    '',
  )

it('opening a link shows the alert and changes nothing, however often a mail scanner does', async () => {
  hub.keep(alertEvent('fired', frostAlert()))
  await startRules(hub, commands)
  for (const method of ['GET', 'HEAD', 'GET'])
    expect((await fetch(`${hub.url}/k/good`, { method })).status).toBe(200)
  const page = await open()
  expect(page.headers.get('cache-control')).toBe('no-store')
  expect(page.headers.get('content-security-policy')).toContain("style-src 'self' 'sha256-")
  const html = await page.text()
  expect(html).toContain('Risque de gel')
  expect(html).toContain('Signalée le 22 novembre 2026 à 11:58')
  expect(html).toContain('<form method="post"><button>Prendre en charge</button></form>')
  expect(await (await open('good', 'en')).text()).toContain('<button>Acknowledge</button>')
  expect(commands).toEqual([])
  expect(hub.records.alert('gel-1')!.state).toBe('firing')
})

it('says on which road, where on a map, and what to do until it is over', async () => {
  Object.assign(hub.registry.sites.get('gymnase')!, { road: 'D 907 <PR> 31+850' })
  Object.assign(hub.registry.rules.get('gel')!, { advice: { fr: 'Patrouiller', en: 'Patrol' } })
  hub.keep(alertEvent('fired', frostAlert()))
  const html = await (await open()).text()
  expect(html).toContain(
    '<p>Gymnase d&#39;essai, D 907 &#60;PR&#62; 31+850</p>\n<p>À faire : Patrouiller</p>',
  )
  expect(html).toContain('href="https://www.openstreetmap.org/?mlat=45.51&#38;mlon=4.52#map=15/45.51/4.52"')
  const done = { acknowledgedAt: NOW, acknowledgedBy: 'nadia' }
  hub.keep(alertEvent('acknowledged', frostAlert('acknowledged', done)), 2)
  expect(await (await open('good', 'en')).text()).toContain('What to do: Patrol')
  hub.keep(alertEvent('resolved', frostAlert('resolved', { ...done, resolvedAt: NOW })), 3)
  expect(await (await open('good', 'en')).text()).not.toContain('Patrol')
})

it('its button acknowledges in the name of who was told, once, and the audit keeps no link', async () => {
  hub.keep(alertEvent('fired', frostAlert()))
  await startRules(hub, commands)
  const answer = await press()
  expect(answer.status).toBe(200)
  expect(await answer.text()).toContain('Prise en charge par <strong>marie</strong>')
  expect(commands).toMatchObject([{ alert: 'gel-1', actor: 'marie' }])
  expect(hub.records.auditEntries(1)).toEqual([
    { time: NOW, actor: 'marie', action: 'acknowledge-alert', target: 'gel-1' },
  ])
  expect((await press()).status).toBe(200)
  expect(commands).toHaveLength(1)
  expect(await (await open()).text()).not.toContain('<button>')
})

it('trap 22: an old message does not acknowledge what has worsened since', async () => {
  const change = { type: 'worsened', number: 1, time: NOW - 1 } as const
  hub.keep(alertEvent('worsened', frostAlert('firing', { change })))
  await startRules(hub, commands)
  for (const answer of [await open(), await press()]) {
    expect(answer.status).toBe(409)
    expect(await answer.text()).toContain('aggravée depuis ce message')
  }
  expect(commands).toEqual([])
})

it('an alert that is over is said to be, and what nobody signed is refused', async () => {
  hub.keep(alertEvent('resolved', frostAlert('resolved', { resolvedAt: NOW })))
  await startRules(hub, commands)
  expect(await (await press()).text()).toContain('terminée depuis le 22 novembre 2026 à 12:00')
  expect((await open('forged')).status).toBe(410)
  expect((await press('forged')).status).toBe(401)
  expect((await press('good', { origin: 'https://elsewhere.example' })).status).toBe(403)
  expect(commands).toEqual([])
})

it('rules that do not answer are said so, and the button stays', async () => {
  hub.keep(alertEvent('fired', frostAlert()))
  const answer = await press()
  expect(answer.status).toBe(503)
  const html = await answer.text()
  expect(html).toContain('Réessayez')
  expect(html).toContain('<button>')
})

it('what a message says is shown as text', async () => {
  const message = { fr: '<script>alert(1)</script>', en: '' }
  hub.keep(alertEvent('fired', frostAlert('firing', { message })))
  expect(await (await open()).text()).not.toContain('<script>')
})

describe('a key pressed in a call', () => {
  const call = (path = 'call', body = 'Digits=1') =>
    hub.post(`/v1/answers/${path}`, { 'content-type': 'application/x-www-form-urlencoded' }, body)
  const outcome = async (answer: Response) => (await readJson(answer)).outcome
  beforeEach(async () => {
    const channel = { id: 'voix', type: 'http', answerField: 'Digits', answerKey: '1' } as never
    const { registry } = hub.served
    Object.assign(registry, { channels: new Map([...registry.channels, ['voix', channel]]) })
    links.set('call', { alert: 'gel-1', change: 0, actor: 'marie', person: 'marie', channel: 'voix' })
    await startRules(hub, commands)
  })

  it('acknowledges in the name of whoever was called, once', async () => {
    hub.keep(alertEvent('fired', frostAlert()))
    expect(await outcome(await call())).toBe('acknowledged')
    expect(await outcome(await call())).toBe('acknowledged')
    expect(commands).toMatchObject([{ alert: 'gel-1', actor: 'marie' }])
  })

  it('changes nothing where it is another key, none, a page that is opened, or a link of another kind', async () => {
    hub.keep(alertEvent('fired', frostAlert()))
    for (const body of ['Digits=2', 'Digits=11', 'Digits=', 'Other=1', ''])
      expect(await outcome(await call('call', body))).toBe('other-key')
    expect((await hub.get('/v1/answers/call')).status).toBe(405)
    expect((await call('good')).status).toBe(404)
    expect((await call('forged')).status).toBe(401)
    expect(commands).toEqual([])
  })

  it('trap 22: does not acknowledge what has worsened since the call, nor what is over', async () => {
    const change = { type: 'worsened', number: 1, time: NOW - 1 } as const
    hub.keep(alertEvent('worsened', frostAlert('firing', { change })))
    expect(await outcome(await call())).toBe('changed')
    hub.keep(alertEvent('resolved', frostAlert('resolved', { change, resolvedAt: NOW })), 2)
    expect(await outcome(await call())).toBe('over')
    expect(commands).toEqual([])
  })
})

it('a scanner that opens every link of a message stops no escalation; the person who presses the button does', async () => {
  const receiver = await startReceiver()
  const clock = testClock(NOW)
  const deliveries = openDeliveries(hub.folder, NOW)
  const own = openLinks(hub.folder, number => deliveries.notice({ number }))
  const channelOf = (id: string) =>
    channelSchema.parse({
      ...{ id, type: 'http', url: `${receiver.url}/${id}` },
      body: {
        text: '{{text}} {{acknowledge}} {{answer}}',
        event: '{{event}}',
        page: '{{link}}',
        place: '{{map}}',
      },
    })
  const steps = [
    { tell: ['sms'] },
    { after: '15min', tell: ['chef'] },
    { after: '20min', tell: ['direction'] },
  ]
  Object.assign(hub.registry, {
    channels: new Map(['sms', 'chef', 'direction'].map(id => [id, channelOf(id)])),
    routes: [routeSchema.parse({ id: 'all', steps })],
  })
  const notify = await startNotify({
    ...{ registry: hub.registry, bus: hub.peer, deliveries, links: own, phones: NO_PHONES, clock },
    ...{ records: hub.records, log: memoryLog().log, baseUrl: () => hub.url, tickMs: 5 },
  })
  const told = () => receiver.received.map(({ path, body }) => `${path.split('/')[3]} ${body.event}`)
  try {
    await startRules(hub, commands)
    const fired = alertEvent('fired', frostAlert())
    hub.keep(fired)
    notify.tell([fired])
    await until(() => expect(told()).toEqual(['sms fired']))
    const found = JSON.stringify(receiver.received[0]!.body).match(/https?:[^\s"]+/g)!
    const [acknowledge, ...others] = found.filter(link => link.startsWith(hub.url))
    expect([acknowledge, ...others].map(link => new URL(link!).pathname.split('/').slice(0, -1))).toEqual([
      ['', 'k'],
      ['', 'v1', 'answers'],
      ['', 'alerts'],
    ])
    // A map is the only other link: its reader opens it elsewhere.
    expect(found).toHaveLength(4)
    const token = acknowledge!.split('/k/')[1]!
    links.set(token, answerable(own.noticeOf(token))!)
    for (const method of ['HEAD', 'GET', 'GET']) {
      expect((await fetch(acknowledge!, { method })).status).toBe(200)
      for (const link of others) await (await fetch(link, { method })).arrayBuffer()
    }
    expect(commands).toEqual([])
    expect(hub.records.alert('gel-1')!.state).toBe('firing')
    clock.advance(15 * MINUTE)
    await until(() => expect(told()).toEqual(['sms fired', 'chef fired']))

    expect((await fetch(acknowledge!, { method: 'POST' })).status).toBe(200)
    await until(() => expect(told().slice(2).sort()).toEqual(['chef acknowledged', 'sms acknowledged']))
    clock.advance(60 * MINUTE)
    notify.tell([])
    expect(deliveries.waiting()).toEqual([])
    expect(told()).toHaveLength(4)
  } finally {
    await notify.close()
    deliveries.close()
    await receiver.close()
  }
})
