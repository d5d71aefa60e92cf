import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, describe, expect, it } from 'vitest'
import { startConnection } from '../../../../gateway/connection.ts'
import type { Session } from '../../../../gateway/driver.ts'
import { createDriver } from '../../../../gateway/drivers/http/http.ts'
import type { ConnectionStatus } from '../../../../model/delivery.ts'
import type { Point } from '../../../../registry/registry.ts'
import { connectionSchemas, type HttpConnection } from '../../../../registry/schema.ts'
import { closeLater } from '../../../close-later.ts'
import { findPeer, peerProgram } from '../../../peers/cache.ts'
import { createAuthority } from '../../../peers/certificates.ts'
import { runPeer } from '../../../peers/process.ts'
import { Collector, clock, handClock, log, told } from '../../collector.ts'
import { startHttpServer } from '../../http-server.ts'
import { httpPoint } from '../../points.ts'

const folder = mkdtempSync(join(tmpdir(), 'affluent-http-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const json =
  (document: unknown, headers = {}): RequestListener =>
  (_, response) =>
    void response.writeHead(200, headers).end(JSON.stringify(document))

function connectionOf(url: string, more: Record<string, unknown> = {}): HttpConnection {
  const { devices: _, ...connection } = connectionSchemas.http.parse({
    ...{ id: 'a-connection', driver: 'http', url, ...more },
    devices: [{ id: 'a', site: 'a', points: {} }],
  })
  return { ...connection, devices: [] }
}

function open(url: string, more: Record<string, unknown> = {}, { logger = log, time = clock } = {}) {
  const driver = createDriver({ connection: connectionOf(url, more), folder, clock: time, log: logger })
  const samples = new Collector()
  let session: Session | undefined
  return {
    samples,
    async read(...points: Point[]) {
      session ??= closeLater(await driver.connect())
      const from = samples.all.length
      await session.read(points, samples.deliver)
      return told(samples.all.slice(from)).sort()
    },
  }
}

const STATION = {
  station: { air: 4.5, surface: '-1.25', wet: 'on', time: '2026-11-26T05:00:00Z', ok: 1 },
  list: [{ v: 10 }, { v: 20 }],
}

describe('a document', () => {
  it('gives all its points with one request: scaled, from texts, lists and states, at its own time', async () => {
    const { url, requests } = await startHttpServer(json(STATION))
    const time = '/station/time'
    const { read, samples } = open(url)
    const points = [
      httpPoint('air', { value: '/station/air', time }, { quantity: 'air-temperature' }),
      httpPoint('surface', { value: '/station/surface', time }, { quantity: 'surface-temperature' }),
      httpPoint('wet', { value: '/station/wet' }, { quantity: 'precipitation' }),
      httpPoint('second', { value: '/list/1/v', scale: 0.1, offset: 1 }),
    ]
    expect(await read(...points)).toEqual(['air=4.5', 'second=3', 'surface=-1.25', 'wet=true'])
    expect(requests).toHaveLength(1)
    expect(samples.all.find(({ point }) => point.name === 'air')!.time).toBe(Date.UTC(2026, 10, 26, 5))
    expect(samples.all.find(({ point }) => point.name === 'second')!.time).toBeUndefined()
  })

  it('trap 1: what is not in it is bad alone, and said once with its place', async () => {
    const lines: string[] = []
    const logger = pino({ base: null }, { write: line => void lines.push(JSON.parse(line).msg) })
    const { url } = await startHttpServer(json({ air: 1, text: 'a', none: null }))
    const { read } = open(url, {}, { logger })
    const points = ['air', 'text', 'none', 'absent'].map(name => httpPoint(name, { value: `/${name}` }))
    const expected = ['absent=bad:undecodable', 'air=1', 'none=bad:sensor-fault', 'text=bad:undecodable']
    expect(await read(...points)).toEqual(expected)
    expect(await read(...points)).toEqual(expected)
    expect(lines).toEqual([
      'a-site/a-device/text: its document has no number at /text',
      'a-site/a-device/absent: its document has nothing at /absent',
    ])
  })

  it('that says the same time again is no new reading, and silence after three intervals', async () => {
    let air = 1
    const { url } = await startHttpServer((request, response) =>
      json({ air, time: 1_790_000_000 })(request, response),
    )
    const time = handClock()
    const { read } = open(url, {}, { time })
    const point = httpPoint('air', { value: '/air', time: '/time' }, { interval: 60_000 })
    expect(await read(point)).toEqual(['air=1'])
    time.advance(60_000)
    expect(await read(point)).toEqual([])
    time.advance(120_000)
    expect(await read(point)).toEqual(['air=bad:timeout'])
    air = 2
    expect(await read(point)).toEqual(['air=2'])
  })

  it('is not sent again while it is the same, and its values are confirmed', async () => {
    const { url, requests } = await startHttpServer((request, response) => {
      if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end()
      else json({ air: 5 }, { etag: '"1"' })(request, response)
    })
    const { read } = open(url)
    const point = httpPoint('air', { value: '/air' })
    expect([await read(point), await read(point)]).toEqual([['air=5'], ['air=5']])
    expect(requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"1"'])
  })
})

describe('a document that does not come', () => {
  const air = httpPoint('air', { value: '/air' })

  it.each<[string, RequestListener, string, string]>([
    ['an error', (_, r) => void r.writeHead(500).end(), 'bad:exception', 'answers 500 Internal Server Error'],
    [
      'a login',
      (_, r) => void r.writeHead(401).end(),
      'bad:exception',
      'check username, password and headers',
    ],
    [
      'a redirection',
      (_, r) => void r.writeHead(302, { location: 'http://192.0.2.1/x' }).end(),
      'bad:exception',
      'refers to http://192.0.2.1/x: give that address',
    ],
    ['no JSON', (_, r) => void r.end('<html>'), 'bad:undecodable', 'is no JSON in UTF-8'],
    [
      'no UTF-8',
      (_, r) => void r.end(Buffer.from([0x22, 0xe9, 0x22])),
      'bad:undecodable',
      'is no JSON in UTF-8',
    ],
    ['too much', (_, r) => void r.end('1'.repeat(3000)), 'bad:undecodable', 'is longer than 2048 bytes'],
    ['nothing', () => {}, 'bad:timeout', 'does not come within 300 ms'],
    [
      'a part',
      (_, r) => {
        r.writeHead(200)
        r.write('{')
      },
      'bad:timeout',
      'does not come within 300 ms',
    ],
  ])('%s: its points are bad with the reason, the others are not', async (_, answer, quality, reason) => {
    const lines: string[] = []
    const logger = pino({ base: null }, { write: line => void lines.push(JSON.parse(line).msg) })
    const { url } = await startHttpServer((request, response) =>
      request.url === '/good' ? json({ air: 7 })(request, response) : answer(request, response),
    )
    const good = httpPoint('good', { value: '/air', path: '/good' })
    // Only what does not come at all is not waited for: a busy machine may take its time.
    const timeout = quality === 'bad:timeout' ? '300ms' : '10s'
    const { read } = open(url, { maxPayload: 2048, timeout }, { logger })
    expect(await read(air, good)).toEqual([`air=${quality}`, 'good=7'])
    expect(lines).toEqual([expect.stringContaining(reason)])
  })

  it('nobody there is of the connection: disconnected, and good again once somebody is', async () => {
    const gone = createServer()
    gone.listen(0, '127.0.0.1')
    await once(gone, 'listening')
    const { port } = gone.address() as AddressInfo
    gone.close()
    await once(gone, 'close')
    const samples = new Collector()
    const statuses = new Collector<ConnectionStatus>()
    const connection = connectionOf(`http://127.0.0.1:${port}`)
    const point = httpPoint('air', { value: '/air' }, { interval: 100 })
    closeLater(
      startConnection({
        driver: createDriver({ connection, folder, clock, log }),
        points: [point],
        ...{ clock, log, deliver: samples.deliver },
        onStatus: status => statuses.deliver([status]),
      }),
    )
    await samples.next(({ quality }) => quality === 'bad:disconnected')
    const { error } = await statuses.next(({ state }) => state === 'failed')
    expect(error).toMatch(/^http:\/\/127\.0\.0\.1:\d+ cannot be asked for: .*ECONNREFUSED/)
    const again = createServer(json({ air: 3 }))
    again.listen(port, '127.0.0.1')
    closeLater({
      close: () => {
        again.closeAllConnections()
        again.close()
      },
    })
    await samples.next(({ value }) => value === 3)
    await statuses.next(
      ({ state }) => state === 'connected',
      statuses.all.findIndex(s => s.state === 'failed'),
    )
  })
})

describe('who asks', () => {
  it('logs in by name and password or a header, and only ever GETs', async () => {
    const { url, requests } = await startHttpServer(json({ air: 1 }))
    const more = { username: 'hub', password: 'secret', headers: { 'x-api-key': 'k' } }
    await open(url, more).read(httpPoint('air', { value: '/air' }))
    const [{ method, headers }] = requests as [IncomingMessage]
    expect(method).toBe('GET')
    expect(headers.authorization).toBe(`Basic ${Buffer.from('hub:secret').toString('base64')}`)
    expect(headers['x-api-key']).toBe('k')
  })

  it('verifies who answers over TLS, by an authority of its own where one is named', async () => {
    const authority = createAuthority(folder, 'authority')
    const { certificate, key } = authority.issue('device', ['IP:127.0.0.1'])
    const tls = { cert: readFileSync(certificate), key: readFileSync(key) }
    const server = createTlsServer(tls, json({ air: 2 }))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    closeLater({
      close: () => {
        server.closeAllConnections()
        server.close()
      },
    })
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    const point = httpPoint('air', { value: '/air' })
    await expect(open(url).read(point)).rejects.toThrow('name the authority of its certificate in tls.ca')
    expect(await open(url, { tls: { ca: authority.certificate } }).read(point)).toEqual(['air=2'])
  })
})

describe.runIf(findPeer('python'))("Python's own server", () => {
  it('is read, with the dates of its files as validators', async () => {
    const script =
      'import http.server,os,sys;os.chdir(sys.argv[1]);s=http.server.ThreadingHTTPServer(("127.0.0.1",0),http.server.SimpleHTTPRequestHandler);print(s.server_port,flush=True);s.serve_forever()'
    const site = mkdtempSync(join(folder, 'site-'))
    writeFileSync(join(site, 'station.json'), JSON.stringify(STATION))
    const peer = runPeer(peerProgram('python'), ['-c', script, site])
    closeLater(peer)
    const [line] = await once(peer.child.stdout!, 'data')
    const { read } = open(`http://127.0.0.1:${Number(String(line))}`)
    const point = httpPoint('air', { value: '/station/air', path: '/station.json' })
    expect(await read(point)).toEqual(['air=4.5'])
  })
})
