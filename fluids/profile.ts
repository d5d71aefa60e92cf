import { HOUR_MS } from '../model/time.ts'
import { type UseProfile, weighHours } from '../model/use-profile.ts'
import { divide, type Segment } from './spans.ts'

/**
 * Spreads what is known of longer times only over their hours as a meter usually counts, in place of evenly. Its
 * amount stays what it is, to the step.
 */
export function spreadByProfile(
  segments: readonly Segment[],
  profile: UseProfile,
  timeZone: string,
): Segment[] {
  return segments.flatMap(segment => {
    if (segment.covered || segment.end - segment.start <= HOUR_MS) return [segment]
    const hours = weighHours(segment, profile, timeZone)
    // Nothing is usual then: evenly, as without a profile.
    if (hours.every(({ weight }) => weight === 0)) return [segment]
    const shares = divide(
      segment.amount,
      hours.map(({ weight }) => weight),
    )
    return hours.map(({ start, end }, at) => ({ ...segment, start, end, amount: shares[at]! }))
  })
}
