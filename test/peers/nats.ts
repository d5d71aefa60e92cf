import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { peerProgram } from './cache.ts'
import { freePort, type RunningPeer, runPeer, untilReady } from './process.ts'

export interface NatsCluster {
  /** One address a node, MQTT. */
  urls: string[]
  /** Ends a node as a power cut would, or starts it again on its data. */
  kill(node: number): Promise<void>
  start(node: number): Promise<void>
  close(): Promise<void>
}

/** Three NATS servers that keep sessions, retained messages and those of QoS 1 on three disks (JetStream). */
export async function startNatsCluster(): Promise<NatsCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'affluent-nats-'))
  const nodes = await Promise.all(
    [0, 1, 2].map(async i => ({
      name: `n${i}`,
      config: join(folder, `n${i}.conf`),
      client: await freePort(),
      mqtt: await freePort(),
      cluster: await freePort(),
    })),
  )
  const routes = nodes.map(({ cluster }) => `"nats://127.0.0.1:${cluster}"`).join(', ')
  for (const { name, config, client, mqtt, cluster } of nodes) {
    const store = join(folder, name)
    await mkdir(store)
    await writeFile(
      config,
      `server_name: ${name}
listen: "127.0.0.1:${client}"
jetstream { store_dir: "${store}", max_mem: 64MB, max_file: 1GB }
cluster { name: affluent, listen: "127.0.0.1:${cluster}", routes: [${routes}] }
mqtt { listen: "127.0.0.1:${mqtt}", stream_replicas: 3 }
`,
    )
  }
  const urls = nodes.map(({ mqtt }) => `mqtt://127.0.0.1:${mqtt}`)
  const peers: RunningPeer[] = []
  const launch = (i: number) => {
    peers[i] = runPeer(peerProgram('nats'), ['-c', nodes[i]!.config])
  }
  /** A node accepts MQTT once the cluster has its leaders: before, it may close what is connected, without a word. */
  const ready = (i: number) =>
    untilReady(
      peers[i]!,
      async () => {
        const client = await connectAsync(urls[i]!, { reconnectPeriod: 0, connectTimeout: 5000 }, false)
        await client.endAsync(true)
        return true
      },
      60_000,
    )
  for (const i of nodes.keys()) launch(i)
  for (const i of nodes.keys()) await ready(i)
  return {
    urls,
    async kill(node) {
      const { child } = peers[node]!
      const exited = new Promise(resolve => child.once('exit', resolve))
      child.kill('SIGKILL')
      await exited
    },
    async start(node) {
      launch(node)
      await ready(node)
    },
    async close() {
      await Promise.all(peers.map(peer => peer.close()))
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
