import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { peerProgram } from './cache.ts'
import { freePort, runPeer, untilReady } from './process.ts'

export interface InfluxdbPeer {
  url: string
  token: string
  org: string
  bucket: string
  readonly pid: number
  /** Stops the server and starts it again on the same data and port. */
  stop(): Promise<void>
  start(): Promise<void>
  close(): Promise<void>
}

/** A fresh InfluxDB 2.7 with one organisation, one bucket and its operator token. */
export async function startInfluxdb(): Promise<InfluxdbPeer> {
  const folder = await mkdtemp(join(tmpdir(), 'affluent-influxdb-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const setup = {
    username: 'test',
    password: 'test-password',
    token: 'test-token',
    org: 'affluent',
    bucket: 'affluent',
  }

  const launch = async () => {
    const peer = runPeer(peerProgram('influxdb'), [
      `--bolt-path=${join(folder, 'influxd.bolt')}`,
      `--sqlite-path=${join(folder, 'influxd.sqlite')}`,
      `--engine-path=${join(folder, 'engine')}`,
      `--http-bind-address=127.0.0.1:${port}`,
      '--reporting-disabled',
      '--log-level=error',
    ])
    await untilReady(peer, async () => ((await fetch(`${url}/health`)).ok ? true : undefined))
    return peer
  }

  let peer = await launch()
  const answer = await fetch(`${url}/api/v2/setup`, { method: 'POST', body: JSON.stringify(setup) })
  if (!answer.ok) throw new Error(`InfluxDB set-up: ${answer.status} ${await answer.text()}`)
  return {
    url,
    token: setup.token,
    org: setup.org,
    bucket: setup.bucket,
    get pid() {
      return peer.child.pid!
    },
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
