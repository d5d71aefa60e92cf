import type { Logger } from 'pino'
import { pauseAfter } from '../model/backoff.ts'
import { instantOfLocalTime, localDate } from '../model/calendar.ts'
import type { Clock } from '../model/clock.ts'
import { HOUR_MS, MINUTE_MS } from '../model/time.ts'
import type { Outcome } from './publish.ts'
import type { Checked } from './published.ts'
import type { Publisher } from './publisher.ts'

/** So long after its time a publication is late. */
const LATE_MS = 2 * HOUR_MS
const LOOK_MS = MINUTE_MS / 2
const LONGEST_PAUSE_MS = HOUR_MS

export interface ScheduleOptions {
  publisher: Pick<Publisher, 'publish'>
  /** When each dataset was last found to be up to date. */
  checked(): readonly (Checked | undefined)[]
  registry: { hash: string; territory: { timeZone: string } }
  /** Local times of day, `HH:MM`. */
  times: readonly string[]
  /** Resolves when the figures are in step with the readings; rejects where they cannot be. */
  settled(): Promise<void>
  /** How often it looks, ms. */
  lookMs?: number
  clock: Clock
  log: Logger
}

/**
 * Publishes at its times, and at once where something was never published or the registry is another. What fails is
 * tried again after a growing pause.
 */
export function startSchedule(options: ScheduleOptions): { close(): Promise<void> } {
  const { publisher, checked, registry, times, settled, lookMs = LOOK_MS, clock, log } = options
  const { timeZone } = registry.territory
  const closing = new AbortController()
  let failures = 0
  let timer: NodeJS.Timeout | undefined
  let working: Promise<void> = Promise.resolve()

  function isDue(): boolean {
    return checked().some(last => {
      if (!last || last.registry !== registry.hash) return true
      const next = nextTime(last.time, times, timeZone)
      return next !== undefined && next <= clock.now()
    })
  }

  async function look(): Promise<void> {
    if (isDue()) {
      try {
        await settled()
        const failed = tell(await publisher.publish(undefined, closing.signal))
        failures = failed ? failures + 1 : 0
      } catch (error) {
        if (closing.signal.aborted) return
        failures++
        log.error(error, 'the open data could not be published; the last version stays')
      }
    }
    if (!closing.signal.aborted)
      later(failures === 0 ? lookMs : pauseAfter(failures, lookMs, LONGEST_PAUSE_MS))
  }

  function tell(outcomes: readonly Outcome[]): boolean {
    for (const { dataset, version, withdrawn, error } of outcomes) {
      if (error) log.error({ dataset }, `${dataset} could not be published, its last version stays: ${error}`)
      if (version) log.info({ dataset, version: version.version }, 'published')
      if (withdrawn.length > 0) log.warn({ dataset, withdrawn }, 'versions were withdrawn')
    }
    return outcomes.some(({ error }) => error !== undefined)
  }

  function later(delay: number): void {
    timer = setTimeout(() => (working = look()), delay)
  }

  later(0)
  return {
    async close() {
      closing.abort()
      clearTimeout(timer)
      await working
    },
  }
}

/** The first of the times of day after an instant, ms UTC; undefined where there are none. */
export function nextTime(after: number, times: readonly string[], timeZone: string): number | undefined {
  const day = Temporal.PlainDate.from(localDate(after, timeZone))
  return [day, day.add({ days: 1 })]
    .flatMap(date => times.map(time => instantOfLocalTime(`${date}T${time}`, timeZone)))
    .sort((a, b) => a - b)
    .find(time => time > after)
}

/** Until when a dataset should be found up to date again that last was so at an instant, ms UTC. */
export function dueAfter(checkedAt: number, times: readonly string[], timeZone: string): number | undefined {
  const next = nextTime(checkedAt, times, timeZone)
  return next === undefined ? undefined : next + LATE_MS
}
