import type { Logger } from 'pino'
import type { Alert } from '../../model/alert.ts'
import type { Repeater } from './alertmanager.ts'

interface RepeatOptions {
  channel: string
  repeater: Repeater
  /** What is live, of what the channel was told. */
  live(): readonly Alert[]
  log: Logger
}

/** Says at once, and again and again, what is live. */
export function startRepeating({ channel, repeater, live, log }: RepeatOptions): { close(): void } {
  const ending = new AbortController()
  let busy = false
  let failing = false
  async function repeat() {
    if (busy) return
    busy = true
    try {
      await repeater.repeat(live, ending.signal)
      failing = false
    } catch (error) {
      // One line an outage.
      if (!failing && !ending.signal.aborted)
        log.warn({ channel, reason: (error as Error).message }, 'what is live could not be said again')
      failing = true
    } finally {
      busy = false
    }
  }
  void repeat()
  const timer = setInterval(() => void repeat(), repeater.every)
  return {
    close() {
      clearInterval(timer)
      ending.abort()
    },
  }
}
