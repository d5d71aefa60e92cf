import { Worker } from 'node:worker_threads'
import { QueryRefusedError } from '../../model/row-query.ts'
import type { Lookup } from './lookup.ts'
import type { LookupOperations, LookupPart } from './lookup-rows.ts'
import type { LookupAnswer, LookupRequest } from './lookup-worker.ts'

/** Lookups in a thread of their own, which the first of them starts. */
export interface Lookups {
  /** @throws QueryRefusedError */
  ask<K extends keyof LookupOperations>(
    name: K,
    lookup: Lookup,
    parts: readonly LookupPart[],
  ): Promise<ReturnType<LookupOperations[K]>>
  close(): Promise<void>
}

/** @param mostWaiting how many may wait at a time */
export function createLookups(mostWaiting: number): Lookups {
  /** In the order of their answers. */
  const waiting: PromiseWithResolvers<never>[] = []
  let worker: Worker | undefined

  function start(): Worker {
    const started = new Worker(new URL('./lookup-worker.ts', import.meta.url))
    started.on('message', (answer: LookupAnswer) => {
      const { resolve, reject } = waiting.shift()!
      if ('error' in answer) reject(answer.error)
      else resolve(answer.result as never)
    })
    started.on('error', error => {
      worker = undefined
      for (const { reject } of waiting.splice(0)) reject(error)
    })
    return started
  }

  return {
    ask(name, lookup, parts) {
      if (waiting.length >= mostWaiting) return Promise.reject(new QueryRefusedError('busy'))
      const asked = Promise.withResolvers<never>()
      waiting.push(asked)
      worker ??= start()
      worker.postMessage({ name, lookup, parts } satisfies LookupRequest)
      return asked.promise
    },
    async close() {
      await worker?.terminate()
      for (const { reject } of waiting.splice(0)) reject(new Error('the lookups are closed'))
    },
  }
}
