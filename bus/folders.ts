import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** Makes names that were created or removed in a folder durable. Windows has no such call, and refuses this one. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Makes a folder and those above it where they are missing; their names are durable when this returns. */
export function makeFolder(folder: string): void {
  const highest = mkdirSync(folder, { recursive: true })
  if (highest === undefined) return
  const above = dirname(resolve(highest))
  for (let made = resolve(folder); made !== above; made = dirname(made)) syncFolder(dirname(made))
}
