import { setImmediate } from 'node:timers/promises'
import type { Statement } from '../model/statement.ts'
import type { Operation } from './operation.ts'

export interface Stated {
  added: number
  repeated: number
  /** Of those added: how many say something else of the same than an earlier one. */
  replaced: number
}

/** What is written at once, before others have their turn. */
const SLICE = 1000

/**
 * Keeps statements on meters and has their consumption computed anew. What was kept by an attempt that was
 * interrupted counts as repeated.
 * @throws Error where there is no such meter; nothing was kept then
 */
export const state: Operation<{ statements: Statement[] }, Stated> = async (
  { statements: open, registry, clock, restated },
  { statements },
  { progress, signal },
) => {
  const unknown = statements.find(({ meter }) => !registry.meters.has(meter))
  if (unknown) throw new Error(`the hub's registry has no meter ${unknown.meter}`)
  const store = await open()
  const outcome: Stated = { added: 0, repeated: 0, replaced: 0 }
  for (let first = 0; first < statements.length; first += SLICE) {
    signal.throwIfAborted()
    const slice = statements.slice(first, first + SLICE)
    const { added, repeated, replaced } = store.add(slice, clock.now())
    outcome.added += added
    outcome.repeated += repeated
    outcome.replaced += replaced
    for (const meter of new Set(slice.map(statement => statement.meter))) restated(meter)
    progress('Keeping statements', (first + slice.length) / statements.length)
    await setImmediate()
  }
  return outcome
}
