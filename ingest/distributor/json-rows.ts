import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { type ByteSource, FileError, fileError, readWhole } from '../byte-source.ts'
import { type DocumentLayout, type DocumentRow, openExpansion } from './document-rows.ts'
import { LONGEST_DOCUMENT, parseDocuments } from './json-documents.ts'
import type { UnreadPart } from './rows.ts'

/** What the thread is started with. */
export interface JsonTask {
  bytes: Uint8Array<ArrayBuffer>
  name: string
  layouts: readonly DocumentLayout[]
}

/** Rows each time that they are asked for, until there are none. */
export type JsonAnswer = { rows: (DocumentRow | UnreadPart)[] } | { reason: string } | { done: true }

/** To start a thread takes longer than to read so much. */
const READ_AT_ONCE = 256 * 1024

/**
 * The rows of the documents of a JSON file. A large one is parsed in a thread of its own: for a second or more, nothing
 * else would be done here.
 * @throws FileError naming it and the line
 */
export async function* readJsonRows(
  source: ByteSource,
  layouts: readonly DocumentLayout[],
): AsyncGenerator<DocumentRow | UnreadPart> {
  const { name } = source
  const bytes = await readWhole(source, LONGEST_DOCUMENT)
  if (bytes.length > READ_AT_ONCE) {
    yield* readInThread({ bytes, name, layouts })
    return
  }
  const expand = openExpansion(layouts)
  for (const document of parseDocuments(bytes, name)) yield* expand(document)
}

async function* readInThread(task: JsonTask): AsyncGenerator<DocumentRow | UnreadPart> {
  const worker = new Worker(new URL('./json-worker.ts', import.meta.url), {
    workerData: task,
    transferList: [task.bytes.buffer],
  })
  try {
    while (true) {
      worker.postMessage('more')
      const [answer] = (await once(worker, 'message')) as [JsonAnswer]
      if ('done' in answer) return
      if ('reason' in answer) throw new FileError(task.name, answer.reason)
      yield* answer.rows
    }
  } catch (error) {
    throw fileError(task.name, error)
  } finally {
    await worker.terminate()
  }
}
