import type { Logger } from 'pino'
import type { Bus } from '../../bus/contract.ts'
import { encodeForecasts } from '../../bus/forecast-codec.ts'
import { topics } from '../../bus/topics.ts'
import { pauseAfter } from '../../model/backoff.ts'
import type { Clock } from '../../model/clock.ts'
import { type ForecastBoard, forecastBoard } from '../../model/forecast.ts'
import { MINUTE_MS } from '../../model/time.ts'
import type { ForecastSource } from '../../registry/forecast-schema.ts'
import type { Registry } from '../../registry/registry.ts'
import type { ForecastStore } from '../../store/forecasts.ts'
import { createFetcher, DocumentFault } from '../drivers/http/fetch-document.ts'
import { ForecastFault, readForecasts } from './formats.ts'

interface ForecastsOptions {
  registry: Pick<Registry, 'forecasts'>
  store: ForecastStore
  bus: Bus
  clock: Clock
  log: Logger
}

/** How a source answered last; times are ms UTC. */
export interface SourceState {
  /** When it was asked last. */
  asked?: number
  /** Why its last answer is not used. */
  problem?: string
}

export interface Forecasts {
  /** What is known of what was issued, stale or not. */
  board: ForecastBoard
  /** By source. */
  states: ReadonlyMap<string, SourceState>
  /**
   * Begins to ask the sources.
   * @param played where the simulators play some of them, by source
   */
  ask(played?: ReadonlyMap<string, string>): void
  close(): void
}

/** A source that has failed is asked again after so long, and ever later, ms. */
const FIRST_PAUSE_MS = MINUTE_MS

/**
 * Asks the sources of forecasts in the registry, once it is told to, keeps what they issue, and leaves the newest issue
 * of each, retained, for the rules. An answer that is no forecast changes nothing but the state of its source: the last good one stays
 * until it is stale.
 */
export function openForecasts({ registry, store, bus, clock, log }: ForecastsOptions): Forecasts {
  const board = forecastBoard(source => registry.forecasts.get(source)?.staleAfter)
  const states = new Map<string, SourceState>()
  board.put(store.latest())

  function publish(source: string): void {
    const issued = board.all().filter(forecast => forecast.source === source)
    if (issued.length === 0 || !bus.connected) return
    bus.publish(topics.forecasts(source), encodeForecasts(issued), { retain: true }).catch(error => {
      log.warn({ err: error, source }, 'a forecast was not published; it is on the next connect')
    })
  }

  function takeAnswer(source: ForecastSource, document: unknown): void {
    const now = clock.now()
    const forecasts = readForecasts(source, document, now)
    if (!store.add(forecasts, now)) return
    store.forget(source.id, now - source.keep)
    board.put(forecasts)
    publish(source.id)
  }

  const asking = new DisposableStack()
  function ask(source: ForecastSource): void {
    const { close } = askAgainAndAgain(source, {
      take: document => takeAnswer(source, document),
      note(problem) {
        const before = states.get(source.id)?.problem
        states.set(source.id, { asked: clock.now(), problem })
        if (problem !== undefined && problem !== before) log.warn(`forecasts of ${source.id}: ${problem}`)
      },
      log,
    })
    asking.defer(close)
  }

  const stop = bus.onConnect(() => {
    for (const source of registry.forecasts.keys()) publish(source)
  })
  return {
    board,
    states,
    ask(played) {
      for (const source of registry.forecasts.values())
        ask({ ...source, url: played?.get(source.id) ?? source.url })
    },
    close() {
      stop()
      asking.dispose()
    },
  }
}

interface Asking {
  /** @throws ForecastFault */
  take(document: unknown): void
  note(problem: string | undefined): void
  log: Logger
}

function askAgainAndAgain(source: ForecastSource, { take, note, log }: Asking): { close(): void } {
  const fetcher = createFetcher({ ...source, conditional: true, connections: 1 }, undefined)
  let failures = 0
  let closed = false
  let timer: ReturnType<typeof setTimeout> | undefined

  async function ask(): Promise<void> {
    const problem = await fetcher
      .fetch('')
      .then(take)
      .then(() => undefined, reasonOf)
    if (closed) return
    failures = problem === undefined ? 0 : failures + 1
    note(problem)
    const pause = failures === 0 ? source.every : pauseAfter(failures, FIRST_PAUSE_MS, source.every)
    timer = setTimeout(ask, pause)
  }

  function reasonOf(error: unknown): string {
    if (error instanceof DocumentFault || error instanceof ForecastFault) return `the answer ${error.message}`
    log.error({ err: error, source: source.id }, 'a forecast could not be kept')
    return 'the answer could not be kept'
  }

  void ask()
  return {
    close() {
      closed = true
      clearTimeout(timer)
      fetcher.close()
    },
  }
}
