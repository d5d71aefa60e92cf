import type { ConsumptionFigure } from '../../model/figure.ts'
import type { StatedPart } from '../../model/statement.ts'

/** Ascending figures of several spans, one span after the other, as they cross threads. */
export interface PackedFigures {
  /** How many figures each span has. */
  counts: readonly number[]
  /** {@link FIGURE_NUMBERS} of each figure, one figure after the other. */
  numbers: Float64Array<ArrayBuffer>
  /** What was stated, where something was: by the place of the figure. */
  stated: ReadonlyMap<number, readonly StatedPart[]>
}

export const FIGURE_NUMBERS = ['start', 'end', 'amount', 'coveredMs', 'readings'] as const
const WIDTH = FIGURE_NUMBERS.length

/**
 * @param columns a column for each of {@link FIGURE_NUMBERS}
 * @param stated JSON, null where nothing was
 */
export function packFigures(
  counts: readonly number[],
  columns: readonly (readonly number[])[],
  stated: readonly (string | null)[],
): PackedFigures {
  const numbers = new Float64Array(stated.length * WIDTH)
  const parts = new Map<number, readonly StatedPart[]>()
  for (const [field, column] of columns.entries())
    for (let place = 0; place < stated.length; place++) numbers[place * WIDTH + field] = column[place]!
  for (const [place, text] of stated.entries()) if (text !== null) parts.set(place, JSON.parse(text))
  return { counts, numbers, stated: parts }
}

/** The figures of each span. */
export function unpackFigures({ counts, numbers, stated }: PackedFigures): ConsumptionFigure[][] {
  let next = 0
  return counts.map(count =>
    Array.from({ length: count }, () => {
      const place = next++
      const at = place * WIDTH
      const figure: ConsumptionFigure = {
        ...{ start: numbers[at]!, end: numbers[at + 1]!, amount: numbers[at + 2]! },
        ...{ coveredMs: numbers[at + 3]!, readings: numbers[at + 4]! },
      }
      const parts = stated.get(place)
      return parts ? { ...figure, stated: parts } : figure
    }),
  )
}
