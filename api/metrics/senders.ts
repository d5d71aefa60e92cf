import { type SenderStatus, STREAMS } from '../../model/delivery.ts'
import type { Metric } from './exposition.ts'

/** How full the outboxes of the senders are, and how right their clocks, as they last said. */
export function senderMetrics(senders: readonly SenderStatus[]): Metric[] {
  const fills = senders.flatMap(({ sender, outbox }) => (outbox ? [{ labels: { sender }, outbox }] : []))
  const streams = fills.flatMap(({ labels, outbox }) =>
    STREAMS.flatMap(stream => {
      const fill = outbox.streams[stream]
      return fill ? [{ labels: { ...labels, stream }, ...fill }] : []
    }),
  )
  return [
    {
      name: 'affluent_sender_clock_offset_seconds',
      help: "How far the hub's clock is ahead of a sender's, as it last said.",
      type: 'gauge',
      samples: senders.flatMap(({ sender, clockOffset }) =>
        clockOffset === undefined ? [] : [{ labels: { sender }, value: clockOffset / 1000 }],
      ),
    },
    {
      name: 'affluent_outbox_waiting',
      help: 'Entries in the outbox of a sender that are not yet acknowledged, as it last said.',
      type: 'gauge',
      samples: senders.flatMap(({ sender, waiting = {} }) =>
        STREAMS.filter(stream => stream in waiting).map(stream => ({
          labels: { sender, stream },
          value: waiting[stream]!,
        })),
      ),
    },
    {
      name: 'affluent_outbox_bytes',
      help: 'Size of the journal on disk, as its sender last said.',
      type: 'gauge',
      samples: streams.map(({ labels, bytes }) => ({ labels, value: bytes })),
    },
    {
      name: 'affluent_outbox_limit_bytes',
      help: 'What the journals of a sender may have on disk, together.',
      type: 'gauge',
      samples: fills.map(({ labels, outbox }) => ({ labels, value: outbox.maxBytes })),
    },
    {
      name: 'affluent_outbox_time_left_seconds',
      help: 'How long until a stream must give up entries if nothing is sent, at the present rate.',
      type: 'gauge',
      samples: streams.map(({ labels, timeLeftMs }) => ({
        labels,
        value: timeLeftMs === undefined ? Number.POSITIVE_INFINITY : timeLeftMs / 1000,
      })),
    },
  ]
}
