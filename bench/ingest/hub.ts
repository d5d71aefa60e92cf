import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { HubProcessSettings } from './hub-process.ts'

export interface Subject {
  pid: number
  close(): Promise<void>
}

/** As bin/affluent.js starts it. */
const YOUNG_GENERATION = '--max-semi-space-size=4'
const HUB_PROCESS = fileURLToPath(new URL('hub-process.ts', import.meta.url))

/** Our ingest and its store in a process of their own; resolves when it is connected. */
export async function startHub(settings: HubProcessSettings, profileFolder?: string): Promise<Subject> {
  const profile = profileFolder ? ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`] : []
  const child = fork(HUB_PROCESS, [JSON.stringify(settings)], { execArgv: [YOUNG_GENERATION, ...profile] })
  const exited = once(child, 'exit')
  await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error('the hub ended before it was ready'))),
  ])
  return {
    pid: child.pid!,
    async close() {
      child.kill('SIGTERM')
      await exited
    },
  }
}
