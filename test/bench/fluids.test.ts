import { expect, it } from 'vitest'
import { closeBySides } from '../../bench/fluids/fluids.ts'
import { findPeer } from '../peers/cache.ts'

it.runIf(findPeer('pandas'))(
  'closing a territory with gaps, zeros, rollovers and resets gives the figures of SQL and pandas, each one',
  async () => {
    const { figureCount } = await closeBySides({ meters: 20, days: 30 })
    expect(figureCount).toBeGreaterThan(20 * 24 * 30)
  },
)
