import { mkdir, writeFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startApi } from '../../api/api.ts'
import { writeExposition } from '../../api/metrics/exposition.ts'
import { notificationMetrics } from '../../api/metrics/notifications.ts'
import { pathPattern } from '../../api/routing.ts'
import { ListenError } from '../../model/address.ts'
import { noCounts } from '../../model/ledger.ts'
import { publicationOf } from '../publication/files.ts'
import { type Hub, startHub } from './hub.ts'

let hub: Hub
beforeAll(async () => {
  const north = {
    sender: 'nord',
    stream: 'measures',
    counts: { ...noCounts(), late: 7 },
    missing: 2,
  } as const
  hub = await startHub({
    ingest: {
      waitingBytes: () => 0,
      refusedPoints: 0,
      stats: () => ({ batches: 3, readingsWritten: 150 }),
      streams: () => [north],
    },
  })
})
afterAll(() => hub.close())

/** The status of a GET with a Host header of our choice, which fetch does not allow. */
function statusFor(host: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const call = request(`${hub.url}/v1/territory`, { headers: { host } }, response => {
    response.resume()
    resolve(response.statusCode!)
  })
  call.on('error', reject).end()
  return promise
}

describe('the end', () => {
  it('comes within 2 s with live listeners, idle connections and an answer that does not end', async () => {
    const endless = [{ path: '/dev/zero', bytes: 1e12 }]
    const ending = await startHub({ publication: publicationOf(hub.served.publication, endless) })
    const live = await ending.get('/v1/live')
    await ending.json('/v1/territory')
    const unread = await ending.get('/open-data/fluides.csv')
    // A machine that has no time for the hub has none for these beats: they count what the hub takes by itself.
    let beats = 0
    const beating = setInterval(() => beats++, 20)
    await ending.close()
    clearInterval(beating)
    expect(beats).toBeLessThan(100)
    // The live stream ends in good order, the other is cut.
    expect(await live.text()).toContain('event: heartbeat')
    await expect(unread.text()).rejects.toThrow()
  })
})

describe('a port that cannot be had', () => {
  it('is named with the setting to change', async () => {
    const taken = createServer()
    await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as AddressInfo
    const failure = startApi({ ...hub.served, port })
    await expect(failure).rejects.toThrow(ListenError)
    await expect(failure).rejects.toThrow(
      `HTTP: 127.0.0.1:${port} is in use by another program: stop it, or choose another port with http.port in hub.yaml or --http-port`,
    )
    await new Promise(resolve => taken.close(resolve))
  })
})

describe('who may ask', () => {
  it('a page that had its name resolved to the loopback is refused', async () => {
    expect(await statusFor('evil.example')).toBe(421)
    expect(await statusFor('127.0.0.1.evil.example:80')).toBe(421)
    for (const host of ['localhost', 'LOCALHOST:8080', '127.0.0.1', '[::1]:8080']) {
      expect(await statusFor(host), host).toBe(200)
    }
  })

  it('pages of others may read open data, and nothing else', async () => {
    const allowed = async (path: string) => (await hub.get(path)).headers.get('access-control-allow-origin')
    expect(await allowed('/open-data/catalog.jsonld')).toBe('*')
    expect(await allowed('/sta/v1.1')).toBe('*')
    for (const path of ['/v1/sites', '/v1/live', '/metrics']) expect(await allowed(path), path).toBeNull()
    expect(await allowed('/login?token=x')).toBeNull()
    expect((await hub.post('/v1/logout')).headers.get('access-control-allow-origin')).toBeNull()
    const { headers } = await hub.get('/open-data/manifest.json')
    expect(headers.get('access-control-expose-headers')).toContain('ETag, ')
  })

  it('and may ask under a condition, but neither write nor bring an account', async () => {
    const preflight = (path: string, method = 'GET') =>
      fetch(hub.url + path, {
        method: 'OPTIONS',
        headers: { origin: 'https://portal.example', 'access-control-request-method': method },
      })
    for (const path of ['/open-data/fluides.csv', '/sta/v1.1/Things', '/api/explore/v2.1/catalog/datasets']) {
      const { status, headers } = await preflight(path)
      expect([status, headers.get('access-control-allow-origin')]).toEqual([204, '*'])
      expect(headers.get('access-control-allow-methods')).toBe('GET, HEAD')
      expect(headers.get('access-control-allow-headers')).toBe(
        'If-Modified-Since, If-None-Match, If-Range, Range',
      )
    }
    expect((await preflight('/health/live')).headers.get('access-control-allow-origin')).toBeNull()
  })

  it('every answer carries the security headers, errors too', async () => {
    for (const path of ['/', '/v1/sites', '/v1/nothing', '/open-data/fluides.csv', '/login?token=x']) {
      const { headers } = await hub.get(path)
      expect(headers.get('content-security-policy'), path).toMatch(
        /^default-src 'self'; style-src 'self'( 'sha256-[\w+/=]+')?; img-src/,
      )
      expect(headers.get('x-content-type-options'), path).toBe('nosniff')
      expect(headers.get('referrer-policy'), path).toBe('same-origin')
    }
  })
})

describe('the console', () => {
  const html = { accept: 'text/html' }

  it('says so while it is not built', async () => {
    const page = await hub.get('/', html)
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('its console is not built')
  })

  it('is served with its addresses, and its hashed files for ever', async () => {
    const served = await startHub()
    await mkdir(join(served.folder, 'console', 'assets'), { recursive: true })
    await writeFile(join(served.folder, 'console', 'index.html'), '<title>console</title>')
    await writeFile(join(served.folder, 'console', 'assets', 'main-1a2b.js'), 'export {}')
    for (const path of ['/', '/sites/college', '/alerts?state=active']) {
      const page = await served.get(path, html)
      expect(await page.text(), path).toBe('<title>console</title>')
      expect(page.headers.get('cache-control'), path).toBe('no-cache')
    }
    const script = await served.get('/assets/main-1a2b.js')
    expect(script.headers.get('content-type')).toContain('javascript')
    expect(script.headers.get('cache-control')).toContain('immutable')
    expect((await served.get('/assets/gone.js')).status).toBe(404)
    expect((await served.get('/..%2f..%2fetc/passwd')).status).toBe(404)
    await served.close()
  })
})

describe('open data', () => {
  it('a file that fails half way is seen to be incomplete', async () => {
    const parts = [
      { path: fileURLToPath(import.meta.url), bytes: 100 },
      // More than is kept in memory.
      { path: '/nothing', bytes: 1e8 },
    ]
    const failing = await startHub({ publication: publicationOf(hub.served.publication, parts) })
    const read = async () => (await failing.get('/open-data/fluides.csv')).text()
    await expect(read()).rejects.toThrow()
    await failing.close()
  })

  it('the catalogue and the schemas carry a tag, and are not sent again to who has them', async () => {
    for (const path of ['/open-data/catalog.jsonld', '/open-data/schemas/fluides/1.0.0/schema.json']) {
      const first = await hub.get(path)
      expect(first.headers.get('content-type')).toMatch(/^application\/(ld\+)?json/)
      const tag = first.headers.get('etag')!
      expect((await hub.get(path, { 'if-none-match': tag })).status, path).toBe(304)
    }
    expect((await hub.get('/open-data/schemas/fluides/9.0.0/schema.json')).status).toBe(404)
  })
})

describe('metrics', () => {
  it('count ingest, requests by route and the delay of the loop', async () => {
    await hub.get('/v1/sites/college')
    const response = await hub.get('/metrics')
    expect(response.headers.get('content-type')).toContain('version=0.0.4')
    const text = await response.text()
    expect(text).toContain('affluent_ingest_readings_written_total 150\n')
    expect(text).toContain('affluent_readings_total{sender="nord",stream="measures",outcome="late"} 7\n')
    expect(text).toContain('affluent_readings_missing{sender="nord",stream="measures"} 2\n')
    expect(text).toMatch(
      /affluent_http_request_duration_seconds_count\{method="GET",route="\/v1\/sites\/:site",status="200"\} \d+/,
    )
    const p99 = /affluent_event_loop_delay_seconds\{quantile="0.99"\} (\S+)/.exec(text)![1]
    expect(Number(p99)).toBeGreaterThanOrEqual(0)
    expect(Number(p99)).toBeLessThan(5)
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(/^# (HELP|TYPE) \w+ .+$|^\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? -?[\d.e+-]+$/)
    }
  })

  it('count what became of notices, by channel, and of the last daily test', () => {
    const counts = { delivered: 3, refused: 2, failed: 1, waiting: 4, delayMs: 4500 }
    const lastTest = { time: 8000, arrived: new Map([['sms', false]]) }
    const waitingSince = new Map([['sms', 60_000]])
    const stats = { counts: { sms: counts }, waitingSince, lastTest }
    const lines = writeExposition(notificationMetrics(stats, 90_000)).split('\n')
    expect(lines.filter(line => line.startsWith('affluent'))).toEqual([
      'affluent_notifications_total{channel="sms",outcome="delivered"} 3',
      'affluent_notifications_total{channel="sms",outcome="failed"} 1',
      'affluent_notification_retries_total{channel="sms"} 2',
      'affluent_notifications_waiting{channel="sms"} 4',
      'affluent_notification_oldest_waiting_seconds{channel="sms"} 30',
      'affluent_notification_delay_seconds_count{channel="sms"} 3',
      'affluent_notification_delay_seconds_sum{channel="sms"} 4.5',
      'affluent_notification_test_delivered{channel="sms"} 0',
      'affluent_notification_test_timestamp_seconds 8',
    ])
    expect(notificationMetrics(undefined, 0)).toEqual([])
  })

  it('label values are escaped', () => {
    const metric = {
      name: 'm',
      help: 'h',
      type: 'gauge',
      samples: [{ labels: { a: 'x"y\\z\n' }, value: 1 }],
    } as const
    expect(writeExposition([{ ...metric, samples: [...metric.samples] }])).toContain(
      'm{a="x\\"y\\\\z\\n"} 1\n',
    )
  })
})

it('the pattern of a route matches its paths', () => {
  expect(pathPattern('/v1/sites/:site').test('/v1/sites/college')).toBe(true)
  expect(pathPattern('/v1/sites/:site').test('/v1/sites/college/x')).toBe(false)
  expect(pathPattern('/open-data/fluides.csv').test('/open-data/fluidesXcsv')).toBe(false)
})
