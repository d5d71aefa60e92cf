import type { StreamPosition } from '../model/delivery.ts'

/** The positions that are stored, so that a write that is made again is recognised by them. */
export class KnownPositions {
  readonly #reached = new Map<string, string>()

  constructor(positions: readonly StreamPosition[]) {
    this.add(positions)
  }

  /** Whether all of them are what is stored, so that writing them again would change nothing. */
  hold(positions: readonly StreamPosition[]): boolean {
    return positions.every(position => this.#reached.get(keyOf(position)) === reachOf(position))
  }

  add(positions: readonly StreamPosition[]): void {
    for (const position of positions) this.#reached.set(keyOf(position), reachOf(position))
  }
}

function keyOf({ sender, stream, run }: StreamPosition): string {
  return JSON.stringify([sender, stream, run])
}

function reachOf({ upTo, ranges }: StreamPosition): string {
  return `${upTo} ${ranges}`
}
