import type { Interval } from '../model/calendar.ts'
import { type HourUse, isKnown, knownShare, type WastedHour } from './hour-use.ts'

/** A time in which a meter stood still in no hour that is known. */
export interface ContinuousFlow extends Interval {
  /** Whether it is known to have stood still behind it. */
  stopped: boolean
  /** Known hours of it. */
  hours: number
  /** Of its time, how much is known: 0 to 1. */
  coverage: number
  /** What was counted in the least of its hours, in the unit: so much never stops. */
  least: number
}

/** Ours: three days, so that a weekend is within it, and nine tenths of them known. */
const ENOUGH_HOURS = 72
const ENOUGH_COVERAGE = 0.9

/**
 * The times of three days and more in which a meter never stood still: there is an hour without use in the days of
 * nearly every building, but none beside a leak. Less than a step of the meter in an hour is not seen.
 *
 * @param hours ascending, without holes
 */
export function continuousFlows(hours: readonly HourUse[]): ContinuousFlow[] {
  const flows: ContinuousFlow[] = []
  let run: HourUse[] = []
  const end = (stopped: boolean) => {
    const flow = flowOf(run, stopped)
    if (flow && flow.hours >= ENOUGH_HOURS && flow.coverage >= ENOUGH_COVERAGE) flows.push(flow)
    run = []
  }
  for (const hour of hours) {
    if (hour.amount !== undefined && hour.amount <= 0) end(true)
    else run.push(hour)
  }
  end(false)
  return flows
}

/** Whether enough hours are known for a continuous flow to have been seen. */
export function couldShowFlow(hours: readonly HourUse[]): boolean {
  return hours.filter(isKnown).length >= ENOUGH_HOURS && knownShare(hours) >= ENOUGH_COVERAGE
}

/** What of the hours within a flow never stops, beyond what is used by right in an hour. */
export function wasteOfFlow(
  { start, end, least }: ContinuousFlow,
  hours: readonly HourUse[],
  byRight: number,
): WastedHour[] {
  const amount = least - byRight
  if (amount <= 0) return []
  return hours
    .filter(hour => isKnown(hour) && hour.start >= start && hour.end <= end)
    .map(hour => ({ start: hour.start, end: hour.end, amount }))
}

function flowOf(run: readonly HourUse[], stopped: boolean): ContinuousFlow | undefined {
  const [first, last] = [run.findIndex(isKnown), run.findLastIndex(isKnown)]
  if (first < 0) return undefined
  const within = run.slice(first, last + 1)
  const known = within.filter(isKnown)
  return {
    start: within[0]!.start,
    end: within.at(-1)!.end,
    stopped,
    hours: known.length,
    coverage: knownShare(within),
    least: Math.min(...known.map(({ amount }) => amount)),
  }
}
