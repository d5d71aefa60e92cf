import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Reading, Value } from '../../model/reading.ts'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import { createConnection } from '../../store/influxdb/connection.ts'
import { readings } from '../bus/fixtures.ts'
import { findPeer } from '../peers/cache.ts'
import { type InfluxdbPeer, startInfluxdb } from '../peers/influxdb.ts'
import { mountSmallDisk } from '../peers/small-disk.ts'
import { type Fault, type LineRequest, startInfluxLine } from '../store/fixtures/influx-line.ts'
import { startInfluxWay } from './influx-way.ts'

/** Lines of readings, as against those of rollups, positions and the ledger. */
const holdsReadings = ({ body }: LineRequest) => body.startsWith('reading,')
const T0 = Date.UTC(2026, 10, 22)

function reading(point: string, time: number, value: Value): Reading {
  return { point, time, value, quality: value === null ? 'bad:timeout' : 'good', gatewayTime: time }
}

describe.runIf(findPeer('influxdb'))(
  'all that was sent is in InfluxDB or in the quarantine, once, although',
  () => {
    let influxdb: InfluxdbPeer
    let buckets = 0
    const createBucket = (retentionSeconds?: number) =>
      influxdb.createBucket(`fault-${++buckets}`, retentionSeconds)
    beforeAll(async () => {
      influxdb = await startInfluxdb()
    })
    afterAll(() => influxdb.close())

    /** The way over a line that can fail. */
    async function overLine(more: { timeoutMs?: number } = {}) {
      const bucket = await createBucket()
      const line = await startInfluxLine(influxdb.url)
      onTestFinished(() => line.close())
      const way = await startInfluxWay({ ...influxdb, url: line.url, bucket, ...more })
      return { line, way }
    }

    /** Fails some requests that hold readings, in turn. */
    function failing(faults: Fault[]): (request: LineRequest) => Fault | undefined {
      return request => (holdsReadings(request) ? faults.shift() : undefined)
    }

    test.each([
      ['answers 429 and asks to be left alone', 429],
      ['answers 503 and asks to be left alone', 503],
    ])('it %s for a second, and is left alone', async (_, status) => {
      const { line, way } = await overLine()
      line.fault = failing([{ status, headers: { 'retry-after': '1' } }])
      way.outbox.append(readings(1, 300))
      await way.expectAccounted({ stored: 300 })
      const [refused, next] = line.requests.filter(holdsReadings)
      expect(next!.at - refused!.at).toBeGreaterThanOrEqual(995)
      expect(line.requests.filter(({ at }) => at > refused!.at && at < refused!.at + 990)).toEqual([])
    })

    test.each<[string, Fault[]]>([
      [
        'answers 500, 502 and 503',
        [{ status: 500 }, { status: 502, body: '<html>bad gateway</html>' }, { status: 503 }],
      ],
      ['answers 401 and 403 for a while', [{ status: 401 }, { status: 403 }]],
      ['loses an answer', ['lost']],
      ['cuts an answer in the middle', ['cut']],
    ])('it %s', async (_, faults) => {
      const { line, way } = await overLine()
      line.fault = failing(faults)
      way.outbox.append(readings(1, 300))
      await way.expectAccounted({ stored: 300 })
      expect(faults).toEqual([])
    })

    test('its answers to queries are cut or are something else', async () => {
      const { line, way } = await overLine()
      const faults: Fault[] = ['cut', { status: 200, body: '<html>sign in</html>' }, { status: 404 }]
      line.fault = ({ path }) => (path.startsWith('/query') ? faults.shift() : undefined)
      way.outbox.append(readings(1, 300))
      await way.expectAccounted({ stored: 300 })
      expect(faults).toEqual([])
    })

    test('it does not answer in time', async () => {
      const { line, way } = await overLine({ timeoutMs: 300 })
      line.fault = failing(['silence', 'silence'])
      way.outbox.append(readings(1, 3000))
      await way.expectAccounted({ stored: 3000 })
    })

    test('a proxy before it takes requests of 8 KiB only (413): they are split, and no longer made so large', async () => {
      const { line, way } = await overLine()
      line.fault = ({ body }) =>
        body.length > 8192 ? { status: 413, body: '<html>too large</html>' } : undefined
      way.outbox.append(readings(1, 3000))
      await way.expectAccounted({ stored: 3000 })
      const refused = line.requests.filter(({ body }) => body.length > 8192)
      expect(refused.length).toBeGreaterThan(0)
      expect(refused.length).toBeLessThan(8)
    })

    test('it refuses some readings (400): those are searched out, what is behind them is stored', async () => {
      const { line, way } = await overLine()
      const poison = ({ body }: LineRequest) => body.includes('num=77,') || body.includes('num=200,')
      line.fault = request =>
        holdsReadings(request) && poison(request) ? { status: 400, body: 'no' } : undefined
      way.outbox.append(readings(1, 500))
      await way.expectAccounted({ stored: 498, quarantined: 2 })
      expect(way.quarantine().map(({ kind, first, reason }) => [kind, first, reason])).toEqual([
        ['refused', 77, expect.stringContaining('refuses what is sent')],
        ['refused', 200, expect.stringContaining('refuses what is sent')],
      ])
    })

    test('somebody wrote another type into a field: what conflicts goes to the quarantine, all of it', async () => {
      const bucket = await createBucket()
      const connection = createConnection({ ...influxdb, bucket })
      await connection.write([`reading,point=foreign num="a text" ${T0}`])
      connection.close()
      const way = await startInfluxWay({ ...influxdb, bucket })
      const week = Array.from({ length: 600 }, (_, i) => {
        return reading(`a/b/p${i % 3}`, T0 + i * 1000, i % 3 === 0 ? i : i % 3 === 1 ? 'ouvert' : null)
      })
      const later = Array.from({ length: 300 }, (_, i) => reading('a/b/p0', T0 + 21 * DAY_MS + i * 1000, i))
      way.outbox.append([...week, ...later])
      // The foreign reading has no quality, so that it is not counted.
      await way.expectAccounted({ stored: 700, quarantined: 200 })
      const [example] = way.quarantine()
      expect(example).toMatchObject({
        kind: 'refused',
        reason: expect.stringContaining('field type conflict'),
      })
      expect(await way.store.range('a/b/p1', T0, T0 + DAY_MS)).toHaveLength(200)
    })

    test('its bucket keeps data for 30 days only: what is older goes to the quarantine', async () => {
      const way = await startInfluxWay({ ...influxdb, bucket: await createBucket(30 * 86_400) })
      const now = Date.now()
      const recent = Array.from({ length: 200 }, (_, i) => reading('a/b/c', now - HOUR_MS + i * 1000, i))
      const old = Array.from({ length: 150 }, (_, i) => reading('a/b/c', now - 90 * DAY_MS + i * 1000, i))
      way.outbox.append([...old.slice(0, 100), ...recent, ...old.slice(100)])
      await way.sender.drained(30_000)
      expect(await way.store.range('a/b/c', 0, now + DAY_MS)).toHaveLength(200)
      expect(way.quarantine()).toHaveLength(150)
      expect(way.quarantine()[0]!.reason).toContain('outside retention policy')
      expect(await way.store.positions()).toMatchObject([{ upTo: 350, ranges: [] }])
    })

    test('it is killed and starts again while readings are written', async () => {
      const way = await startInfluxWay({ ...influxdb, bucket: await createBucket() })
      for (let round = 0; round < 3; round++) {
        way.outbox.append(readings(way.outbox.next, 1000))
        const written = way.ingest.stats().written
        await vi.waitFor(() => expect(way.ingest.stats().written).toBeGreaterThan(written), 20_000)
        way.outbox.append(readings(way.outbox.next, 3000))
        await influxdb.kill()
        way.outbox.append(readings(way.outbox.next, 500))
        await influxdb.start()
      }
      await way.expectAccounted({ stored: 13_500 })
    })

    test('its token is revoked, and another put in its place', async () => {
      const bucket = await createBucket()
      const { orgs } = (await influxdb.administer('GET', '/api/v2/orgs')) as { orgs: [{ id: string }] }
      const permissions = ['read', 'write'].map(action => ({ action, resource: { type: 'buckets' } }))
      const makeToken = async () =>
        (await influxdb.administer('POST', '/api/v2/authorizations', { orgID: orgs[0].id, permissions })) as {
          id: string
          token: string
        }
      const first = await makeToken()
      const way = await startInfluxWay({ ...influxdb, bucket, token: first.token })
      way.outbox.append(readings(1, 500))
      await way.sender.drained(20_000)
      await influxdb.administer('DELETE', `/api/v2/authorizations/${first.id}`)
      way.outbox.append(readings(501, 500))
      await vi.waitFor(() => expect(way.ingest.stats().retries).toBeGreaterThan(1), 20_000)
      expect(way.outbox.waiting).toBe(500)
      const { token } = await makeToken()
      await way.restartHub({ ...influxdb, bucket, token })
      await way.sender.drained(20_000)
      expect(await way.store.positions()).toMatchObject([{ upTo: 1000, ranges: [] }])
      const counts = await Promise.all(
        [0, 1, 2, 3, 4, 5, 6].map(n => way.store.range(`college/meter-${n}/index`, 0, Date.now() + DAY_MS)),
      )
      expect(counts.flat()).toHaveLength(1000)
    })

    test('its bucket is deleted and made again: what comes from then on is stored, and told by the rollups', async () => {
      const bucket = await createBucket()
      const way = await startInfluxWay({ ...influxdb, bucket })
      const some = (from: number) =>
        Array.from({ length: 100 }, (_, i) => reading('a/b/c', T0 + (from + i) * 1000, from + i))
      way.outbox.append(some(0))
      await way.sender.drained(20_000)
      const { buckets } = (await influxdb.administer('GET', `/api/v2/buckets?name=${bucket}`)) as {
        buckets: [{ id: string }]
      }
      await influxdb.administer('DELETE', `/api/v2/buckets/${buckets[0].id}`)
      way.outbox.append(some(100))
      await vi.waitFor(() => expect(way.ingest.stats().retries).toBeGreaterThan(1), 20_000)
      await influxdb.createBucket(bucket)
      await way.sender.drained(20_000)
      way.outbox.append(some(200))
      await way.sender.drained(20_000)
      // Another process knows only what the bucket says.
      await way.restartHub({ ...influxdb, bucket })
      const [hour] = await way.store.aggregate('a/b/c', 'hour', T0, T0 + HOUR_MS)
      expect(hour).toMatchObject({ count: 200, first: 100, last: 299 })
    })
  },
)

/** Tried once; where none may be mounted the test is skipped by its name. */
const disk = findPeer('influxdb') ? mountSmallDisk(128) : undefined

describe.runIf(disk)('on a small disk (a tmpfs, which takes root)', () => {
  test('InfluxDB has no room left for a while: what came then is stored once there is', async () => {
    onTestFinished(() => disk!.unmount())
    const influxdb = await startInfluxdb({ engineFolder: join(disk!.folder, 'engine') })
    onTestFinished(() => influxdb.close())
    const bucket = await influxdb.createBucket('small')
    const way = await startInfluxWay({ ...influxdb, bucket })
    way.outbox.append(readings(1, 1000))
    await way.sender.drained(20_000)
    await disk!.fill()
    await vi.waitFor(
      () => {
        if (way.outbox.waiting === 0) way.outbox.append(readings(way.outbox.next, 1000))
        expect(way.ingest.stats().retries).toBeGreaterThan(2)
      },
      { timeout: 30_000 },
    )
    expect(way.outbox.waiting).toBeGreaterThan(0)
    await disk!.clear()
    // Room alone does not help: it opens a shard again only when it is started.
    await influxdb.kill()
    await influxdb.start()
    await way.expectAccounted({ stored: way.outbox.next - 1 })
  })
})
