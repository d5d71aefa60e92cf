import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { peerProgram } from './cache.ts'
import { runPeer } from './process.ts'

/** A Telegraf that runs with a configuration (TOML); `output` is what it has printed so far. */
export async function startTelegraf(config: string): Promise<{ output(): string; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'affluent-telegraf-'))
  const file = join(folder, 'telegraf.conf')
  await writeFile(file, config)
  const peer = runPeer(peerProgram('telegraf'), ['--config', file])
  return {
    output: peer.output,
    async close() {
      await peer.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
