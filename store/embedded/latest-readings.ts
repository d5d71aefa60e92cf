import type { QualityCode } from '../../model/quality.ts'
import type { Reading, Value } from '../../model/reading.ts'

/** The newest reading of each point, by point id; as columns, since a region has a million of them. */
export class LatestReadings {
  #times = new Float64Array(0)
  #gatewayTimes = new Float64Array(0)
  readonly #values: Value[] = []
  readonly #qualities: QualityCode[] = []

  /** Its source time; -Infinity where there is none. */
  time(id: number): number {
    return id < this.#times.length ? this.#times[id]! : -Infinity
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
  }
}
