import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readJsonFile, replaceJsonFile } from './json-file.ts'
import { type Coverage, NOTHING_COVERED } from './ranges.ts'

/** What an outbox knows besides its entries. Small, rewritten whole. */
export interface OutboxState {
  version: 1
  run: string
  /** Numbers up to this one may have been given: written down before they are. */
  reserved: number
  /** Whether the outbox was closed in order, so that the journal is whole. */
  closed: boolean
  /** The boot of the machine that wrote this; empty where the system does not tell. */
  boot: string
  acknowledged: Coverage
}

const FILE = 'outbox.json'

/**
 * The state of an outbox, new when the folder has none.
 * @throws Error naming the file when it cannot be read.
 */
export function readState(folder: string): OutboxState {
  const kept = readJsonFile(join(folder, FILE)) as OutboxState | undefined
  return (
    kept ?? {
      version: 1,
      run: randomUUID(),
      reserved: 0,
      closed: true,
      boot: bootId(),
      acknowledged: NOTHING_COVERED,
    }
  )
}

/**
 * Replaces the state; it is on the disk when this returns.
 * @throws Error naming the file when it cannot be written; the state is then the one before.
 */
export function writeState(folder: string, state: OutboxState): void {
  replaceJsonFile(join(folder, FILE), state)
}

/**
 * Whether the journal may lack entries whose numbers were given: after a power cut, what was not yet synced
 * is gone; after the end of the process alone, the system still writes everything.
 */
export function mayHaveLost(state: OutboxState): boolean {
  return !state.closed && (state.boot === '' || state.boot !== bootId())
}

export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}
