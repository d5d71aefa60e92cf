import { pino } from 'pino'
import { openInfluxReadingStore } from '../../store/influxdb/readings.ts'
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
