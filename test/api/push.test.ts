import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Answerable } from '../../api/answers/answers.ts'
import { createSession, revokeAccess } from '../../api/auth/tokens.ts'
import { phonesId } from '../../registry/channel-schema.ts'
import { loadRegistry } from '../../registry/load.ts'
import type { Person } from '../../registry/on-call-schema.ts'
import type { Registry } from '../../registry/registry.ts'
import { browserKeys } from '../rules/notify/push-service.ts'
import { type Hub, PUSH_KEY, readJson, startHub } from './hub.ts'

let hub: Hub
const links = new Map<string, Answerable>([
  ['to-marie', { alert: 'gel-1', change: 0, actor: 'marie', person: 'marie' }],
  ['to-a-list', { alert: 'gel-1', change: 0, actor: 'astreinte-mail' }],
])

const file = new URL('territory.yaml', import.meta.url).pathname
async function registryWith(...people: string[]): Promise<Registry> {
  const registry = await loadRegistry(file)
  const own = (id: string) => ({ type: 'push', id: phonesId('phones', id) }) as never
  const person = (id: string): [string, Person] => [id, { id, channels: [phonesId('phones', id)], quiet: [] }]
  return {
    ...registry,
    people: new Map([...people.map(person), ['paul', { id: 'paul', channels: [], quiet: [] }]]),
    channels: new Map([
      ...registry.channels,
      ...people.map(id => [phonesId('phones', id), own(id)] as const),
    ]),
  }
}

const start = async (...people: string[]) => {
  hub = await startHub({
    registry: await registryWith(...people),
    publicBaseUrl: 'https://hub.example',
    answerLinks: { find: token => links.get(token) },
  })
}
beforeEach(() => start('marie'))
afterEach(() => hub.close())

function browser(name: string) {
  const { ecdh, auth } = browserKeys()
  return {
    endpoint: `https://push.example.org/${name}`,
    keys: { p256dh: ecdh.getPublicKey('base64url'), auth: auth.toString('base64url') },
  }
}
const session = (actor: string) => ({
  cookie: `affluent_session=${createSession(hub, { actor, role: 'crew' }).token}`,
  origin: hub.url,
})
const subscribe = (body: object, headers: Record<string, string> = {}) =>
  hub.post('/v1/push/subscriptions', { 'content-type': 'application/json', ...headers }, JSON.stringify(body))

it('says for which key a browser subscribes, and whose account is that of a person', async () => {
  expect(await hub.json('/v1/push', session('marie'))).toEqual({ key: PUSH_KEY, person: 'marie' })
  expect(await hub.json('/v1/push', session('paul'))).toEqual({ key: PUSH_KEY, person: null })
  expect(await hub.json('/v1/push')).toEqual({ key: PUSH_KEY, person: null })
  await hub.close()
  await start()
  expect(await hub.json('/v1/push')).toEqual({ key: null, person: null })
})

it('keeps the phone of whoever is signed in, and forgets it when asked to', async () => {
  const phone = browser('a')
  const answer = await subscribe(phone, session('marie'))
  expect(answer.status).toBe(201)
  const { id, person } = await readJson(answer)
  expect(person).toBe('marie')
  expect(hub.records.pushSubscriptions('marie')).toMatchObject([
    { id, endpoint: phone.endpoint, ...phone.keys },
  ])
  expect(await hub.json(`/v1/push/subscriptions/${id}`)).toEqual({ person: 'marie' })
  // Only its browser knows of what its id is the hash.
  const end = (which: string) => fetch(`${hub.url}/v1/push/subscriptions/${which}`, { method: 'DELETE' })
  expect((await end(id)).status).toBe(204)
  expect((await end(id)).status).toBe(401)
  expect(await hub.json(`/v1/push/subscriptions/${id}`)).toEqual({ person: null })
  expect(hub.records.auditEntries(2).map(({ actor, action }) => [actor, action])).toEqual([
    ['marie', 'unsubscribe-phone'],
    ['marie', 'subscribe-phone'],
  ])
})

it('keeps that of whoever was told as a person by a link, and of nobody else', async () => {
  expect((await subscribe({ ...browser('a'), link: 'to-marie' })).status).toBe(201)
  expect((await subscribe({ ...browser('b'), link: 'to-a-list' })).status).toBe(401)
  expect((await subscribe({ ...browser('b'), link: 'forged' })).status).toBe(401)
  expect(
    (await subscribe({ ...browser('b'), link: 'to-marie' }, { origin: 'https://elsewhere.example' })).status,
  ).toBe(403)
  expect((await subscribe(browser('b'))).status).toBe(401)
  expect((await subscribe(browser('b'), session('paul'))).status).toBe(403)
  expect((await subscribe(browser('b'), hub.account)).status).toBe(403)
  expect(hub.records.pushSubscriptions('marie')).toHaveLength(1)
})

it('puts what a browser has now in the place of what it had', async () => {
  const { id } = await readJson(await subscribe({ ...browser('a'), link: 'to-marie' }))
  const again = await subscribe({ ...browser('renewed'), replaces: id })
  expect(again.status).toBe(201)
  expect(hub.records.pushSubscriptions('marie').map(({ endpoint }) => endpoint)).toEqual([
    'https://push.example.org/renewed',
  ])
  expect((await subscribe({ ...browser('c'), replaces: id })).status).toBe(401)
})

it('ends the phones of whoever loses their access', async () => {
  await subscribe({ ...browser('a'), link: 'to-marie' })
  expect(revokeAccess(hub, 'marie')).toBe(1)
  expect(hub.records.pushSubscriptions('marie')).toEqual([])
})

it('takes five phones of a person, and no address or key that is none', async () => {
  for (const name of ['1', '2', '3', '4', '5'])
    expect((await subscribe({ ...browser(name), link: 'to-marie' })).status).toBe(201)
  expect((await subscribe({ ...browser('6'), link: 'to-marie' })).status).toBe(409)
  expect((await subscribe({ ...browser('5'), link: 'to-marie' })).status).toBe(201)
  const wrong = async (body: object) =>
    (await readJson(await subscribe({ ...body, link: 'to-marie' }))).detail
  const phone = browser('1')
  expect(await wrong({ ...phone, endpoint: 'http://127.0.0.1:8080/v1' })).toBe('endpoint: must be https://')
  expect(await wrong({ ...phone, endpoint: 'https://192.168.1.1/' })).toBe(
    'endpoint: is not of the public internet',
  )
  const p256dh = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)]).toString('base64url')
  expect(await wrong({ ...phone, keys: { ...phone.keys, p256dh } })).toBe('keys.p256dh: is no point of P-256')
})
