import { z } from 'zod'
import type { QuantityName } from '../../model/quantity.ts'
import { HOUR_MS } from '../../model/time.ts'
import { duration } from '../duration.ts'
import type { Misfit, Watched } from './declaration.ts'

const celsius = z.number().min(0).max(100)

export const hotWaterSchema = z
  .strictObject({
    type: z.literal('hot-water'),
    safeFrom: celsius
      .describe(
        'From which temperature on no legionella grows, °C; by default 55 in a storage, 50 where it is distributed.',
      )
      .optional(),
    coldUpTo: celsius.describe('Up to which temperature none grows, °C.').default(25),
    safeAfter: duration.describe('For how long it must be safe to count as heated through.').prefault('1h'),
    after: duration
      .describe('How long it may grow; by default 24 h in a storage, 4 h where it is distributed.')
      .optional(),
    scaldsAbove: celsius.describe('At a point of use, °C.').default(50),
  })
  .describe(
    'Domestic hot water in which legionella has grown for too long, or that scalds at a point of use, by the quantity of the point.',
  )

/** By default, °C, and for how long it may be below it, ms. */
export const HOT_WATER_DEFAULTS: Readonly<
  Partial<Record<QuantityName, { safeFrom: number; after: number } | 'outlet'>>
> = {
  'hot-water-storage-temperature': { safeFrom: 55, after: 24 * HOUR_MS },
  'hot-water-supply-temperature': { safeFrom: 50, after: 4 * HOUR_MS },
  'hot-water-return-temperature': { safeFrom: 50, after: 4 * HOUR_MS },
  'hot-water-outlet-temperature': 'outlet',
}

export function checkHotWater(
  { safeFrom, coldUpTo }: z.output<typeof hotWaterSchema>,
  { id, quantityName }: Watched,
): Misfit | undefined {
  const known = HOT_WATER_DEFAULTS[quantityName]
  if (!known) {
    const names = Object.keys(HOT_WATER_DEFAULTS).join(', ')
    return { path: [], message: `${id} is ${quantityName}: select one of ${names}` }
  }
  if (known === 'outlet' || coldUpTo < (safeFrom ?? known.safeFrom)) return undefined
  return { path: ['coldUpTo'], message: 'nothing would lie between it and what is safe' }
}
