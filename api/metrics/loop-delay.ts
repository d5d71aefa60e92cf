import { monitorEventLoopDelay } from 'node:perf_hooks'
import { MINUTE_MS } from '../../model/time.ts'

/** Node samples at this interval, and counts it into the delay. */
const RESOLUTION_MS = 10
/** Percentiles are those of the last whole window, so that a slow start does not show for ever. */
const WINDOW_MS = MINUTE_MS

export interface LoopDelay {
  /** Seconds by which the event loop was late, over the last minute. */
  percentile(p: number): number
  close(): void
}

export function watchLoopDelay(): LoopDelay {
  let current = start()
  let last = current
  const timer = setInterval(() => {
    current.disable()
    last = current
    current = start()
  }, WINDOW_MS)
  return {
    percentile: p => Math.max(0, last.percentile(p) / 1e9 - RESOLUTION_MS / 1000),
    close: () => {
      clearInterval(timer)
      current.disable()
    },
  }
}

function start() {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  return histogram
}
