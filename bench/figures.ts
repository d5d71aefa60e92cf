import type { PeerName } from '../test/peers/cache.ts'

/** One round's value of each figure, by its name. */
export type Round = Record<string, number>

export interface Benchmark {
  /** What is installed before the first round. */
  peers: readonly PeerName[]
  /** Runs both sides once, in turn, and prints the raw figures of each run through `print`. */
  round(print: (line: string) => void): Promise<{ ratios: Round; figures: Round }>
}

/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The value below which a share of values lies that are in order; undefined where there are none. */
export function quantile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.floor(sorted.length * share)]
}

/** The median of each name over all rounds. */
export function medians(rounds: readonly Round[]): Round {
  const names = Object.keys(rounds[0] ?? {})
  return Object.fromEntries(names.map(name => [name, median(rounds.map(round => round[name]!))]))
}

export function formatNumber(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 })
}
