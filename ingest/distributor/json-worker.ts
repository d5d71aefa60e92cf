import { parentPort, workerData } from 'node:worker_threads'
import { FileError } from '../byte-source.ts'
import { type DocumentRow, openExpansion } from './document-rows.ts'
import { parseDocuments } from './json-documents.ts'
import type { JsonAnswer, JsonTask } from './json-rows.ts'
import type { UnreadPart } from './rows.ts'

/** As many as cross to the other side in some milliseconds. */
const ROWS_AT_ONCE = 500

const rows = readRows(workerData)
const port = parentPort!
port.on('message', () => port.postMessage(next()))

function* readRows({ bytes, name, layouts }: JsonTask): Generator<DocumentRow | UnreadPart> {
  const expand = openExpansion(layouts)
  for (const document of parseDocuments(bytes, name)) yield* expand(document)
}

function next(): JsonAnswer {
  try {
    const taken: (DocumentRow | UnreadPart)[] = []
    while (taken.length < ROWS_AT_ONCE) {
      const { value, done } = rows.next()
      if (done) break
      taken.push(value)
    }
    return taken.length > 0 ? { rows: taken } : { done: true }
  } catch (error) {
    if (error instanceof FileError) return { reason: error.reason }
    throw error
  }
}
