import type { KeptPurchases } from '../store/purchases.ts'

/** What crosses the hub's socket at once. */
export const KEPT_AT_ONCE = 20_000

/** How much of what was stated or bought was new. */
export type Kept = KeptPurchases

export function nothingKept(): Kept {
  return { added: 0, repeated: 0, replaced: 0 }
}

export function addKept(total: Kept, more: Kept): void {
  for (const name of ['added', 'repeated', 'replaced'] as const) total[name] += more[name]
}

/** Has things kept, so many at once as cross the hub's socket. */
export async function keepAll<T>(things: readonly T[], keep: (portion: T[]) => Promise<Kept>): Promise<Kept> {
  const kept = nothingKept()
  for (let first = 0; first < things.length; first += KEPT_AT_ONCE)
    addKept(kept, await keep(things.slice(first, first + KEPT_AT_ONCE)))
  return kept
}
