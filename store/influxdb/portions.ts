import { StoreTimeoutError, TooLargeError } from './errors.ts'

/** Where an answer came too late, no fewer than this go into the next request. */
const SMALLEST_AFTER_TIMEOUT = 500

/**
 * Sends many things in requests of a size that the other end takes: one that is too large for it or for a
 * proxy is halved, once and for all; one that was not answered in time is halved until the next that is.
 */
export class Portions {
  #largest: number
  #size: number

  constructor(largest: number) {
    this.#largest = largest
    this.#size = largest
  }

  async send<T>(items: readonly T[], send: (portion: readonly T[]) => Promise<void>): Promise<void> {
    for (let first = 0; first < items.length; ) {
      const portion = items.slice(first, first + this.#size)
      try {
        await send(portion)
        first += portion.length
        this.#size = Math.min(this.#largest, this.#size * 2)
      } catch (error) {
        if (error instanceof StoreTimeoutError)
          this.#size = Math.min(this.#size, Math.max(SMALLEST_AFTER_TIMEOUT, portion.length >> 1))
        if (!(error instanceof TooLargeError) || portion.length === 1) throw error
        this.#largest = portion.length >> 1
        this.#size = this.#largest
      }
    }
  }
}
