import pino from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { SmsGateways } from '../../api/answers/sms.ts'
import { createApiToken } from '../../api/auth/tokens.ts'
import type { Alert, AlertCommand } from '../../model/alert.ts'
import { replyCodeOf } from '../../model/reply-code.ts'
import { alertEvent, frostAlert, type Hub, NOW, startHub, startRules } from './hub.ts'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
let hub: Hub
let lines: string[]
let commands: AlertCommand[]
let said: { channel: string; text: string }[]
let told: ReturnType<SmsGateways['toldTo']>

beforeEach(async () => {
  ;[lines, commands, said, told] = [[], [], [], []]
  hub = await startHub({
    commandTimeoutMs: 1500,
    log: pino({ level: 'info' }, { write: line => void lines.push(line) }),
    smsGateways: {
      tokenOf: channel => `secret-of-${channel}`,
      toldTo: ({ channels, people }) =>
        told.filter(({ channel, person }) => channels.includes(channel) || people.includes(person ?? '')),
      tell: async ({ id: channel }, text) => void said.push({ channel, text }),
      baseUrl: () => 'https://hub.example',
    },
  })
  const sms = (id: string, more: object) => ({
    id,
    type: 'http',
    url: 'https://sms.example/{{number}}',
    ...more,
  })
  const replies = { from: 'From', text: 'Body' }
  const channels = [
    sms('sms-marie', { number: '+33600000001', replies }),
    sms('voix-marie', { number: '+33600000001' }),
    sms('sms-paul', { number: '+33600000002', replies: { from: 'results.0.from', text: 'results.0.text' } }),
    sms('partage', { number: '+33600000003', replies }),
    sms('ailleurs', { number: '+33600000004', url: 'https://other.example', replies }),
  ] as never[]
  const people = ['marie', 'paul', 'jean', 'lea'].map((id, i) => ({
    ...{ id, quiet: [] },
    channels: [['sms-marie', 'voix-marie'], ['sms-paul'], ['partage'], ['partage']][i],
  })) as never[]
  const byId = (all: { id: string }[]) => new Map(all.map(each => [each.id, each]))
  Object.assign(hub.served.registry, { channels: byId(channels), people: byId(people) })
})
afterEach(() => hub.close())

let number = 0
function tell(alert: Alert, person: string, channel: string, change = 0) {
  number += 1
  hub.keep(alertEvent('fired', alert), number)
  told.push({ alert: alert.id, change, channel, person, delivered: true })
}
beforeEach(() => {
  number = 0
})

const post = (body: string, channel = 'sms-marie', token = `secret-of-${channel}`, headers = FORM) =>
  hub.post(`/v1/answers/sms/${channel}/${token}`, headers, body)
const sms = (text: string, from = '+33600000001') =>
  post(new URLSearchParams({ From: from, Body: text, To: '+33700000000' }).toString())
const done = () => commands.map(({ alert, actor }) => `${alert} ${actor}`)

it('acknowledges the one open alert in the name of the person, once; no body becomes an SMS', async () => {
  await startRules(hub, commands)
  tell(frostAlert(), 'marie', 'sms-marie')
  const answer = await sms(' Ok ! ', '33 6 00 00 00 01')
  expect([answer.status, await answer.text()]).toEqual([204, ''])
  expect((await sms('OK')).status).toBe(204)
  expect(done()).toEqual(['gel-1 marie'])
  expect(said).toEqual([])
  expect(hub.records.auditEntries(1)).toEqual([
    { time: NOW, actor: 'sms-marie', action: 'answer-sms', target: 'sms-marie' },
  ])
})

it('through the address of any channel of the same gateway, in JSON, what was told to the person on another', async () => {
  await startRules(hub, commands)
  tell(frostAlert(), 'marie', 'mail-marie')
  const body = JSON.stringify({ results: [{ from: 33600000001, text: 'OK' }] })
  expect((await post(body, 'sms-paul', undefined, { 'content-type': 'application/json' })).status).toBe(204)
  expect(done()).toEqual(['gel-1 marie'])
})

it('one of several only by its code; without it, an SMS says which there are', async () => {
  await startRules(hub, commands)
  tell(frostAlert(), 'marie', 'sms-marie')
  tell(frostAlert('firing', { id: 'gel-2' }), 'marie', 'voix-marie')
  tell(frostAlert('firing', { id: 'gel-3' }), 'paul', 'sms-paul')
  await sms('OK')
  expect(done()).toEqual([])
  const [first, second, third] = ['gel-1', 'gel-2', 'gel-3'].map(id => replyCodeOf(id, 0))
  expect(said).toEqual([{ channel: 'sms-marie', text: expect.stringMatching(`OK ${first} .*OK ${second} `) }])
  expect(said[0]!.text).not.toContain(third)
  await sms(`OK ${third}`)
  expect(done()).toEqual([])
  await sms(`ok${second!.toLowerCase()}`)
  expect(done()).toEqual(['gel-2 marie'])
})

it('trap 22: the code of before a worsening acknowledges nothing, and the newer one is said', async () => {
  await startRules(hub, commands)
  const change = { type: 'worsened', number: 1, time: NOW - 1 } as const
  tell(frostAlert('firing', { change }), 'marie', 'sms-marie')
  await sms(`OK ${replyCodeOf('gel-1', 0)}`)
  expect(done()).toEqual([])
  expect(said[0]!.text).toContain(`OK ${replyCodeOf('gel-1', 1)}`)
})

it('a shared phone acknowledges in the name of whoever was told last', async () => {
  await startRules(hub, commands)
  tell(frostAlert(), 'jean', 'partage')
  await sms('OK', '+33600000003')
  expect(done()).toEqual(['gel-1 jean'])
})

it('refuses strangers, other gateways and forged addresses; the log has two digits, and no secret', async () => {
  await startRules(hub, commands)
  tell(frostAlert(), 'marie', 'sms-marie')
  for (const from of ['+33611223344', '+33600000004', 'AFFLUENT', ''])
    expect((await sms('OK', from)).status, from).toBe(403)
  expect((await post('From=%2B33600000001&Body=OK', 'sms-marie', 'secret-of-sms-paul')).status).toBe(401)
  expect((await post('From=%2B33600000001&Body=OK', 'sms-marie', 'x')).status).toBe(401)
  expect((await post('From=%2B33600000001&Body=OK', 'voix-marie')).status).toBe(404)
  expect((await post('From=%2B33600000001&Body=OK', 'none')).status).toBe(404)
  expect((await hub.get('/v1/answers/sms/sms-marie/secret-of-sms-marie')).status).toBe(405)
  expect(done()).toEqual([])
  const log = lines.join('')
  expect(log).toContain('…44')
  expect(log).not.toMatch(/344|1122|secret-of/)
  expect(hub.records.auditEntries(10).map(({ action }) => action)).toEqual(['create-token'])
})

it('two machines that answer each other come to an end, and so does a phone that goes on', async () => {
  tell(frostAlert(), 'marie', 'sms-marie')
  const statuses: number[] = []
  for (let i = 0; i < 31; i++) statuses.push((await sms('Je suis absente')).status)
  expect(said).toHaveLength(3)
  expect(said[0]!.text).toMatch(/^Réponse non comprise/)
  expect(statuses.slice(0, 30)).toEqual(Array(30).fill(204))
  expect(statuses[30]).toBe(429)
  expect((await sms('OK', '+33600000002')).status).toBe(204)
})

it('rules that do not answer are said so, and the gateway does not try again', async () => {
  tell(frostAlert(), 'marie', 'sms-marie')
  expect((await sms('OK')).status).toBe(204)
  expect(said[0]!.text).toMatch(/Répondre de nouveau/)
})

it('the addresses are for an account that is no crew', async () => {
  expect((await hub.get('/v1/answers/sms')).status).toBe(401)
  const crew = createApiToken({ ...hub, actor: 'marie', role: 'crew' }).token
  expect((await hub.get('/v1/answers/sms', { authorization: `Bearer ${crew}` })).status).toBe(403)
  const { addresses } = await hub.json('/v1/answers/sms', hub.account)
  expect(addresses).toContainEqual({
    channel: 'sms-paul',
    address: 'https://hub.example/v1/answers/sms/sms-paul/secret-of-sms-paul',
  })
  expect(addresses).toHaveLength(4)
})
