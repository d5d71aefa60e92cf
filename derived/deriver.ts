import type { QualityCode } from '../model/quality.ts'
import type { Reading } from '../model/reading.ts'

/** Works out what points without a device say. */
export interface Deriver {
  /** How often it is asked, ms. */
  intervalMs: number
  /** What is known by now; of what is not known nothing. What is not newer than `last` is not told again. */
  derive(last: LastTold): readonly DerivedReading[] | Promise<readonly DerivedReading[]>
}

/** What was told last of a derived point, in this life or another. */
export type LastTold = (point: string) => Reading | undefined

export interface DerivedReading {
  point: string
  /** Of which moment, ms UTC. */
  time: number
  /** In the unit of the point. */
  value: number | boolean
  /** Good, where it is not said. */
  quality?: QualityCode
}
