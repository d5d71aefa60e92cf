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
  /** A request of the operator; rejects with what is answered when it fails. */
  administer(method: string, path: string, body?: object): Promise<unknown>
  /** Makes a bucket, which keeps its data for ever unless it is told otherwise, and gives its name. */
  createBucket(name: string, retentionSeconds?: number): Promise<string>
  /** Ends the server at once. */
  kill(): Promise<void>
  /** Stops the server and starts it again on the same data and port. */
  stop(): Promise<void>
  start(): Promise<void>
  close(): Promise<void>
}

export interface InfluxdbOptions {
  /** Where its data goes, in place of a temporary folder. */
  engineFolder?: string
  /** Default: any free one. */
  port?: number
  /** Left as it is after its installation. */
  isNew?: boolean
}

/** A fresh InfluxDB 2.7 with one organisation, one bucket and its operator token. */
export async function startInfluxdb(options: InfluxdbOptions = {}): Promise<InfluxdbPeer> {
  const folder = await mkdtemp(join(tmpdir(), 'affluent-influxdb-'))
  const { engineFolder = join(folder, 'engine'), port = await freePort(), isNew = false } = options
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
      `--engine-path=${engineFolder}`,
      `--http-bind-address=127.0.0.1:${port}`,
      '--reporting-disabled',
      '--log-level=error',
    ])
    await untilReady(peer, async () => ((await fetch(`${url}/health`)).ok ? true : undefined))
    return peer
  }

  let peer = await launch()
  const administer = async (method: string, path: string, body?: object): Promise<unknown> => {
    const headers = { authorization: `Token ${setup.token}` }
    const answer = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) })
    const content = await answer.text()
    if (!answer.ok) throw new Error(`InfluxDB answers ${answer.status} to ${method} ${path}: ${content}`)
    return content ? JSON.parse(content) : undefined
  }
  if (!isNew) await administer('POST', '/api/v2/setup', setup)
  return {
    url,
    token: setup.token,
    org: setup.org,
    bucket: setup.bucket,
    get pid() {
      return peer.child.pid!
    },
    administer,
    async createBucket(name, retentionSeconds = 0) {
      const { orgs } = (await administer('GET', '/api/v2/orgs')) as { orgs: { id: string; name: string }[] }
      const orgID = orgs.find(org => org.name === setup.org)!.id
      const retentionRules = retentionSeconds ? [{ type: 'expire', everySeconds: retentionSeconds }] : []
      await administer('POST', '/api/v2/buckets', { orgID, name, retentionRules })
      return name
    },
    stop: () => peer.close(),
    async start() {
      peer = await launch()
    },
    kill: () => peer.kill(),
    async close() {
      await peer.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
