import { setImmediate } from 'node:timers/promises'
import type { Statement } from '../../model/statement.ts'
import type { StatementStore } from '../../store/statements.ts'

export interface KeptStatements {
  added: number
  repeated: number
  /** Of those added: how many say something else of the same than an earlier one. */
  replaced: number
}

/** What is written at once, before others have their turn. */
const SLICE = 1000

/** Keeps statements on meters, and has their consumption computed anew. */
export async function keepStatements(
  store: StatementStore,
  statements: readonly Statement[],
  options: {
    /** ms UTC */
    now: number
    restated(meter: string): void
    signal: AbortSignal
    onProgress?: (share: number) => void
  },
): Promise<KeptStatements> {
  const { now, restated, signal, onProgress } = options
  const kept: KeptStatements = { added: 0, repeated: 0, replaced: 0 }
  for (let first = 0; first < statements.length; first += SLICE) {
    signal.throwIfAborted()
    const slice = statements.slice(first, first + SLICE)
    const { added, repeated, replaced } = store.add(slice, now)
    kept.added += added
    kept.repeated += repeated
    kept.replaced += replaced
    for (const meter of new Set(slice.map(statement => statement.meter))) restated(meter)
    onProgress?.((first + slice.length) / statements.length)
    await setImmediate()
  }
  return kept
}
