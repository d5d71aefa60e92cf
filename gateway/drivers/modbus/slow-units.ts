import type { ModbusRequest } from './plan-requests.ts'

/**
 * Which units of a line are too slow for what is asked of them, and when there is time for them: between what is asked
 * of the others, or else in their share of the line. Pure; times in monotonic ms.
 */
export class SlowUnits {
  /** Of the line's time, what they take from the others. */
  readonly #share: number
  /** How long each unit took for its last request. */
  readonly #last = new Map<number, number>()
  /** What is to be asked next of each that is slow. */
  readonly #next = new Map<number, ModbusRequest>()
  /** Until then their share is used up. */
  #usedUntil = -Infinity

  constructor(share: number) {
    this.#share = share
  }

  /** Those that were asked anything so far. */
  get asked(): Iterable<number> {
    return this.#last.keys()
  }

  has(unit: number): boolean {
    return this.#next.has(unit)
  }

  /** How long it most likely takes for one more request. */
  lastTook(unit: number): number {
    return this.#last.get(unit) ?? 0
  }

  took(unit: number, took: number): void {
    this.#last.set(unit, took)
  }

  /** Takes time of their share of the line; what they did not use before `start` is not saved up. */
  use(took: number, start: number): void {
    this.#usedUntil = Math.max(this.#usedUntil, start) + took / this.#share
  }

  /** What took nobody's time is as much as they may have for now, and no debt. */
  useFree(took: number, start: number): void {
    this.#usedUntil = Math.max(this.#usedUntil, start + took / this.#share)
  }

  hasShare(now: number): boolean {
    return this.#usedUntil <= now
  }

  keepsUp(unit: number): void {
    this.#next.delete(unit)
  }

  isLate(unit: number, next: ModbusRequest): void {
    this.#next.set(unit, next)
  }

  /** The requests of a unit, which are in order of address, from where it was left on. */
  fromNext(unit: number, requests: readonly ModbusRequest[]): readonly ModbusRequest[] {
    const next = this.#next.get(unit)
    if (!next) return requests
    const at = requests.findIndex(({ table, address }) => table === next.table && address >= next.address)
    return at > 0 ? [...requests.slice(at), ...requests.slice(0, at)] : requests
  }
}
