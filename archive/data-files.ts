import { existsSync, lstatSync, readdirSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import { isOutbox } from '../bus/outbox-copy.ts'

/** A restore sets it first and removes it last. */
export const RESTORING_FILE = 'restoring.json'
/** What a restore has put aside. */
export const REPLACED_PREFIX = 'replaced-'

/**
 * To be called before anything in a data folder is opened.
 * @throws Error where a restore into it has not come to its end
 */
export function refuseUnfinished(data: string): void {
  if (existsSync(join(data, RESTORING_FILE)))
    throw new Error(`a restore into ${data} was interrupted: run affluent restore again`)
}

/** What is in a data folder: paths with `/`, relative to it. */
export interface DataFiles {
  /** Folders, one a stream. */
  outboxes: string[]
  databases: string[]
  records: string[]
  others: string[]
  /** Of all files, without the outboxes. */
  bytes: number
}

/**
 * What a running part holds, makes anew or must keep for itself: locks, logs beside databases, sockets, files
 * that were being replaced; the private keys of OPC-UA clients with their certificates (`own`).
 */
const LEFT_OUT =
  /^(?:lock|own|restoring\.json|replaced-.*|.*\.(?:new|wal|tmp|compacting))$|-(?:wal|shm|journal)$/

/** Lists what a backup must hold. */
export function listDataFiles(folder: string): DataFiles {
  const found: DataFiles = { outboxes: [], databases: [], records: [], others: [], bytes: 0 }
  function visit(path: string) {
    for (const name of readdirSync(join(folder, path)).sort()) {
      if (LEFT_OUT.test(name)) continue
      const inside = path ? `${path}/${name}` : name
      const status = lstatSync(join(folder, inside), { throwIfNoEntry: false })
      if (status?.isDirectory()) {
        if (isOutbox(join(folder, inside))) found.outboxes.push(inside)
        else visit(inside)
      } else if (status?.isFile()) {
        kindOf(found, basename(name)).push(inside)
        found.bytes += status.size
      }
    }
  }
  visit('')
  return found
}

function kindOf({ databases, records, others }: DataFiles, name: string): string[] {
  if (name.endsWith('.duckdb')) return databases
  return name.endsWith('.sqlite') ? records : others
}

/** @throws Error where a backup lies in the data folder: it would be copied, or put aside, with everything else */
export function refuseInside(backup: string, data: string): void {
  const path = relative(resolve(data), resolve(backup))
  if (path.split('/')[0] !== '..')
    throw new Error(`the backup ${backup} lies in the data folder ${data}: choose a folder beside it`)
}
