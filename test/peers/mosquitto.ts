import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { peerProgram } from './cache.ts'
import { freePort, runPeer, untilReady } from './process.ts'

export interface MosquittoPeer {
  url: string
  port: number
  stop(): Promise<void>
  start(): Promise<void>
  /** Ends the server without a word. */
  kill(): Promise<void>
  close(): Promise<void>
}

/** A Mosquitto on loopback that keeps nothing on disk; `settings` are further lines of its configuration. */
export async function startMosquitto(settings = 'allow_anonymous true'): Promise<MosquittoPeer> {
  const folder = await mkdtemp(join(tmpdir(), 'affluent-mosquitto-'))
  const port = await freePort()
  const config = join(folder, 'mosquitto.conf')
  await writeFile(config, `listener ${port} 127.0.0.1\nmax_queued_messages 0\n${settings}\n`)
  const launch = async () => {
    const peer = runPeer(peerProgram('mosquitto'), ['-c', config])
    await untilReady(peer, () => canConnect(port))
    return peer
  }
  let peer = await launch()
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
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

function canConnect(port: number): Promise<true> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', reject)
  })
}
