import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { guardRoutes } from '../../api/auth/guard.ts'
import {
  createApiToken,
  createLoginLink,
  createSession,
  needsLoginLink,
  revokeAccess,
  tokenHash,
} from '../../api/auth/tokens.ts'
import { openRecordStore } from '../../store/records/record-store.ts'
import type { AccountRole } from '../../store/records.ts'
import { alertEvent, frostAlert, type Hub, NOW, readJson, startHub } from './hub.ts'

const DAY = 86_400_000

let hub: Hub
beforeAll(async () => {
  hub = await startHub({ commandTimeoutMs: 50 })
})
afterAll(() => hub.close())

const link = () => createLoginLink({ records: hub.records, clock: hub.clock, baseUrl: hub.url })
const tokenOf = (url: string) => new URL(url).searchParams.get('token')!
const form = (token: string) => new URLSearchParams({ token }).toString()
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

async function login(): Promise<string> {
  const response = await hub.post('/login', FORM, form(tokenOf(link())))
  expect(response.status).toBe(303)
  return response.headers.get('set-cookie')!.split(';')[0]!
}

describe('every write needs an account', () => {
  it('every route that is not for reading answers 401 to a stranger, and changes nothing', async () => {
    const { paths } = await hub.json('/openapi.json')
    const writes = Object.entries(paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods)
        .filter(method => !['get', 'head'].includes(method))
        .map(method => ({ method: method.toUpperCase(), path: path.replace(/\{\w+\}/g, 'x') })),
    )
    expect(writes.length).toBeGreaterThanOrEqual(3)
    const before = hub.records.auditEntries(100)
    for (const { method, path } of writes) {
      for (const headers of [
        {},
        { authorization: 'Bearer affluent_wrong' },
        { cookie: 'affluent_session=wrong' },
      ]) {
        const response = await fetch(hub.url + path, { method, headers })
        expect(response.status, `${method} ${path}`).toBe(401)
        expect(response.headers.get('content-type')).toBe('application/problem+json')
        expect(response.headers.get('www-authenticate')).toContain('Bearer')
      }
    }
    expect(hub.records.auditEntries(100)).toEqual(before)
  })

  it('a route that changes something cannot be registered without saying so', () => {
    const server = Fastify()
    guardRoutes(server as never, hub.served, 'everybody')
    expect(() => server.post('/v1/anything', async () => ({}))).toThrow(
      'POST /v1/anything has no config.write',
    )
    expect(() => server.get('/v1/anything', async () => ({}))).not.toThrow()
  })

  it('writes are noted with their actor', async () => {
    hub.keep(alertEvent('fired', frostAlert()))
    await hub.post('/v1/alerts/gel-1/acknowledge')
    expect(hub.records.auditEntries(1)).toEqual([
      { time: NOW, actor: 'tester', action: 'acknowledge-alert', target: 'gel-1' },
    ])
  })
})

describe('the one-time link', () => {
  it('opening it changes nothing, however often', async () => {
    const url = link()
    const before = JSON.stringify(hub.records.tokens())
    for (let i = 0; i < 3; i++) {
      const page = await fetch(url, { headers: { 'accept-language': 'en-GB' } })
      expect(page.status).toBe(200)
      expect(page.headers.get('set-cookie')).toBeNull()
      expect(page.headers.get('cache-control')).toBe('no-store')
      const html = await page.text()
      expect(html).toContain('<html lang="en">')
      expect(html).toContain('<form method="post" action="/login">')
    }
    expect(JSON.stringify(hub.records.tokens())).toBe(before)
  })

  it('is spent once, and opens a session', async () => {
    expect(needsLoginLink(hub.records)).toBe(false)
    const url = link()
    const first = await hub.post('/login', { ...FORM, origin: hub.url }, form(tokenOf(url)))
    expect(first.status).toBe(303)
    expect(first.headers.get('location')).toBe('/')
    const cookie = first.headers.get('set-cookie')!
    expect(cookie).toMatch(
      /^affluent_session=affluent_[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/,
    )

    const second = await hub.post('/login', { ...FORM, accept: 'text/html' }, form(tokenOf(url)))
    expect(second.status).toBe(401)
    expect(await second.text()).toContain('role="alert"')
    expect((await fetch(url)).status).toBe(410)

    const session = await hub.get('/v1/session', { cookie: cookie.split(';')[0]! })
    expect(await readJson(session)).toEqual({
      actor: 'administrator',
      mayRead: true,
      scope: 'session',
      role: 'administrator',
      expiresAt: new Date(NOW + 7 * DAY).toISOString(),
    })
    expect(hub.records.auditEntries(1)).toMatchObject([{ actor: 'administrator', action: 'login' }])
  })

  it('two who send it at once do not both get in', async () => {
    const body = form(tokenOf(link()))
    const answers = await Promise.all([1, 2, 3, 4].map(() => hub.post('/login', FORM, body)))
    expect(answers.map(answer => answer.status).sort()).toEqual([303, 401, 401, 401])
  })

  it('is valid for a day, and until the next one is made', async () => {
    const [old, fresh] = [tokenOf(link()), tokenOf(link())]
    expect((await hub.post('/login', FORM, form(old))).status).toBe(401)
    const clock = { now: () => NOW - DAY, elapsed: () => 0 }
    const expired = createLoginLink({ records: hub.records, clock, baseUrl: hub.url })
    expect((await hub.post('/login', FORM, form(tokenOf(expired)))).status).toBe(401)
    expect((await hub.post('/login', FORM, form(fresh))).status).toBe(401)
  })

  it('cannot be spent by a page of another site', async () => {
    const body = form(tokenOf(link()))
    expect((await hub.post('/login', { ...FORM, origin: 'https://evil.example' }, body)).status).toBe(403)
    expect((await hub.post('/login', FORM, body)).status).toBe(303)
  })

  it('a session cookie goes nowhere but https when we are reached so', async () => {
    const secure = await startHub({ publicBaseUrl: 'https://hub.example' })
    const token = tokenOf(createLoginLink({ ...secure, baseUrl: secure.url }))
    const response = await secure.post('/login', FORM, form(token))
    expect(response.headers.get('set-cookie')).toContain('Secure')
    await secure.close()
  })
})

describe('a person of the registry', () => {
  const PERSON = 'patrouilleur-1'
  const CREW = { actor: PERSON, role: 'crew' } as const
  const bearer = () => ({
    authorization: `Bearer ${createApiToken({ ...hub, ...CREW }).token}`,
    'content-type': 'application/json',
  })

  it('opens a session by a link of their own, which leads to the page of the crew', async () => {
    const url = createLoginLink({ ...hub, baseUrl: hub.url, holder: CREW })
    const administrators = link()
    expect(await (await fetch(url, { headers: { 'accept-language': 'fr' } })).text()).toContain(
      `session de ${PERSON}`,
    )
    const answer = await hub.post('/login', FORM, form(tokenOf(url)))
    expect(answer.headers.get('location')).toBe('/crew')
    const set = answer.headers.get('set-cookie')!
    expect(set).toContain('Max-Age=2592000')
    const cookie = set.split(';')[0]!
    expect(await readJson(await hub.get('/v1/session', { cookie }))).toEqual({
      ...{ actor: PERSON, role: 'crew', scope: 'session', mayRead: true },
      expiresAt: new Date(NOW + 30 * DAY).toISOString(),
    })
    // Their link has ended no other one.
    expect((await fetch(administrators)).status).toBe(200)
    expect((await fetch(createLoginLink({ ...hub, baseUrl: hub.url, holder: CREW }))).status).toBe(200)
  })

  it('takes a browser over from whoever had it', async () => {
    const cookie = await login()
    const url = createLoginLink({ ...hub, baseUrl: hub.url, holder: CREW })
    await hub.post('/login', { ...FORM, cookie }, form(tokenOf(url)))
    expect(await readJson(await hub.get('/v1/session', { cookie }))).toMatchObject({ actor: null })
  })

  it('may do what a crew does and nothing else', async () => {
    const { paths } = await hub.json('/openapi.json')
    const allowed: string[] = []
    for (const [path, methods] of Object.entries(
      paths as Record<string, Record<string, { responses: object }>>,
    ))
      for (const [method, { responses }] of Object.entries(methods)) {
        if (!('401' in responses) || path === '/login' || path === '/k/{token}') continue
        const url = hub.url + path.replace(/\{\w+\}/g, 'x')
        const body = method === 'get' ? {} : { body: '{}' }
        const { status } = await fetch(url, { method: method.toUpperCase(), headers: bearer(), ...body })
        if (status !== 403) allowed.push(`${method} ${path}`)
      }
    expect(allowed.sort()).toEqual([
      'delete /v1/push/subscriptions/{id}',
      'get /v1/alerts/chain',
      'get /v1/alerts/statistics',
      'get /v1/alerts/{id}/notifications',
      'get /v1/winter-service/entries',
      'get /v1/winter-service/nights/{date}',
      'get /v1/winter-service/photos/{hash}',
      'post /v1/alerts/{id}/acknowledge',
      'post /v1/alerts/{id}/responses',
      'post /v1/alerts/{id}/shelve',
      'post /v1/alerts/{id}/unshelve',
      'post /v1/answers/sms/{channel}/{token}',
      'post /v1/answers/{token}',
      'post /v1/logout',
      'post /v1/push/subscriptions',
      'post /v1/winter-service/entries',
      'put /v1/winter-service/photos/{hash}',
    ])
  })

  it('loses all access at once, when it is revoked and when the registry has them no more', async () => {
    const who = async (token: string) =>
      (await readJson(await hub.get('/v1/session', { authorization: `Bearer ${token}` }))).actor
    const gone = createApiToken({ ...hub, actor: 'gone', role: 'crew' }).token
    expect(await who(gone)).toBeNull()
    const { token } = createApiToken({ ...hub, ...CREW })
    const session = { cookie: `affluent_session=${createSession(hub, CREW).token}` }
    const url = createLoginLink({ ...hub, baseUrl: hub.url, holder: CREW })
    expect(await who(token)).toBe(PERSON)
    expect(revokeAccess(hub, PERSON)).toBeGreaterThanOrEqual(3)
    expect(await who(token)).toBeNull()
    expect(await readJson(await hub.get('/v1/session', session))).toMatchObject({ actor: null })
    expect((await fetch(url)).status).toBe(410)
    expect(revokeAccess(hub, PERSON)).toBe(0)
    expect(await who(hub.token)).toBe('tester')
  })

  it('does not count as the administrator whom a new hub still waits for', async () => {
    const fresh = openRecordStore({ file: join(hub.folder, 'fresh.sqlite') })
    createSession({ records: fresh, clock: hub.clock }, CREW)
    expect(needsLoginLink(fresh)).toBe(true)
    fresh.close()
  })
})

describe('a session', () => {
  it('writes only from a page of ours', async () => {
    const cookie = await login()
    hub.keep(alertEvent('fired', frostAlert()))
    const write = (headers: Record<string, string>) =>
      hub.post('/v1/alerts/gel-1/acknowledge', { cookie, ...headers })
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1']) {
      expect((await write({ origin })).status, origin).toBe(403)
    }
    expect((await write({})).status).toBe(403)
    // 503: nobody answers here, but the command went out.
    expect((await write({ origin: hub.url })).status).toBe(503)
  })

  it('ends at logout', async () => {
    const cookie = await login()
    const response = await hub.post('/v1/logout', { cookie, origin: hub.url })
    expect(response.status).toBe(204)
    expect(response.headers.get('set-cookie')).toContain('affluent_session=;')
    expect(await readJson(await hub.get('/v1/session', { cookie }))).toMatchObject({ actor: null })
    expect((await hub.post('/v1/logout', { cookie, origin: hub.url })).status).toBe(401)
  })
})

describe('a token', () => {
  it('is for the bearer header only, until it expires or is revoked', async () => {
    const issue = (now: number, expiresInDays?: number) =>
      createApiToken({ ...hub, clock: { now: () => now, elapsed: () => 0 }, actor: 'script', expiresInDays })
    const who = async (headers: Record<string, string>) =>
      (await readJson(await hub.get('/v1/session', headers))).actor

    const { token, id } = issue(NOW)
    expect(await who({ authorization: `Bearer ${token}` })).toBe('script')
    expect(await who({ cookie: `affluent_session=${token}` })).toBeNull()
    expect(await who({ authorization: `Bearer ${issue(NOW - 2 * DAY, 1).token}` })).toBeNull()
    hub.records.revokeToken(id, NOW)
    expect(await who({ authorization: `Bearer ${token}` })).toBeNull()
  })

  it('is not in the file, nor are those of links and sessions: only their hashes', async () => {
    const secrets = [hub.token, tokenOf(link()), (await login()).split('=')[1]!]
    const files = await readdir(hub.folder)
    const contents = await Promise.all(
      files.filter(name => name.startsWith('records')).map(name => readFile(join(hub.folder, name))),
    )
    const kept = Buffer.concat(contents)
    for (const secret of secrets) {
      expect(kept.includes(secret)).toBe(false)
      expect(kept.includes(tokenHash(secret))).toBe(true)
    }
  })

  it('has no session to end', async () => {
    expect((await hub.post('/v1/logout')).status).toBe(409)
  })
})

describe('where reading needs an account', () => {
  let closed: Hub
  beforeAll(async () => {
    closed = await startHub({ reads: 'accounts' })
  })
  afterAll(() => closed.close())

  const ofRole = (role: AccountRole, actor: string) => ({
    authorization: `Bearer ${createApiToken({ ...closed, actor, role }).token}`,
  })
  /** What everybody may ask of a hub that only its own machine reaches, and of this one. */
  const OPEN = ['/v1/session', '/v1/territory', '/v1/push']

  it('a stranger reads open data and nothing else', async () => {
    const pathsOf = async (hub: Hub) => {
      const { paths } = await hub.json('/openapi.json')
      const found = Object.entries(paths as Record<string, { get?: { responses: object } }>)
      return found.filter(([, { get }]) => get)
    }
    const free = new Set(
      (await pathsOf(hub)).filter(([, { get }]) => !('401' in get!.responses)).map(([path]) => path),
    )
    let refused = 0
    for (const [path, { get }] of await pathsOf(closed)) {
      const own = /^\/(v1\/|metrics$)/.test(path) && !OPEN.includes(path)
      if (!own) continue
      expect(get!.responses, path).toHaveProperty('401')
      const { status, headers } = await closed.get(path.replace(/\{\w+\}/g, 'x'))
      expect([status, headers.get('access-control-allow-origin')], path).toEqual([401, null])
      if (free.has(path)) refused++
    }
    expect(refused).toBeGreaterThan(30)
    for (const path of [...OPEN, '/open-data', '/sta/v1.1', '/health/live', '/openapi.json'])
      expect((await closed.get(path)).status, path).toBe(200)
    expect((await fetch(`${closed.url}/v1/sites`, { method: 'HEAD' })).status).toBe(401)
    expect(await closed.json('/v1/session')).toMatchObject({ actor: null, mayRead: false })
  })

  it('each of the accounts reads it', async () => {
    const [person] = hub.registry.people.keys()
    for (const [role, name] of [
      ['administrator', 'tester'],
      ['crew', person],
      ['reader', 'prometheus'],
    ] as const) {
      const headers = ofRole(role, name!)
      for (const path of ['/v1/sites', '/metrics'])
        expect((await closed.get(path, headers)).status, role).toBe(200)
      expect(await closed.json('/v1/session', headers)).toMatchObject({ role, mayRead: true })
    }
  })

  it('a reader does nothing, nor reads what is for administrators', async () => {
    const headers = ofRole('reader', 'prometheus')
    closed.keep(alertEvent('fired', frostAlert()))
    const asked = [
      await closed.get('/v1/quarantine', headers),
      await closed.post('/v1/alerts/gel-1/acknowledge', headers),
    ]
    for (const answer of asked) {
      expect(answer.status).toBe(403)
      expect((await readJson(answer)).detail).toContain('prometheus may only read')
    }
  })

  it('and a browser of theirs by a link of their own', async () => {
    const holder = { actor: 'Claire', role: 'reader' } as const
    const url = createLoginLink({ ...closed, baseUrl: closed.url, holder })
    expect(await (await fetch(url, { headers: { 'accept-language': 'en' } })).text()).toContain(
      'a session of Claire in this browser, for reading only',
    )
    const { headers } = await closed.post('/login', FORM, form(tokenOf(url)))
    expect(headers.get('location')).toBe('/')
    const cookie = headers.get('set-cookie')!.split(';')[0]!
    expect((await closed.get('/v1/sites', { cookie })).status).toBe(200)
  })
})
