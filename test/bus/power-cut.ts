import { dirname } from 'node:path'
import type { Choices } from '../random.ts'
import type { Operation } from './recorded-files.ts'

/** What a disk may hold after a power cut: the content of each file by path, and the folders. */
export interface Left {
  folders: string[]
  files: Map<string, Buffer>
}

/** What becomes of what was not synced. */
export interface Fate {
  /**
   * Of what was written to a file: everything, nothing, the first writes with the next one torn, or any
   * sectors of it, the others being as they were (0 where there was nothing).
   */
  data: 'all' | 'none' | 'prefix' | 'sectors'
  /** Of the names in a folder: every change, none, the first ones, or any of them. */
  names: 'all' | 'none' | 'prefix' | 'any'
}

/** Smaller than those of disks, so that a line of a journal spans some. */
const SECTOR = 64

interface File {
  durable: Buffer
  pending: Change[]
}
type Change = { at: number; bytes: Buffer } | { length: number }

interface Folder {
  durable: Map<string, number>
  pending: (Operation & { do: 'create' | 'rename' | 'remove' | 'make-folder' })[]
}

/** Folders are kept in the same name space as files. */
const FOLDER = -1

/**
 * A disk on which only what was synced is certain: POSIX promises no more, of data, of names, nor of the
 * order between two files.
 */
export class UncertainDisk {
  readonly #files = new Map<number, File>()
  readonly #folders = new Map<string, Folder>([['.', { durable: new Map(), pending: [] }]])
  readonly #syncs = new Map<number, { file: File; changes: Change[] }>()

  apply(operation: Operation): void {
    switch (operation.do) {
      case 'make-folder':
        this.#folders.set(operation.path, { durable: new Map(), pending: [] })
        this.#folders.get(dirname(operation.path))!.pending.push(operation)
        break
      case 'create':
        this.#files.set(operation.file, { durable: Buffer.alloc(0), pending: [] })
        this.#folders.get(dirname(operation.path))!.pending.push(operation)
        break
      case 'rename':
      case 'remove': {
        const path = operation.do === 'rename' ? operation.to : operation.path
        this.#folders.get(dirname(path))!.pending.push(operation)
        break
      }
      case 'write':
      case 'truncate':
        this.#files.get(operation.file)!.pending.push(operation)
        break
      case 'begin-sync': {
        const file = this.#files.get(operation.file)!
        this.#syncs.set(operation.sync, { file, changes: [...file.pending] })
        break
      }
      case 'end-sync': {
        const { file, changes } = this.#syncs.get(operation.sync)!
        const synced = changes.filter(change => file.pending.includes(change))
        file.durable = synced.reduce(change, file.durable)
        file.pending = file.pending.filter(change => !synced.includes(change))
        break
      }
      case 'sync-folder': {
        const folder = this.#folders.get(operation.path || '.')!
        for (const change of folder.pending) rename(folder.durable, change)
        folder.pending = []
      }
    }
  }

  /** Whether all that was written to the files is on the disk. */
  get isSynced(): boolean {
    return this.#files.values().every(({ pending }) => pending.length === 0)
  }

  /** One of the things that it may hold when the power fails now. */
  cut({ data, names }: Fate, choices: Choices): Left {
    const left: Left = { folders: [], files: new Map() }
    const walk = (path: string) => {
      const folder = this.#folders.get(path)!
      const entries = new Map(folder.durable)
      for (const change of keep(folder.pending, names, choices)) rename(entries, change)
      for (const [name, file] of entries) {
        if (file !== FOLDER) left.files.set(name, contentOf(this.#files.get(file)!, data, choices))
        else {
          left.folders.push(name)
          walk(name)
        }
      }
    }
    walk('.')
    return left
  }
}

function rename(entries: Map<string, number>, operation: Folder['pending'][number]): void {
  if (operation.do === 'make-folder') entries.set(operation.path, FOLDER)
  else if (operation.do === 'create') entries.set(operation.path, operation.file)
  else if (operation.do === 'remove') entries.delete(operation.path)
  else {
    // A name whose creation is lost is not there to be given another.
    const file = entries.get(operation.from)
    if (file === undefined) return
    entries.delete(operation.from)
    entries.set(operation.to, file)
  }
}

function keep<T>(pending: readonly T[], fate: Fate['names'], choices: Choices): readonly T[] {
  if (fate === 'all') return pending
  if (fate === 'none') return []
  if (fate === 'prefix') return pending.slice(0, choices.between(0, pending.length))
  return pending.filter(() => choices.chance(0.5))
}

function contentOf({ durable, pending }: File, fate: Fate['data'], choices: Choices): Buffer {
  if (fate === 'none' || pending.length === 0) return durable
  const all = pending.reduce(change, durable)
  if (fate === 'all') return all
  if (fate === 'prefix') {
    const whole = choices.below(pending.length)
    const begun = pending.slice(0, whole).reduce(change, durable)
    const torn = pending[whole]!
    return 'bytes' in torn
      ? change(begun, { at: torn.at, bytes: torn.bytes.subarray(0, choices.between(0, torn.bytes.length)) })
      : begun
  }
  const left = Buffer.from(all)
  for (let at = 0; at < left.length; at += SECTOR) {
    if (choices.chance(0.5)) continue
    const sector = left.subarray(at, at + SECTOR).fill(0)
    sector.set(durable.subarray(at, at + sector.length))
  }
  return left
}

function change(content: Buffer, change: Change): Buffer {
  if ('length' in change) return content.subarray(0, change.length)
  const changed = Buffer.alloc(Math.max(content.length, change.at + change.bytes.length))
  content.copy(changed)
  change.bytes.copy(changed, change.at)
  return changed
}
