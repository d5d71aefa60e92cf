import { type KeptStatements, keepStatements } from '../ingest/statements/keep-statements.ts'
import type { Statement } from '../model/statement.ts'
import type { Operation } from './operation.ts'

/**
 * Keeps statements on meters. What was kept by an attempt that was interrupted counts as repeated.
 * @throws Error where there is no such meter; nothing was kept then
 */
export const state: Operation<{ statements: Statement[] }, KeptStatements> = async (
  { statements: open, registry, clock, restated },
  { statements },
  { progress, signal },
) => {
  const unknown = statements.find(({ meter }) => !registry.meters.has(meter))
  if (unknown) throw new Error(`the hub's registry has no meter ${unknown.meter}`)
  const onProgress = (share: number) => progress('Keeping statements', share)
  return keepStatements(await open(), statements, { now: clock.now(), restated, signal, onProgress })
}
