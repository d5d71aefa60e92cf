import type { Exclusion } from '../model/exclusion.ts'
import type { ConsumptionFigure } from '../model/figure.ts'
import type { KeptPeriod } from '../model/period.ts'
import type { PackedFigures } from './figures/packed-figures.ts'
import type { CopyOptions, FileContent } from './file-copy.ts'

/** What was left out of the consumption of a meter. */
export interface MeterExclusions {
  meter: string
  /** How many there are. */
  count: number
  /** The newest of them, ascending; at most as many as were asked for. */
  newest: Exclusion[]
}

/** The figures of a meter and period whose start lies in [from, to). */
export interface FigureSpan {
  meter: string
  period: KeptPeriod
  from: number
  to: number
}

export interface FigureDigest {
  start: number
  digest: string
}

/** The store of computed figures. DuckDB, always. */
export interface FigureStore {
  /**
   * Replaces, in one transaction, all figures of a meter and period whose start lies in [from, to).
   * What is not in `figures` is gone afterwards.
   * @param exclusions what was left out of them, in place of what was before of the same time; absent: as it was
   */
  replace(
    meter: string,
    period: KeptPeriod,
    from: number,
    to: number,
    figures: readonly ConsumptionFigure[],
    exclusions?: readonly Exclusion[],
  ): Promise<void>
  /** What was left out of the consumption with from <= time < to, by meter. */
  exclusions(from: number, to: number, most: number): Promise<MeterExclusions[]>
  /** Figures of one meter with from <= start < to, ascending. */
  consumption(meter: string, period: KeptPeriod, from: number, to: number): Promise<ConsumptionFigure[]>
  /** Figures of spans of one period, as they are handed to another thread: as much at once as memory has room for. */
  packed(spans: readonly FigureSpan[]): Promise<PackedFigures>
  /**
   * Of each start in [from, to) that any of the meters has a figure with, ascending, a digest of all of these: as long
   * as it is the same, so are they. Some hundred times faster than to read them.
   */
  digests(meters: readonly string[], period: KeptPeriod, from: number, to: number): Promise<FigureDigest[]>
  /** Figures of all meters with from <= start < to, by meter, then start. */
  allConsumption(
    period: KeptPeriod,
    from: number,
    to: number,
  ): Promise<(ConsumptionFigure & { meter: string })[]>
  /** What all figures of a meter rest on beside readings, as it was said when they did; undefined before. */
  basis(meter: string): Promise<string | undefined>
  setBasis(meter: string, basis: string): Promise<void>
  /** Copies everything, as it is at one moment, into a new file, while writes go on. */
  copyTo(file: string, options?: CopyOptions): Promise<FileContent>
  close(): Promise<void>
}
