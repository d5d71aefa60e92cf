import type { Metric } from './exposition.ts'

/** How telling people of alerts goes. */
export interface NotificationStats {
  /** By channel, since its start; `refused` are attempts that failed and are made again, `failed` was given up. */
  counts: Readonly<
    Record<string, { delivered: number; refused: number; failed: number; waiting: number; delayMs: number }>
  >
  /** Since when what waits longest on a channel was to be told, ms UTC. */
  waitingSince: ReadonlyMap<string, number>
  /** When the last daily test went out, ms UTC, and where it has arrived. */
  lastTest: { time: number; arrived: ReadonlyMap<string, boolean> } | undefined
}

/** @param now ms UTC */
export function notificationMetrics(stats: NotificationStats | undefined, now: number): Metric[] {
  if (!stats) return []
  const { waitingSince, lastTest } = stats
  const counts = Object.entries(stats.counts)
  return [
    {
      name: 'affluent_notifications_total',
      help: 'What became of notices of alerts on a channel: failed were given up.',
      type: 'counter',
      samples: counts.flatMap(([channel, { delivered, failed }]) => [
        { labels: { channel, outcome: 'delivered' }, value: delivered },
        { labels: { channel, outcome: 'failed' }, value: failed },
      ]),
    },
    {
      name: 'affluent_notification_retries_total',
      help: 'Attempts to tell that failed, after each of which another one is made.',
      type: 'counter',
      samples: counts.map(([channel, { refused }]) => ({ labels: { channel }, value: refused })),
    },
    {
      name: 'affluent_notifications_waiting',
      help: 'Notices that are still to be told on a channel.',
      type: 'gauge',
      samples: counts.map(([channel, { waiting }]) => ({ labels: { channel }, value: waiting })),
    },
    {
      name: 'affluent_notification_oldest_waiting_seconds',
      help: 'How old the event is that waits longest to be told on a channel; 0 where none does.',
      type: 'gauge',
      samples: counts.map(([channel]) => ({
        labels: { channel },
        value: Math.max(0, now - (waitingSince.get(channel) ?? now)) / 1000,
      })),
    },
    {
      name: 'affluent_notification_delay_seconds',
      help: 'From an event to its delivery on a channel.',
      type: 'summary',
      samples: counts.flatMap(([channel, { delivered, delayMs }]) => [
        { suffix: '_count', labels: { channel }, value: delivered },
        { suffix: '_sum', labels: { channel }, value: delayMs / 1000 },
      ]),
    },
    {
      name: 'affluent_notification_test_delivered',
      help: 'Whether the last daily test has arrived on a channel.',
      type: 'gauge',
      samples: [...(lastTest?.arrived ?? [])].map(([channel, arrived]) => ({
        labels: { channel },
        value: Number(arrived),
      })),
    },
    {
      name: 'affluent_notification_test_timestamp_seconds',
      help: 'When the last daily test went out.',
      type: 'gauge',
      samples: lastTest ? [{ value: lastTest.time / 1000 }] : [],
    },
  ]
}
