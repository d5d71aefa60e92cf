import { QUARANTINE_KINDS } from '../../model/quarantine.ts'
import type { QuarantineTotal } from '../../store/quarantine.ts'
import type { Metric } from './exposition.ts'

/** What was ever set aside in this data folder, by kind. */
export function quarantineMetrics(totals: readonly QuarantineTotal[]): Metric[] {
  const byKind = (field: 'items' | 'released' | 'forgotten' | 'bytes') =>
    QUARANTINE_KINDS.map(kind => ({
      labels: { kind },
      value: totals.reduce((sum, total) => sum + (total.kind === kind ? total[field] : 0), 0),
    }))
  return [
    {
      name: 'affluent_quarantine_items_total',
      help: 'What could not be stored, and gaps that senders announced.',
      type: 'counter',
      samples: byKind('items'),
    },
    {
      name: 'affluent_quarantine_released_total',
      help: 'Of these, what a replay has stored.',
      type: 'counter',
      samples: byKind('released'),
    },
    {
      name: 'affluent_quarantine_forgotten_total',
      help: 'Of these, what was deleted for want of room or for its age before it was stored.',
      type: 'counter',
      samples: byKind('forgotten'),
    },
    {
      name: 'affluent_quarantine_bytes',
      help: 'What is kept of them on disk.',
      type: 'gauge',
      samples: byKind('bytes'),
    },
  ]
}
