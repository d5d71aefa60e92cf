import { parentPort } from 'node:worker_threads'
import type { Lookup } from './lookup.ts'
import { type LookupOperations, type LookupPart, openLookups } from './lookup-rows.ts'

export interface LookupRequest {
  name: keyof LookupOperations
  lookup: Lookup
  parts: readonly LookupPart[]
}

/** One for each request, in their order. */
export type LookupAnswer = { result: unknown } | { error: unknown }

const operations = openLookups()
parentPort!.on('message', ({ name, lookup, parts }: LookupRequest) => {
  const post = (answer: LookupAnswer, transfer: ArrayBuffer[] = []) =>
    parentPort!.postMessage(answer, transfer)
  try {
    const result = operations[name](lookup, parts)
    post({ result }, result instanceof Object && 'json' in result ? [result.json.buffer as ArrayBuffer] : [])
  } catch (error) {
    post({ error })
  }
})
