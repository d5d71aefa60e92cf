import type { MessagePort } from 'node:worker_threads'
import { parentPort, workerData } from 'node:worker_threads'
import { DuckDBInstance } from '@duckdb/node-api'
import type { Operations, TablesModule } from './database.ts'

/** What the worker is started with: one worker owns one file. */
export interface WorkerSettings {
  file: string
  /** URL of the module whose `openTables` gives the operations. */
  tables: string
  settings: unknown
  memoryLimit: string
  threads: number
}

export type Request = { id: number; name: string; args: unknown[] } | { close: true }
export type Answer = { ready: true } | { id: number; result: unknown } | { id: number; error: unknown }

async function serve(port: MessagePort, { file, tables, settings, memoryLimit, threads }: WorkerSettings) {
  const instance = await DuckDBInstance.create(file, {
    memory_limit: memoryLimit,
    threads: String(threads),
    // An extension that is not linked in would be downloaded.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connection = await instance.connect()
  const { openTables }: TablesModule = await import(tables)
  const operations = await openTables(connection, file, settings as never)
  const post = (answer: Answer) => port.postMessage(answer)

  // One call at a time: a transaction belongs to the connection, not to the call.
  let queue = Promise.resolve()
  port.on('message', (request: Request) => {
    queue = queue.then(async () => {
      if ('close' in request) {
        connection.closeSync()
        instance.closeSync()
        port.close()
        return
      }
      const { id, name, args } = request
      try {
        post({ id, result: await run(operations, name, args) })
      } catch (error) {
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
