import type { Answer } from '../../drivers/modbus/explain.ts'
import { ABSENT, type Probe } from './probe.ts'

/** Units that answer alike, and in a row, from which on it may be one device that does not look at the number. */
const SUSPICIOUS = 8

/**
 * Asks unit by unit, one short read each, and yields those that are there: whatever a unit answers, be it an
 * exception, it is there. `progress` hears what part is done before each question.
 */
export async function* findUnits(
  probe: Probe,
  { from, to, progress }: { from: number; to: number; progress: (unit: number, done: number) => void },
): AsyncGenerator<{ unit: number; answer: Answer }> {
  for (let unit = from; unit <= to; unit++) {
    progress(unit, (unit - from) / (to - from + 1))
    const answer = await probe.ask({ unit, table: 'holding', address: 0, count: 1 })
    if (isThere(answer)) yield { unit, answer }
  }
}

function isThere(answer: Answer): boolean {
  if (answer.kind === 'exception') return !ABSENT.includes(answer.code)
  return answer.kind === 'data' || answer.kind === 'nonsense'
}

/** Whether the units may be one device: many devices on TCP answer whatever number they are asked by. */
export function seemOne(found: readonly { unit: number; answer: Answer }[]): boolean {
  if (found.length < SUSPICIOUS) return false
  return new Set(found.map(({ answer }) => JSON.stringify(answer))).size === 1
}
