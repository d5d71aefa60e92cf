import type { Purchase } from '../model/purchase.ts'
import type { KeptPurchases } from '../store/purchases.ts'
import type { Operation } from './operation.ts'

/**
 * Keeps what sites bought. What was kept by an attempt that was interrupted counts as repeated.
 * @throws Error where there is no such site; nothing was kept then
 */
export const purchase: Operation<{ purchases: Purchase[] }, KeptPurchases> = async (
  { purchases: open, registry, clock },
  { purchases },
) => {
  const unknown = purchases.find(({ site }) => !registry.sites.has(site))
  if (unknown) throw new Error(`the hub's registry has no site ${unknown.site}`)
  return (await open()).add(purchases, clock.now())
}
