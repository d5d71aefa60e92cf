import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { GatewayProcessSettings } from './gateway-process.ts'
import type { HubProcessSettings } from './hub-process.ts'

export interface Subject {
  pid: number
  close(): Promise<void>
}

export interface Hub extends Subject {
  /** Resolves when so many values are stored. */
  untilStored(values: number): Promise<void>
}

/** As bin/affluent.js starts it. */
const YOUNG_GENERATION = '--max-semi-space-size=4'
const POLL_MS = 100

/** Our ingest and its store in a process of their own; resolves when it is connected. */
export async function startHub(settings: HubProcessSettings, profileFolder?: string): Promise<Hub> {
  const { child, subject } = await startProcess('hub-process.ts', settings, profileFolder)
  return {
    ...subject,
    async untilStored(values) {
      for (;;) {
        child.send('stored?')
        const [stored] = (await once(child, 'message')) as [number]
        if (stored >= values) return
        await new Promise(resolve => setTimeout(resolve, POLL_MS))
      }
    },
  }
}

/** Our gateway in a process of its own; resolves when it is connected to the hub's broker. */
export async function startGatewayProcess(
  settings: GatewayProcessSettings,
  profileFolder?: string,
): Promise<Subject> {
  return (await startProcess('gateway-process.ts', settings, profileFolder)).subject
}

async function startProcess(
  program: string,
  settings: object,
  profileFolder?: string,
): Promise<{ child: ChildProcess; subject: Subject }> {
  const profile = profileFolder ? ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`] : []
  const path = fileURLToPath(new URL(program, import.meta.url))
  const child = fork(path, [JSON.stringify(settings)], { execArgv: [YOUNG_GENERATION, ...profile] })
  const exited = once(child, 'exit')
  await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error(`${program} ended before it was ready`))),
  ])
  return {
    child,
    subject: {
      pid: child.pid!,
      async close() {
        child.kill('SIGTERM')
        await exited
      },
    },
  }
}
