import { resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { DuckDBConnection } from '@duckdb/node-api'
import { type CopyOptions, copyFile, type FileContent } from '../file-copy.ts'
import type { Answer, FileOperations, Request, WorkerSettings } from './worker.ts'

/** What can be asked of a file: the functions run in its worker thread, one at a time. */
// biome-ignore lint/suspicious/noExplicitAny: the arguments are typed where the operations are
export type Operations = Record<string, (...args: any[]) => Promise<unknown>>

/** A module that the worker loads: it makes the tables where they are missing and gives the operations. */
export interface TablesModule {
  openTables(connection: DuckDBConnection, file: string, settings: never): Promise<Operations>
}

/** A DuckDB file, owned by a worker thread, so that no query ever holds up the event loop. */
export interface Database<O> {
  /** Arguments and results are copied; what is in `transfer` is handed over instead. */
  call<K extends keyof O & string>(
    name: K,
    args: O[K] extends (...args: infer A) => unknown ? A : never,
    transfer?: ArrayBuffer[],
  ): Promise<O[K] extends (...args: never[]) => Promise<infer R> ? R : never>
  /**
   * Copies the file as it is when its turn comes, into a new one. Calls are answered meanwhile; what they write
   * waits in the log beside the file until the copy is done.
   */
  copyTo(file: string, options?: CopyOptions): Promise<FileContent>
  /** Breaks off a copy that is under way. */
  close(): Promise<void>
}

export interface DatabaseOptions {
  /** Default: in memory. */
  file?: string
  /** URL of a {@link TablesModule}. */
  tables: URL
  /** For `openTables`; must survive a structured clone. */
  settings?: unknown
  /** Bytes. No hard cap: joins may exceed it. */
  memoryLimit?: number
  threads?: number
  /** Changes nothing, and needs a file that is there. */
  readOnly?: boolean
}

/** The lock of a file keeps out other processes only; a second open in this one would corrupt it. */
const openFiles = new Set<string>()
const MIB = 1024 ** 2
const IN_MEMORY = ':memory:'

/**
 * @throws Error that names the file when it is held by another process or this one, damaged, or of a
 * newer version.
 */
export async function openDatabase<O>(options: DatabaseOptions): Promise<Database<O>> {
  const { settings, memoryLimit = 512 * MIB, threads = 2, readOnly = false } = options
  const file = options.file === undefined ? IN_MEMORY : resolve(options.file)
  if (openFiles.has(file)) throw new Error(`${file} is open already in this process: close it first`)
  if (file !== IN_MEMORY) openFiles.add(file)

  const workerSettings: WorkerSettings = {
    file,
    tables: options.tables.href,
    settings,
    memoryLimit,
    threads,
    readOnly,
  }
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: workerSettings })
  const pending = new Map<number, { resolve(result: never): void; reject(error: unknown): void }>()
  let lastId = 0
  let ended: Error | undefined

  const opened = Promise.withResolvers<void>()
  const exited = Promise.withResolvers<void>()
  worker.on('message', (answer: Answer) => {
    if ('ready' in answer) return opened.resolve()
    const call = pending.get(answer.id)!
    pending.delete(answer.id)
    if ('error' in answer) call.reject(answer.error)
    else call.resolve(answer.result as never)
  })
  worker.on('error', error => {
    ended = explain(error, file)
  })
  worker.on('exit', () => {
    ended ??= new Error(`the database ${file} is closed`)
    opened.reject(ended)
    for (const call of pending.values()) call.reject(ended)
    pending.clear()
    openFiles.delete(file)
    exited.resolve()
  })
  await opened.promise

  const call: Database<O>['call'] = (name, args, transfer = []) => {
    if (ended) return Promise.reject(ended)
    const id = ++lastId
    return new Promise((resolve, reject) => {
      pending.set(id, { resolve, reject })
      worker.postMessage({ id, name, args } satisfies Request, transfer)
    })
  }
  const callFile = call as Database<FileOperations>['call']

  const closing = new AbortController()
  let copying: Promise<unknown> = Promise.resolve()

  async function copyHeld(to: string, { onBytes, signal }: CopyOptions): Promise<FileContent> {
    const bytes = await callFile('holdFile', [])
    const signals = signal ? [signal, closing.signal] : [closing.signal]
    let copied: FileContent
    try {
      copied = await copyFile(file, to, { bytes, onBytes, signal: AbortSignal.any(signals) })
    } catch (error) {
      await callFile('releaseFile', []).catch(() => {})
      throw error
    }
    if (await callFile('releaseFile', [])) return copied
    throw new Error(`${file} had to be opened anew while it was copied: copy it again`)
  }

  return {
    call,
    copyTo(to, options = {}) {
      const copy = copying.then(() => copyHeld(to, options))
      copying = copy.catch(() => {})
      return copy
    },
    async close() {
      closing.abort(new Error(`${file} is being closed`))
      await copying
      if (!ended) worker.postMessage({ close: true } satisfies Request)
      await exited.promise
    },
  }
}

function explain(error: unknown, file: string): Error {
  const message = error instanceof Error ? error.message : String(error)
  if (message.includes('Could not set lock')) {
    const holder = /PID (\d+)/.exec(message)?.[1]
    return new Error(
      `${file} is held by another process${holder ? ` (PID ${holder})` : ''}: ` +
        'stop that one, or start with another data folder',
      { cause: error },
    )
  }
  const named = message.includes(file) ? message : `${file}: ${message}`
  if (!isDamage(message)) return new Error(named, { cause: error })
  const advice = `${file} is damaged: affluent store check tells what can be done; restoring a backup mends it`
  return new Error(`${advice} (${message})`, { cause: error })
}

/** Whether DuckDB says that a file does not hold what it wrote. */
export function isDamage(message: string): boolean {
  return /[Cc]orrupt|Failure while replaying WAL|not a valid DuckDB|Could not read enough bytes|Serialization Error/.test(
    message,
  )
}
