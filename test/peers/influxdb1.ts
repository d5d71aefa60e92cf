import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { peerProgram } from './cache.ts'
import { freePort, runPeer, untilReady } from './process.ts'

export interface Influxdb1Peer {
  url: string
  /** `user:password` of a user without a right. */
  token: string
  /** There are none in 1.x. */
  org: string
  /** An InfluxQL statement of the administrator. */
  administer(statement: string): Promise<void>
  /** Stops the server and starts it again on the same data and port. */
  stop(): Promise<void>
  start(): Promise<void>
  close(): Promise<void>
}

/** A fresh InfluxDB 1.8 that asks who is there. */
export async function startInfluxdb1(environment: Record<string, string> = {}): Promise<Influxdb1Peer> {
  const folder = await mkdtemp(join(tmpdir(), 'affluent-influxdb1-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const env = {
    INFLUXDB_REPORTING_DISABLED: 'true',
    INFLUXDB_BIND_ADDRESS: '127.0.0.1:0',
    INFLUXDB_META_DIR: join(folder, 'meta'),
    INFLUXDB_DATA_DIR: join(folder, 'data'),
    INFLUXDB_DATA_WAL_DIR: join(folder, 'wal'),
    INFLUXDB_HTTP_BIND_ADDRESS: `127.0.0.1:${port}`,
    INFLUXDB_HTTP_AUTH_ENABLED: 'true',
    INFLUXDB_HTTP_LOG_ENABLED: 'false',
    INFLUXDB_MONITOR_STORE_ENABLED: 'false',
    INFLUXDB_LOGGING_LEVEL: 'error',
    ...environment,
  }

  const launch = async () => {
    // Without a file of settings: those of the system would be read.
    const peer = runPeer(peerProgram('influxdb1'), ['run', '-config', '/dev/null'], env)
    await untilReady(peer, async () => ((await fetch(`${url}/health`)).ok ? true : undefined))
    return peer
  }
  const administer = async (statement: string) => {
    const authorization = `Basic ${Buffer.from('admin:admin-password').toString('base64')}`
    const body = new URLSearchParams({ q: statement })
    const answer = await fetch(`${url}/query`, { method: 'POST', body, headers: { authorization } })
    const content = await answer.text()
    if (!answer.ok || content.includes('"error"')) throw new Error(`${statement}: ${content}`)
  }

  let peer = await launch()
  await administer("CREATE USER admin WITH PASSWORD 'admin-password' WITH ALL PRIVILEGES")
  await administer("CREATE USER affluent WITH PASSWORD 'test-password'")
  return {
    url,
    token: 'affluent:test-password',
    org: '-',
    administer,
    stop: () => peer.close(),
    async start() {
      peer = await launch()
    },
    async close() {
      await peer.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
