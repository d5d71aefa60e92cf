import { instantOfLocalTime, localDate } from '../../model/calendar.ts'
import { MINUTE_MS } from '../../model/time.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Deliveries } from './deliveries.ts'
import type { HubEvent } from './notice.ts'
import type { Recipient } from './routes.ts'

/** A test that has not arrived after so long has failed. */
export const PATIENCE_MS = 30 * MINUTE_MS

interface DailyTestOptions {
  registry: Registry
  deliveries: Pick<Deliveries, 'recipientsOf' | 'undelivered'>
  tell(event: HubEvent, recipients: readonly Recipient[]): void
}

/**
 * Makes the function that, at any time of a day after that of the test, tells every channel once that the way to it
 * works; and of those that the test has not reached in time the last resort, on other channels, or whoever it has
 * reached where that has no other.
 */
export function openDailyTest({ registry, deliveries, tell }: DailyTestOptions): (now: number) => void {
  const { timeZone, alerting } = registry.territory
  const all = testedChannels(registry)
  const tellOn = (event: HubEvent, channels: readonly string[]) =>
    tell(
      event,
      channels.map(channel => ({ channel })),
    )
  const { test, fallback } = alerting ?? {}
  if (!test || !fallback) return () => {}

  return now => {
    const day = localDate(now, timeZone)
    const at = instantOfLocalTime(`${day}T${test.at}`, timeZone)
    if (now < at) return
    const id = `test-${day}`
    const asked = deliveries.recipientsOf(id)
    if (asked.length === 0) tellOn({ type: 'test', time: now, alert: { id } }, all)
    if (now < at + PATIENCE_MS) return
    const failed = deliveries.undelivered(id, now - PATIENCE_MS)
    if (failed.length === 0) return
    const works = (channel: string) => !failed.includes(channel)
    const resort = fallback.channels.filter(works)
    const others = resort.length > 0 ? resort : all.filter(works)
    tellOn({ type: 'test-failed', time: now, alert: { id: `${id}-failed` }, channels: failed }, others)
  }
}

/** All but the log; a channel of phones is tested as that of each of its people. */
function testedChannels({ channels, people }: Registry): string[] {
  const own = new Set([...people.values()].flatMap(person => person.channels))
  return [...channels.values()]
    .filter(({ id, type }) => type !== 'log' && (type !== 'push' || own.has(id)))
    .map(({ id }) => id)
}
