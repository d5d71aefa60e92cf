import { MINUTE_MS } from '../model/time.ts'
import { WrongField } from './problem.ts'

/** A clock of a telephone may be ahead of the hub's by so much. */
const CLOCK_TOLERANCE_MS = 5 * MINUTE_MS

/** @throws WrongField where what is said to have happened has not come yet, by the hub's clock */
export function refuseFuture(time: number, now: number, field: string): void {
  if (time > now + CLOCK_TOLERANCE_MS) throw new WrongField(field, 'in-the-future', 'has not come yet')
}
