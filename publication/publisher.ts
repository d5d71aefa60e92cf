import { Worker } from 'node:worker_threads'
import type { Clock } from '../model/clock.ts'
import type { StreamPosition } from '../model/delivery.ts'
import type { Registry } from '../registry/registry.ts'
import type { PackedFigures } from '../store/figures/packed-figures.ts'
import type { FigureStore } from '../store/figures.ts'
import type { Sources } from './dataset.ts'
import type { Outcome } from './publish.ts'
import type { FromWorker, PublishTask, SourceCall, ToWorker } from './publish-worker.ts'
import type { Published } from './published.ts'

export interface PublisherOptions {
  /** Where versions are kept. */
  folder: string
  /** What is told from there. */
  published: Published
  registry: Registry
  sources: Omit<Sources, 'figures' | 'digests'> & { figures: Pick<FigureStore, 'packed' | 'digests'> }
  /** How far the streams of readings are stored. */
  positions(): Promise<readonly StreamPosition[]>
  software: string
  clock: Clock
  /** Called when a publication has ended, however it did. */
  onEnd?(): void
}

export interface Publisher {
  /**
   * Publishes what has changed, in a thread of its own; one publication at a time, the next waits.
   * @param anew whether all rows are computed, also those that are made of the same as before
   * @throws Error where none could begin or it was broken off; what failed of single datasets is in the outcomes
   */
  publish(
    onProgress?: (dataset: string, done: number) => void,
    signal?: AbortSignal,
    anew?: boolean,
  ): Promise<Outcome[]>
  /** Breaks off a publication that is under way. */
  close(): Promise<void>
}

export function createPublisher(options: PublisherOptions): Publisher {
  const { folder, published, registry, sources, positions, software, clock, onEnd } = options
  const closing = new AbortController()
  let turn: Promise<unknown> = Promise.resolve()

  async function run(
    onProgress: Parameters<Publisher['publish']>[0],
    signal: AbortSignal,
    anew: boolean,
  ): Promise<Outcome[]> {
    const stored = await positions()
    signal.throwIfAborted()
    const task: PublishTask = { folder, software, registry, anew, positions: stored, now: clock.now() }
    const worker = new Worker(new URL('./publish-worker.ts', import.meta.url), { workerData: task })
    const done = Promise.withResolvers<Outcome[]>()
    const exited = Promise.withResolvers<void>()
    // It ends by itself: a thread that is ended from outside while DuckDB works in it takes the process with it.
    const abort = () => {
      done.reject(signal.reason)
      worker.postMessage({ abort: true } satisfies ToWorker)
    }
    signal.addEventListener('abort', abort)
    worker.on('message', (message: FromWorker) => {
      if ('outcomes' in message) done.resolve(message.outcomes)
      else if ('progress' in message) onProgress?.(message.progress.dataset, message.progress.done)
      else void answer(message.call)
    })
    worker.on('error', done.reject)
    worker.on('exit', () => {
      done.reject(new Error('the publication was broken off'))
      exited.resolve()
    })
    async function answer({ id, source, name, args }: SourceCall): Promise<void> {
      const reply = (message: ToWorker, transfer: ArrayBuffer[] = []) => worker.postMessage(message, transfer)
      try {
        const store = sources[source] as unknown as Record<string, (...args: unknown[]) => unknown>
        const result = await store[name]!(...args)
        // Handed over, not copied: what is left behind is not seen by the collector of garbage for long.
        reply({ id, result }, isPacked(result) ? [result.numbers.buffer] : [])
      } catch (error) {
        reply({ id, error })
      }
    }
    let outcomes: Outcome[] | undefined
    try {
      outcomes = await done.promise
      return outcomes
    } finally {
      await exited.promise
      signal.removeEventListener('abort', abort)
      published.reload(outcomes)
      onEnd?.()
    }
  }

  return {
    publish(onProgress, signal, anew = false) {
      const signals = signal ? [signal, closing.signal] : [closing.signal]
      const next = turn.then(() => run(onProgress, AbortSignal.any(signals), anew))
      turn = next.catch(() => {})
      return next
    },
    async close() {
      closing.abort(new Error('the hub is being closed'))
      await turn
    },
  }
}

function isPacked(result: unknown): result is PackedFigures {
  return result instanceof Object && 'numbers' in result && result.numbers instanceof Float64Array
}
