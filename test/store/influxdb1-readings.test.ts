import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createConnection } from '../../store/influxdb/connection.ts'
import { openInfluxReadingStore } from '../../store/influxdb/readings.ts'
import { StoreUnavailableError } from '../../store/readings.ts'
import { readingStoreContract } from '../contract/reading-store.ts'
import { findPeer } from '../peers/cache.ts'
import { type Influxdb1Peer, startInfluxdb1 } from '../peers/influxdb1.ts'

const log = pino({ level: 'silent' })

describe.runIf(findPeer('influxdb1'))('InfluxDB 1.8', () => {
  let peer: Influxdb1Peer
  let databases = 0
  const start = async () => {
    peer = await startInfluxdb1()
  }
  const close = () => peer.close()

  async function createDatabase(): Promise<string> {
    const name = `test-${++databases}`
    await peer.administer(`CREATE DATABASE "${name}"`)
    await peer.administer(`CREATE RETENTION POLICY "for-ever" ON "${name}" DURATION INF REPLICATION 1`)
    await peer.administer(`GRANT ALL ON "${name}" TO affluent`)
    return name
  }

  readingStoreContract('a retention policy of a database, rolled up at once', {
    async site() {
      const bucket = `${await createDatabase()}/for-ever`
      return {
        open: timeZone => openInfluxReadingStore({ ...peer, bucket, timeZone, log, refreshIntervalMs: 1 }),
        close: async () => {},
      }
    },
    outage: { begin: () => peer.stop(), end: () => peer.start() },
    start,
    close,
  })

  describe('a database', () => {
    beforeAll(start)
    afterAll(close)

    test('is a bucket by its name, of which a span of a series can be erased', async () => {
      const connection = createConnection({ ...peer, bucket: await createDatabase() })
      const lines = (meter: string) =>
        [1, 2, 3].map(time => `consumption,meter=${meter} amount=${time} ${time}`)
      await connection.write([...lines('a'), ...lines('b')])
      await connection.erase('consumption', { meter: 'a' }, { start: 1, end: 3 })
      const [series] = await connection.query(['SELECT "amount" FROM "consumption" GROUP BY "meter"'])
      expect(series!.map(({ tags, rows }) => [tags.meter, rows.length])).toEqual([
        ['a', 1],
        ['b', 3],
      ])
      connection.close()
    })

    test('refuses a wrong password, for now', async () => {
      const stranger = createConnection({ ...peer, token: 'affluent:wrong', bucket: await createDatabase() })
      const refused = await stranger.write(['reading,point=x num=1 0']).catch(error => error)
      expect(refused).toBeInstanceOf(StoreUnavailableError)
      expect(refused.message).toMatch(/answers 401/)
      expect(refused.message).not.toContain('wrong')
      stranger.close()
    })
  })
  test('a database that takes 20 kB in a request gets everything in smaller ones', async () => {
    peer = await startInfluxdb1({ INFLUXDB_HTTP_MAX_BODY_SIZE: '20000' })
    const connection = createConnection({ ...peer, bucket: await createDatabase() })
    await connection.write(Array.from({ length: 5000 }, (_, i) => `reading,point=x num=${i} ${i}`))
    const [series] = await connection.query(['SELECT count("num") FROM "reading"'])
    expect(series![0]!.rows[0]![1]).toBe(5000)
    connection.close()
    await peer.close()
  })
})
