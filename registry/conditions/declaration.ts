import type { QuantityName } from '../../model/quantity.ts'
import type { Unit } from '../../model/units.ts'
import type { Path } from '../source.ts'

/** A point as the checks of conditions see it; `interval` is how often it speaks, ms. */
export interface Watched {
  id: string
  site: string
  device: string
  quantityName: QuantityName
  unit: Unit
  interval: number
}

/** What does not fit between a condition and one of its points; the path begins at the condition. */
export interface Misfit {
  path: Path
  message: string
}
