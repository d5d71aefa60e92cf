import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { guardWrites } from '../../api/auth/guard.ts'
import { createApiToken, createLoginLink, needsLoginLink, tokenHash } from '../../api/auth/tokens.ts'
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
    guardWrites(server as never, hub.served)
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
      scope: 'session',
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
