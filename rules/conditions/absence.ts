import { qualityOf } from '../../model/quality.ts'
import type { Rule } from '../../registry/registry.ts'
import { type Moment, momentOf, shifted, timeOf } from '../moment.ts'
import { formatTime } from '../text.ts'
import type { Condition } from './condition.ts'
import { settleMs } from './settle.ts'

type AbsenceParameters = Extract<Rule['condition'], { type: 'absence' }>

interface AbsenceMemory {
  /** The newest good reading; before the first one, when the rule began to listen. */
  heard: Moment
  /** How long a point has, after the rules began or could hear again, to speak to them, ms. */
  settle: number
  /** Monotonic ms before which silence proves nothing. */
  settled: number
}

/**
 * True when a point has said nothing good for `after`. A point that was never seen is measured from when the
 * rule began to listen. A silence that is older than this run goes on, for a restart does not begin it anew;
 * but while the rules cannot hear, and until the point has had time (twice what it may take) to speak to them
 * again, its silence is unknown.
 */
export function absenceCondition({ after }: AbsenceParameters): Condition<AbsenceMemory> {
  const isGood = ({ quality }: { quality: Parameters<typeof qualityOf>[0] }) => qualityOf(quality) === 'good'

  return {
    span: latest => (isGood(latest) ? 0 : after),
    begin({ at, point, firingSince, recent }) {
      const spoken = recent.findLast(isGood)
      // Nothing good in the span, or in what came before the alert: silent for at least so long.
      const silent = firingSince || recent.length > 0 ? shifted(firingSince ?? at, -after) : at
      const settle = settleMs(point, after)
      const heard = spoken ? momentOf(timeOf(spoken), at) : silent
      return { heard, settle, settled: at.elapsed + settle }
    },
    read: (memory, reading, at) =>
      isGood(reading) && at.elapsed > memory.heard.elapsed ? { ...memory, heard: at } : memory,
    interrupt: (memory, at) => ({ ...memory, settled: at.elapsed + memory.settle }),
    judge({ heard, settled }, at) {
      if (at.elapsed - heard.elapsed < after) return { verdict: false, since: heard, value: null }
      const since = shifted(heard, after)
      return { verdict: at.elapsed < settled ? 'unknown' : true, since, value: null }
    },
    describe({ since }, point, timeZone) {
      const heard = since.now - after
      return {
        fr: `${point.label.fr} : aucune donnée valable depuis le ${formatTime(heard, timeZone, 'fr')}`,
        en: `${point.label.en}: no valid data since ${formatTime(heard, timeZone, 'en')}`,
      }
    },
  }
}
