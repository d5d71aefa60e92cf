import type { StreamPosition } from '../model/delivery.ts'

/** An outbox that begins anew has a new run: of an honest sender there are a few a year. */
const STREAMS_OF_A_SENDER = 1000
const STREAMS = 200_000

/** Bounds the streams that are remembered: whoever invents names of senders and runs could do so for ever. */
export class StreamLimit {
  readonly #ofSender = new Map<string, number>()
  readonly #limit: number
  #streams = 0

  constructor(known: readonly Pick<StreamPosition, 'sender'>[], limit = STREAMS) {
    this.#limit = limit
    this.add(known)
  }

  /** Takes on streams that are stored already. */
  add(known: readonly Pick<StreamPosition, 'sender'>[]): void {
    for (const { sender } of known) this.#count(sender)
  }

  /** Takes one more stream of a sender on; says why when that is too many. */
  refuse(sender: string): string | undefined {
    const own = this.#ofSender.get(sender) ?? 0
    if (own >= STREAMS_OF_A_SENDER)
      return `${sender} has ${own} streams already: no further one is taken on, its readings stay in its outbox`
    if (this.#streams >= this.#limit)
      return `there are ${this.#streams} streams already: no further one is taken on`
    this.#count(sender)
    return undefined
  }

  #count(sender: string): void {
    this.#streams++
    this.#ofSender.set(sender, (this.#ofSender.get(sender) ?? 0) + 1)
  }
}
