import { once } from 'node:events'
import { type Subject, startProcess } from '../processes.ts'
import type { GatewayProcessSettings } from './gateway-process.ts'
import type { HubProcessSettings } from './hub-process.ts'

export interface Hub extends Subject {
  /** Resolves when so many values are stored. */
  untilStored(values: number): Promise<void>
}

const POLL_MS = 100

/** Our ingest and its store in a process of their own; resolves when it is connected. */
export async function startHub(settings: HubProcessSettings, profileFolder?: string): Promise<Hub> {
  const { child, subject } = await startProcess(program('hub-process.ts'), settings, profileFolder)
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
  return (await startProcess(program('gateway-process.ts'), settings, profileFolder)).subject
}

function program(name: string): URL {
  return new URL(name, import.meta.url)
}
