import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from './settings.ts'

/**
 * Where a gateway keeps the registries that it took from its hub: a folder each by its number, the newest in force.
 */
export function followedFolder({ data }: Pick<Settings, 'data'>): string {
  return join(data, 'registry')
}

/** The newest registry that was taken, or the one that the settings name; with its number. */
export function registryInForce(settings: Pick<Settings, 'territory' | 'follow' | 'data'>): {
  territory: string
  number: number
} {
  const { territory, follow } = settings
  if (!follow) return { territory, number: 0 }
  const folder = followedFolder(settings)
  const number = Math.max(follow.number, ...numbersIn(folder))
  return { territory: number > follow.number ? join(folder, String(number)) : territory, number }
}

export function forgetEarlier(folder: string, number: number): void {
  for (const earlier of numbersIn(folder))
    if (earlier < number) rmSync(join(folder, String(earlier)), { recursive: true })
}

function numbersIn(folder: string): number[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter(name => /^\d+$/.test(name))
    .map(Number)
}
