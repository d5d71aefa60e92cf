import { randomUUID } from 'node:crypto'
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readJsonFile, replaceJsonFile } from './json-file.ts'
import { type Coverage, NOTHING_COVERED } from './ranges.ts'

/** What an outbox knows besides its entries. Small, rewritten whole. */
export interface OutboxState {
  version: 1
  run: string
  /** Numbers up to this one may have been given: written down before they are. */
  reserved: number
  /** Whether entries are on the disk before they are confirmed; absent in those that are older than this field. */
  synced?: boolean
  /** Whether the outbox was closed in order, so that the journal is whole. */
  closed: boolean
  /** The boot of the machine that wrote this; empty where the system does not tell. */
  boot: string
  acknowledged: Coverage
  /** Where it was written, see {@link placeOf}; absent in those that are older than this field. */
  place?: string
}

export const OUTBOX_FILE = 'outbox.json'

/**
 * The state of an outbox, new when the folder has none.
 * @throws Error naming the file when it cannot be read.
 */
export function readState(folder: string): OutboxState {
  const kept = readJsonFile(join(folder, OUTBOX_FILE)) as OutboxState | undefined
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
  replaceJsonFile(join(folder, OUTBOX_FILE), state)
}

/**
 * Whether the journal may lack entries whose numbers were given: after a power cut, what was not yet synced
 * is gone; after the end of the process alone, the system still writes everything.
 */
export function mayHaveLost(state: OutboxState): boolean {
  return !state.closed && !state.synced && (state.boot === '' || state.boot !== bootId())
}

/**
 * The identity of a folder's place: another for a copy, beside the original or on another machine, and for one
 * that was moved. The clone of a whole machine that keeps its machine-id can't be told from it.
 */
export function placeOf(folder: string): string {
  const { ino } = statSync(folder, { bigint: true })
  return [readOr('/etc/machine-id', ''), ino, realpathSync(folder)].join(' ')
}

export function bootId(): string {
  return readOr('/proc/sys/kernel/random/boot_id', '')
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return otherwise
  }
}
