import { isWithin, type ModbusPoint, type ModbusRequest, orderOfPlaces, requestKey } from './plan-requests.ts'

/** Where a unit was left. */
interface Left {
  /** What is still to be asked of it, at least one request. */
  queue: readonly ModbusRequest[]
  /** Whether it answered what it was asked last. */
  answered: boolean
}

/**
 * Which units of a line are too slow for what is asked of them, and when there is time for them: between what is asked
 * of the others, or else in their share of the line. Pure; times in monotonic ms.
 */
export class SlowUnits {
  /** Of the line's time, what they take from the others. */
  readonly #share: number
  /** How long each unit took for its last request. */
  readonly #last = new Map<number, number>()
  readonly #left = new Map<number, Left>()
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
    return this.#left.has(unit)
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

  /** All that was due was read: if that is all that it was left at, it is slow no more. */
  keepsUp(unit: number, points: readonly ModbusPoint[], answered: boolean): void {
    const left = this.#left.get(unit)
    if (!left) return
    const read = new Set(points.map(({ point }) => point))
    const queue = left.queue.filter(request => !request.points.some(({ point }) => read.has(point)))
    if (queue.length > 0) this.#left.set(unit, { queue, answered })
    else this.#left.delete(unit)
  }

  isLate(unit: number, left: Left): void {
    this.#left.set(unit, left)
  }

  answered(unit: number): boolean {
    return this.#left.get(unit)?.answered ?? false
  }

  /** Whether a unit was left in the middle of what is now one request: at a part of what was refused or silent. */
  isLeftWithin(request: ModbusRequest): boolean {
    const left = this.#left.get(request.unit)
    return left !== undefined && isWithin(left.queue[0]!, request)
  }

  /** The requests of a unit, which are in order of place, from where it was left on. */
  fromNext(unit: number, requests: readonly ModbusRequest[]): readonly ModbusRequest[] {
    const next = this.#left.get(unit)?.queue[0]
    if (!next) return requests
    const same = requests.findIndex(request => requestKey(request) === requestKey(next))
    const at = same < 0 ? requests.findIndex(request => orderOfPlaces(request, next) >= 0) : same
    return at > 0 ? [...requests.slice(at), ...requests.slice(0, at)] : requests
  }
}
