import { parentPort, workerData } from 'node:worker_threads'
import type { StreamPosition } from '../model/delivery.ts'
import type { Registry } from '../registry/registry.ts'
import type { Sources } from './dataset.ts'
import { DATASETS } from './datasets.ts'
import { keepFigures } from './kept-figures.ts'
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
}

/** What a publication tells and asks: progress, a call of a source, and at the end its outcomes. */
export type FromWorker =
  | { progress: { dataset: string; done: number } }
  | { call: SourceCall }
  | { outcomes: Outcome[] }

export interface SourceCall {
  id: number
  source: keyof Sources
  name: string
  args: unknown[]
}

/** The answer to a call. */
export type ToWorker = { id: number; result: unknown } | { id: number; error: unknown }

const port = parentPort!
const pending = new Map<number, PromiseWithResolvers<unknown>>()
let lastId = 0

/** Asks the thread that has the stores. */
function remote<T extends object>(source: keyof Sources): T {
  const call = (name: string, args: unknown[]) => {
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

port.on('message', (answer: ToWorker) => {
  const { resolve, reject } = pending.get(answer.id)!
  pending.delete(answer.id)
  if ('error' in answer) reject(answer.error)
  else resolve(answer.result)
})

const { folder, software, registry, now, positions } = workerData as PublishTask
const figures = keepFigures(remote('figures'), folder)
const outcomes = await publish({
  ...{ folder, software, positions, datasets: DATASETS, published: openPublished(folder) },
  context: {
    registry,
    now,
    sources: {
      ...{ figures, excluded: remote('excluded'), readings: remote('readings') },
      ...{ records: remote('records'), climate: remote('climate') },
    },
  },
  onProgress: (dataset, done) => tell({ progress: { dataset, done } }),
})
figures.close()
tell({ outcomes })
port.close()
