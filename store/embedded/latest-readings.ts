import type { Interval } from '../../model/calendar.ts'
import type { QualityCode } from '../../model/quality.ts'
import type { Reading, Value } from '../../model/reading.ts'

/** The newest reading of each point, by point id; as columns, since a region has a million of them. */
export class LatestReadings {
  #times = new Float64Array(0)
  #gatewayTimes = new Float64Array(0)
  #holeStarts = new Float64Array(0)
  #holeEnds = new Float64Array(0)
  readonly #values: Value[] = []
  readonly #qualities: QualityCode[] = []

  /** Its source time; -Infinity where there is none. */
  time(id: number): number {
    return id < this.#times.length ? this.#times[id]! : -Infinity
  }

  /** The newest source time of all; -Infinity where there is none. */
  newest(): number {
    return this.#times.reduce((newest, time) => Math.max(newest, time), -Infinity)
  }

  get(id: number, point: string): Reading | undefined {
    const time = this.time(id)
    if (time === -Infinity) return undefined
    return {
      point,
      time,
      value: this.#values[id]!,
      quality: this.#qualities[id]!,
      gatewayTime: this.#gatewayTimes[id]!,
    }
  }

  /**
   * A stretch strictly between two times in which nothing is stored, the longest that is known: after an outage
   * its readings come behind those that are newer. Empty where none is known.
   */
  hole(id: number): Interval {
    return { start: this.#holeStarts[id] ?? 0, end: this.#holeEnds[id] ?? 0 }
  }

  /** Of a point that has a reading. */
  setHole(id: number, start: number, end: number): void {
    this.#holeStarts[id] = start
    this.#holeEnds[id] = end
  }

  set(id: number, time: number, value: Value, quality: QualityCode, gatewayTime: number): void {
    if (id >= this.#times.length) this.#grow(Math.max(1024, 2 * id))
    this.#times[id] = time
    this.#values[id] = value
    this.#qualities[id] = quality
    this.#gatewayTimes[id] = gatewayTime
  }

  #grow(length: number): void {
    const times = new Float64Array(length).fill(-Infinity)
    times.set(this.#times)
    this.#times = times
    const gatewayTimes = new Float64Array(length)
    gatewayTimes.set(this.#gatewayTimes)
    this.#gatewayTimes = gatewayTimes
    const holeStarts = new Float64Array(length)
    holeStarts.set(this.#holeStarts)
    this.#holeStarts = holeStarts
    const holeEnds = new Float64Array(length)
    holeEnds.set(this.#holeEnds)
    this.#holeEnds = holeEnds
  }
}
