import { once } from 'node:events'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Reading } from '../../model/reading.ts'
import { toColumns } from '../../model/reading.ts'
import { createConnection } from '../../store/influxdb/connection.ts'
import { openInfluxReadingStore } from '../../store/influxdb/readings.ts'
import { StoreUnavailableError } from '../../store/readings.ts'
import { readingStoreContract } from '../contract/reading-store.ts'
import type { InfluxdbPeer } from '../peers/influxdb.ts'
import { startInfluxdb } from '../peers/influxdb.ts'

const log = pino({ level: 'silent' })
let peer: InfluxdbPeer
let buckets = 0

/** A bucket for each test, so that none sees another's data. */
async function createBucket(): Promise<string> {
  const headers = { authorization: `Token ${peer.token}` }
  const organisations = await fetch(`${peer.url}/api/v2/orgs`, { headers })
  const { orgs } = (await organisations.json()) as { orgs: [{ id: string }] }
  const name = `test-${++buckets}`
  const body = JSON.stringify({ orgID: orgs[0].id, name, retentionRules: [] })
  const answer = await fetch(`${peer.url}/api/v2/buckets`, { method: 'POST', headers, body })
  if (!answer.ok) throw new Error(`bucket ${name}: ${answer.status} ${await answer.text()}`)
  return name
}

for (const [name, refreshIntervalMs] of [
  ['InfluxDB 2.7, rolled up later', 1e9],
  ['InfluxDB 2.7, rolled up at once', 1],
] as const) {
  readingStoreContract(name, {
    async site() {
      const bucket = await createBucket()
      return {
        open: timeZone => openInfluxReadingStore({ ...peer, bucket, timeZone, log, refreshIntervalMs }),
        close: async () => {},
      }
    },
    outage: { begin: () => peer.stop(), end: () => peer.start() },
    async start() {
      peer = await startInfluxdb()
    },
    close: () => peer.close(),
  })
}

const HOUR = 3_600_000
const T0 = Date.parse('2026-03-10T08:00:00Z')
const reading = (time: number, value: number): Reading => {
  return { point: 'a/b/c', time, value, quality: 'good', gatewayTime: time }
}

describe('InfluxDB 2.7, between processes and over a bad line', () => {
  beforeAll(async () => {
    peer = await startInfluxdb()
  })
  afterAll(() => peer.close())
  const open = async (more: { bucket: string; url?: string; token?: string; refreshIntervalMs?: number }) =>
    openInfluxReadingStore({ ...peer, timeZone: 'Europe/Paris', log, refreshIntervalMs: 1e9, ...more })

  test('whoever writes a point next rolls up the hours that its last writer left', async () => {
    const bucket = await createBucket()
    const first = await open({ bucket })
    const readings = Array.from({ length: 300 }, (_, i) => reading(T0 + i * 60_000, i))
    await first.write(toColumns(readings), [])
    const aggregates = async () =>
      Promise.all((['hour', 'day'] as const).map(by => second.aggregate('a/b/c', by, T0, T0 + 5 * HOUR)))
    await first.close()

    const second = await open({ bucket, refreshIntervalMs: 1 })
    const before = await aggregates()
    expect(before[0]).toHaveLength(5)
    await second.write(toColumns([reading(T0 + 5 * HOUR, 0)]), [])
    const connection = createConnection({ ...peer, bucket })
    await vi.waitFor(
      async () => {
        const [dirty] = await connection.query(['SELECT "dirty" FROM "rollup_hour" WHERE "dirty" = true'])
        expect(dirty![0]!.rows.map(([hour]) => hour)).toEqual([T0 + 5 * HOUR])
      },
      { timeout: 30_000 },
    )
    expect((await aggregates())[0]).toEqual(before[0])
    expect((await aggregates())[1]).toMatchObject([{ count: 301, min: 0, max: 299, first: 0, last: 0 }])

    // Late data in an hour that is rolled up.
    await second.write(toColumns([reading(T0 + 1, 1_000)]), [])
    expect((await aggregates())[0]![0]).toMatchObject({ count: 61, max: 1_000, first: 0, last: 59 })
    await second.close()
  })

  test('a write whose answer is lost is recognised when it is made again', async () => {
    const bucket = await createBucket()
    const line = await startBadLine()
    const store = await open({ bucket, url: line.url })
    await store.write(toColumns([reading(T0, 1)]), [])
    line.loseNextAnswer('reading,')
    const batch = toColumns([reading(T0 + 1, 2), reading(T0 + 2, 3)])
    await expect(store.write(batch, [])).rejects.toThrow(StoreUnavailableError)
    expect(await store.write(toColumns([reading(T0 + 2, 4)]), [])).toMatchObject({ conflicts: [0] })
    expect(await store.write(batch, [])).toEqual({ written: 0, repeated: 2, conflicts: [] })
    expect((await store.range('a/b/c', T0, T0 + 9)).map(({ value }) => value)).toEqual([1, 2, 3])
    await store.close()
    await line.close()
  })

  test('positions are written after the readings that they complete', async () => {
    const bucket = await createBucket()
    const line = await startBadLine()
    const store = await open({ bucket, url: line.url })
    line.refuseNext('reading,')
    const position = { sender: 's', stream: 'measures' as const, run: 'r', upTo: 1, ranges: [] }
    await expect(store.write(toColumns([reading(T0, 1)]), [position])).rejects.toThrow(/answers 503/)
    expect(await store.positions()).toEqual([])
    expect(await store.range('a/b/c', T0, T0 + 1)).toEqual([])
    expect(await store.write(toColumns([reading(T0, 1)]), [position])).toMatchObject({ written: 1 })
    expect(await store.positions()).toEqual([position])
    await store.close()
    await line.close()
  })

  describe('the ledger', () => {
    const stream = { sender: 's', stream: 'measures' } as const
    const reach = (upTo: number) => [{ ...stream, run: 'r', upTo, ranges: [] }]
    const counted = (count: number, hour = T0) => [{ ...stream, hour, outcome: 'prompt' as const, count }]

    test.each([
      ['before the position is kept', 'refuse', 'position,'],
      ['after it, and its answer is lost', 'lose', 'position,'],
      ['before its own points are kept', 'refuse', 'ledger,'],
      ['after them, and their answer is lost', 'lose', 'ledger,'],
    ] as const)('counts once although the write fails %s', async (_, way, what) => {
      for (const restarts of [false, true]) {
        const bucket = await createBucket()
        const line = await startBadLine()
        let store = await open({ bucket, url: line.url })
        await store.write(toColumns([reading(T0, 1)]), reach(1), counted(1))
        if (way === 'refuse') line.refuseNext(what)
        else line.loseNextAnswer(what)
        const again = () => store.write(toColumns([reading(T0 + 1, 1)]), reach(2), counted(1))
        await expect(again()).rejects.toThrow(StoreUnavailableError)
        // What is stored of the position is told of the ledger.
        const [{ upTo } = { upTo: 0 }] = await store.positions()
        expect(await store.ledger(T0, T0 + HOUR)).toEqual(counted(upTo))
        if (restarts) {
          await store.close()
          store = await open({ bucket, url: line.url })
        }
        await again()
        expect(await store.ledger(T0, T0 + HOUR)).toEqual(counted(2))
        await store.write(toColumns([]), reach(3), counted(1, T0 + HOUR))
        await store.write(toColumns([]), reach(4), counted(1))
        expect(await store.ledger(T0, T0 + 1)).toEqual(counted(3))
        await store.close()
        await line.close()
      }
    })

    test('takes from a position what a process left out of the ledger, although another hour comes next', async () => {
      const bucket = await createBucket()
      const line = await startBadLine()
      const first = await open({ bucket, url: line.url })
      line.refuseNext('ledger,')
      await expect(first.write(toColumns([]), reach(1), counted(1))).rejects.toThrow(StoreUnavailableError)
      await first.close()
      const second = await open({ bucket })
      await second.write(toColumns([]), reach(2), counted(1, T0 + HOUR))
      expect(await second.ledger(T0, T0 + 1)).toEqual(counted(1))
      await second.close()
      await line.close()
    })
  })

  test('a wrong token or bucket is named, the token is not, and both may be put right', async () => {
    const bucket = await createBucket()
    const batch = toColumns([reading(T0, 1)])
    const stranger = await open({ bucket, token: 'a-wrong-secret' })
    const refused = await stranger.write(batch, []).catch(error => error)
    expect(refused).toBeInstanceOf(StoreUnavailableError)
    expect(refused.message).toMatch(/answers 401 .*check that the token may read and write bucket test-/)
    expect(JSON.stringify([refused.message, refused.stack, refused.cause])).not.toContain('a-wrong-secret')
    await stranger.close()

    const lost = await open({ bucket: 'no-such-bucket' })
    await expect(lost.write(batch, [])).rejects.toThrow(/check that bucket no-such-bucket exists/)
    await lost.close()
  })

  test('what InfluxDB will never take is no matter of waiting', async () => {
    const bucket = await createBucket()
    await createConnection({ ...peer, bucket }).write(['reading,point=x num="a text" 0'])
    const store = await open({ bucket })
    const refused = await store.write(toColumns([reading(T0, 1)]), []).catch(error => error)
    // Both writers chose the day's shard, where a field has one type.
    const again = await store.write(toColumns([reading(1, 1)]), []).catch(error => error)
    expect(refused).toEqual({ written: 1, repeated: 0, conflicts: [] })
    expect(again).toBeInstanceOf(Error)
    expect(again).not.toBeInstanceOf(StoreUnavailableError)
    expect(again.message).toMatch(/refuses what is sent to bucket test-.*field type conflict/)
    await store.close()
  })
})

/** A line to InfluxDB that loses the answer to a request, or refuses it, when told to. */
async function startBadLine() {
  let lose: string | undefined
  let refuse: string | undefined
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString()
    if (refuse && body.includes(refuse)) {
      refuse = undefined
      response.writeHead(503).end()
      return
    }
    const headers = {
      authorization: request.headers.authorization!,
      'content-type': request.headers['content-type']!,
    }
    const answer = await fetch(peer.url + request.url, { method: 'POST', headers, body })
    const content = await answer.text()
    if (lose && body.includes(lose)) {
      lose = undefined
      response.destroy()
      return
    }
    const contentType = answer.headers.get('content-type')
    response.writeHead(answer.status, contentType ? { 'content-type': contentType } : {}).end(content)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    loseNextAnswer: (text: string) => {
      lose = text
    },
    refuseNext: (text: string) => {
      refuse = text
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
