import { statSync } from 'node:fs'
import type { MessagePort } from 'node:worker_threads'
import { parentPort, workerData } from 'node:worker_threads'
import type { DuckDBConnection } from '@duckdb/node-api'
import { DuckDBInstance } from '@duckdb/node-api'
import type { Operations, TablesModule } from './database.ts'

/** What the worker is started with: one worker owns one file. */
export interface WorkerSettings {
  file: string
  /** URL of the module whose `openTables` gives the operations. */
  tables: string
  settings: unknown
  /** Bytes. */
  memoryLimit: number
  threads: number
  readOnly: boolean
}

export type Request = { id: number; name: string; args: unknown[] } | { close: true }
export type Answer = { ready: true } | { id: number; result: unknown } | { id: number; error: unknown }

interface Opened {
  operations: Operations
  close(): void
}

async function open(worker: WorkerSettings): Promise<Opened> {
  const { file, tables, settings, memoryLimit, threads, readOnly } = worker
  const instance = await DuckDBInstance.create(file, {
    memory_limit: `${Math.round(memoryLimit / 1024)}KiB`,
    threads: String(threads),
    access_mode: readOnly ? 'READ_ONLY' : 'AUTOMATIC',
    // An extension that is not linked in would be downloaded.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connection = await instance.connect()
  const close = () => {
    connection.closeSync()
    instance.closeSync()
  }
  try {
    const { openTables }: TablesModule = await import(tables)
    const operations = await openTables(connection, file, settings as never)
    return { operations: { ...operations, ...fileOperations(connection, file) }, close }
  } catch (error) {
    close()
    throw error
  }
}

/** What any file can be asked for, beside the operations of its tables. */
export interface FileOperations {
  /**
   * Brings the file up to date and lets it be from then on: what is written goes into the log beside it, and
   * into pages that the file does not use. Returns its length, bytes.
   */
  holdFile(): Promise<number>
  /** Ends that. Returns false when the file had to be opened anew meanwhile, and so may have changed. */
  releaseFile(): Promise<boolean>
}

/** Never to bring the file up to date, whatever the log holds; a large write would go past the log. */
const UPDATE_SETTINGS = [
  "checkpoint_threshold = '1000TB'",
  'auto_checkpoint_skip_wal_threshold = 1000000000000000',
]

function fileOperations(connection: DuckDBConnection, file: string) {
  let held = false
  return {
    async holdFile() {
      await connection.run('CHECKPOINT')
      for (const setting of UPDATE_SETTINGS) await connection.run(`SET ${setting}`)
      held = true
      return statSync(file).size
    },
    async releaseFile() {
      for (const setting of UPDATE_SETTINGS) await connection.run(`RESET ${setting.split(' ')[0]}`)
      return held
    },
  } satisfies FileOperations
}

/** After one of these, such as a full disk in a checkpoint, DuckDB answers nothing until the file is opened anew. */
const FATAL = /^FATAL Error/

async function serve(port: MessagePort, settings: WorkerSettings) {
  let database: Opened | undefined = await open(settings)
  const post = (answer: Answer) => port.postMessage(answer)

  // One call at a time: a transaction belongs to the connection, not to the call.
  let queue = Promise.resolve()
  port.on('message', (request: Request) => {
    queue = queue.then(async () => {
      if ('close' in request) {
        database?.close()
        port.close()
        return
      }
      const { id, name, args } = request
      try {
        database ??= await open(settings)
        post({ id, result: await run(database.operations, name, args) })
      } catch (error) {
        if (database && error instanceof Error && FATAL.test(error.message)) {
          database.close()
          database = undefined
        }
        post({ id, error })
      }
    })
  })
  post({ ready: true })
}

async function run(operations: Operations, name: string, args: unknown[]): Promise<unknown> {
  return operations[name]!(...(args as never[]))
}

if (parentPort) await serve(parentPort, workerData)
