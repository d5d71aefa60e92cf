import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { peerProgram } from './cache.ts'
import { freePort, runPeer, untilReady } from './process.ts'

export interface VictoriametricsPeer {
  url: string
  close(): Promise<void>
}

/** A fresh VictoriaMetrics, single node, that keeps its data for a century. */
export async function startVictoriametrics(): Promise<VictoriametricsPeer> {
  const folder = await mkdtemp(join(tmpdir(), 'affluent-victoriametrics-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const peer = runPeer(peerProgram('victoriametrics'), [
    `-storageDataPath=${folder}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    '-retentionPeriod=100y',
    '-loggerLevel=ERROR',
  ])
  await untilReady(peer, async () => ((await fetch(`${url}/health`)).ok ? true : undefined))
  return {
    url,
    async close() {
      await peer.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
