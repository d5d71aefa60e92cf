import type * as Files from 'node:fs'
import { dirname, resolve } from 'node:path'

/** What a program did to the files below a folder, in order; paths are relative to it. */
export type Operation =
  | { do: 'make-folder'; path: string }
  | { do: 'create'; path: string; file: number }
  | { do: 'write'; file: number; at: number; bytes: Buffer }
  | { do: 'truncate'; file: number; length: number }
  /** Begun; what was written before is on the disk once it has ended. */
  | { do: 'begin-sync'; file: number; sync: number }
  | { do: 'end-sync'; sync: number }
  | { do: 'sync-folder'; path: string }
  | { do: 'rename'; from: string; to: string }
  | { do: 'remove'; path: string }

const recording = { folder: '', operations: [] as Operation[] }
/** The files of open descriptors, and by path; folders that are open for a sync. */
const descriptors = new Map<number, number>()
const paths = new Map<string, number>()
const folders = new Map<number, string>()
let lastFile = 0
let lastSync = 0
const syncsUnderWay: (() => void)[] = []

/** Begins a new record of what is done below a folder; the list grows as it is done. */
export function recordFiles(folder: string): Operation[] {
  recording.folder = resolve(folder)
  recording.operations = []
  for (const known of [descriptors, paths, folders]) known.clear()
  syncsUnderWay.length = 0
  return recording.operations
}

/** Ends the asynchronous syncs that were begun. */
export function endSyncs(): void {
  for (const end of syncsUnderWay.splice(0)) end()
}

/** The functions of node:fs, which do the same as ever and put down what they do. */
export function recorded(files: typeof Files): typeof Files {
  const note = (operation: Operation) => void recording.operations.push(operation)
  const relative = (path: unknown): string | undefined => {
    const full = resolve(String(path))
    return recording.folder !== '' && full.startsWith(`${recording.folder}/`)
      ? full.slice(recording.folder.length + 1)
      : undefined
  }
  const fileAt = (path: string): number => {
    const known = paths.get(path)
    if (known !== undefined) return known
    paths.set(path, ++lastFile)
    note({ do: 'create', path, file: lastFile })
    return lastFile
  }
  const syncNow = (file: number) => {
    note({ do: 'begin-sync', file, sync: ++lastSync })
    note({ do: 'end-sync', sync: lastSync })
  }

  const openSync: typeof files.openSync = (path, flags, mode) => {
    const descriptor = files.openSync(path, flags, mode)
    const own = relative(path)
    if (own !== undefined && flags === 'a') descriptors.set(descriptor, fileAt(own))
    if (resolve(String(path)).startsWith(recording.folder) && flags === 'r')
      folders.set(descriptor, own ?? '')
    return descriptor
  }
  const writeSync = (descriptor: number, bytes: Buffer, offset: number) => {
    const file = descriptors.get(descriptor)
    const at = file === undefined ? 0 : files.fstatSync(descriptor).size
    const written = files.writeSync(descriptor, bytes, offset)
    if (file !== undefined)
      note({ do: 'write', file, at, bytes: Buffer.from(bytes.subarray(offset, offset + written)) })
    return written
  }
  const fsyncSync: typeof files.fsyncSync = descriptor => {
    const file = descriptors.get(descriptor)
    const folder = folders.get(descriptor)
    if (file !== undefined) syncNow(file)
    else if (folder !== undefined) note({ do: 'sync-folder', path: folder })
  }
  const fsync = (descriptor: number, done: (error: null) => void) => {
    const sync = ++lastSync
    const file = descriptors.get(descriptor)
    if (file !== undefined) note({ do: 'begin-sync', file, sync })
    syncsUnderWay.push(() => {
      if (file !== undefined) note({ do: 'end-sync', sync })
      done(null)
    })
  }
  const ftruncateSync: typeof files.ftruncateSync = (descriptor, length = 0) => {
    files.ftruncateSync(descriptor, length)
    const file = descriptors.get(descriptor)
    if (file !== undefined) note({ do: 'truncate', file, length: length ?? 0 })
  }
  const closeSync: typeof files.closeSync = descriptor => {
    descriptors.delete(descriptor)
    folders.delete(descriptor)
    files.closeSync(descriptor)
  }
  const mkdirSync = (path: string, options: { recursive: true }) => {
    const highest = files.mkdirSync(path, options)
    const made: string[] = []
    if (highest !== undefined) {
      for (let folder = resolve(path); folder !== dirname(resolve(highest)); folder = dirname(folder))
        made.unshift(folder)
    }
    for (const folder of made) {
      const own = relative(folder)
      if (own !== undefined) note({ do: 'make-folder', path: own })
    }
    return highest
  }
  const renameSync: typeof files.renameSync = (from, to) => {
    files.renameSync(from, to)
    const [old, own] = [relative(from), relative(to)]
    if (old === undefined || own === undefined) return
    const file = paths.get(old)
    if (file !== undefined) paths.set(own, file)
    paths.delete(old)
    note({ do: 'rename', from: old, to: own })
  }
  const unlinkSync: typeof files.unlinkSync = path => {
    files.unlinkSync(path)
    const own = relative(path)
    if (own === undefined) return
    paths.delete(own)
    note({ do: 'remove', path: own })
  }
  const writeFileSync = (path: string, content: string | Buffer, options?: { flush?: boolean }) => {
    files.writeFileSync(path, content, options)
    const own = relative(path)
    if (own === undefined) return
    const file = fileAt(own)
    note({ do: 'truncate', file, length: 0 })
    note({ do: 'write', file, at: 0, bytes: Buffer.from(content) })
    if (options?.flush) syncNow(file)
  }
  return {
    ...files,
    openSync,
    writeSync,
    fsyncSync,
    fsync,
    ftruncateSync,
    closeSync,
    mkdirSync,
    renameSync,
    unlinkSync,
    writeFileSync,
  } as typeof Files
}
