import { parentPort, workerData } from 'node:worker_threads'
import type { StreamPosition } from '../model/delivery.ts'
import type { Registry } from '../registry/registry.ts'
import { gatherFigures } from '../store/figures/figure-store.ts'
import type { FigureStore } from '../store/figures.ts'
import { codeVersion, openComputedParts } from './computed-parts.ts'
import type { Sources } from './dataset.ts'
import { DATASETS } from './datasets.ts'
import { type Outcome, publish } from './publish.ts'
import { openPublished } from './published.ts'

/** What a publication is started with. */
export interface PublishTask {
  folder: string
  software: string
  registry: Registry
  /** ms UTC */
  now: number
  positions: readonly StreamPosition[]
  /** Whether all rows are computed. */
  anew: boolean
}

/** What a publication tells and asks: progress, a call of a source, and at the end its outcomes. */
export type FromWorker =
  | { progress: { dataset: string; done: number } }
  | { call: SourceCall }
  | { outcomes: Outcome[] }

export interface SourceCall {
  id: number
  source: Exclude<keyof Sources, 'digests'>
  name: string
  args: unknown[]
}

/** The answer to a call, or that the publication is to be broken off. */
export type ToWorker = { id: number; result: unknown } | { id: number; error: unknown } | { abort: true }

/** More at once would take the threads in between longer to pass on than anybody should wait. */
const FIGURES_AT_ONCE = 40_000

const port = parentPort!
const pending = new Map<number, PromiseWithResolvers<unknown>>()
const stopping = new AbortController()
let lastId = 0

/** Asks the thread that has the stores. */
function remote<T extends object>(source: SourceCall['source']): T {
  const call = async (name: string, args: unknown[]) => {
    stopping.signal.throwIfAborted()
    const id = ++lastId
    const answer = Promise.withResolvers<unknown>()
    pending.set(id, answer)
    tell({ call: { id, source, name, args } })
    return answer.promise
  }
  return new Proxy({} as T, {
    get:
      (_, name) =>
      (...args: unknown[]) =>
        call(String(name), args),
  })
}

function tell(message: FromWorker): void {
  port.postMessage(message)
}

function abort(): void {
  stopping.abort()
  for (const answer of pending.values()) answer.reject(stopping.signal.reason)
  pending.clear()
}

port.on('message', (message: ToWorker) => {
  if ('abort' in message) return abort()
  const answer = pending.get(message.id)
  pending.delete(message.id)
  if ('error' in message) answer?.reject(message.error)
  else answer?.resolve(message.result)
})

const { folder, software, registry, now, positions, anew } = workerData as PublishTask
const store = remote<Pick<FigureStore, 'packed' | 'digests'>>('figures')
const computed = openComputedParts(folder, codeVersion())
try {
  if (anew) computed.forget()
  const outcomes = await publish({
    ...{ folder, software, positions, datasets: DATASETS, published: openPublished(folder) },
    computed,
    context: {
      registry,
      now,
      sources: {
        figures: { consumption: gatherFigures(store, FIGURES_AT_ONCE) },
        ...{ digests: store, excluded: remote('excluded'), readings: remote('readings') },
        ...{ records: remote('records'), climate: remote('climate') },
      },
    },
    onProgress: (dataset, done) => tell({ progress: { dataset, done } }),
    signal: stopping.signal,
  })
  tell({ outcomes })
} finally {
  port.close()
}
