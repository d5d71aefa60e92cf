import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { peerProgram } from './cache.ts'
import { freePort, runPeer, untilReady } from './process.ts'

export interface AlertmanagerPeer {
  url: string
  /** What fires there. */
  alerts(): Promise<{ labels: Record<string, string>; annotations: Record<string, string>; endsAt: string }[]>
  close(): Promise<void>
}

/** An Alertmanager on loopback, alone, which tells nobody. */
export async function startAlertmanager(): Promise<AlertmanagerPeer> {
  const folder = await mkdtemp(join(tmpdir(), 'affluent-alertmanager-'))
  const port = await freePort()
  const config = join(folder, 'alertmanager.yml')
  await writeFile(config, 'route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n')
  const url = `http://127.0.0.1:${port}`
  const peer = runPeer(peerProgram('alertmanager'), [
    ...[`--config.file=${config}`, `--storage.path=${folder}`],
    ...[`--web.listen-address=127.0.0.1:${port}`, '--cluster.listen-address='],
  ])
  await untilReady(peer, async () => (await fetch(`${url}/-/ready`)).ok)
  return {
    url,
    alerts: async () => (await (await fetch(`${url}/api/v2/alerts`)).json()) as never,
    async close() {
      await peer.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
