import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startMosquitto } from '../../test/peers/mosquitto.ts'
import { type Subject, startProcess } from '../processes.ts'
import type { HubProcessSettings } from './hub-process.ts'
import { type NodeRedLayout, startNodeRed } from './node-red.ts'
import { type Receiver, startReceiver } from './receiver.ts'
import { writeTerritory } from './territory.ts'

export type SideName = 'affluent' | `node-red, ${NodeRedLayout}`

/** One side at work, between a broker and who is told. */
export interface RunningSide {
  pid: number
  /** Of the broker. */
  port: number
  receiver: Receiver
}

/** Runs a measurement on one side, of which everything is new: broker, stores and process. */
export async function runSide<Outcome>(
  side: SideName,
  size: { points: number; rules: number },
  measure: (running: RunningSide) => Promise<Outcome>,
  profileFolder?: string,
): Promise<Outcome> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'affluent-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const { port, url: brokerUrl } = stack.adopt(await startMosquitto(), peer => peer.close())
  const receiver = stack.adopt(await startReceiver(), peer => peer.close())
  const settings = { ...size, webhookUrl: receiver.url }
  let subject: Subject
  if (side !== 'affluent') {
    const layout = side === 'node-red, function' ? 'function' : 'flows'
    subject = await startNodeRed(folder, port, layout, settings)
  } else {
    const registryFile = await writeTerritory(folder, settings)
    const hub: HubProcessSettings = { brokerUrl, folder, registryFile }
    const program = new URL('hub-process.ts', import.meta.url)
    subject = (await startProcess(program, hub, profileFolder)).subject
  }
  stack.defer(subject.close)
  return await measure({ pid: subject.pid, port, receiver })
}
