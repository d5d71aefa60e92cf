import { pino } from 'pino'
import type { Clock } from '../model/clock.ts'
import type { Settings } from '../registry/settings.ts'

/** The only place, beside the browser, where the time of the system is read. */
export const clock: Clock = { now: () => Date.now(), elapsed: () => performance.now() }

/** What has not stopped by then is ended: everything that was acknowledged is on disk. */
const STOP_DEADLINE_MS = 4500

/** Logs go to standard error as JSON lines; a service manager or a container keeps them. */
export function createLog({ logLevel }: Settings) {
  return pino({ level: logLevel, base: undefined }, pino.destination({ fd: 2, sync: true }))
}

/** Aborts on the first SIGINT or SIGTERM; a second one, or the deadline, ends the process at once. */
export function stopOnSignal(): AbortSignal {
  const controller = new AbortController()
  const stop = () => {
    if (controller.signal.aborted) process.exit(1)
    controller.abort()
    setTimeout(() => {
      console.error('Not everything stopped in time: the rest is cut off; what was acknowledged is kept.')
      process.exit(1)
    }, STOP_DEADLINE_MS).unref()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return controller.signal
}

export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve()
    // Keeps the process alive also where no part listens on anything.
    const alive = setInterval(() => {}, 3_600_000)
    signal.addEventListener('abort', () => {
      clearInterval(alive)
      resolve()
    })
  })
}
