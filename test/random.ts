import { uniform } from '../simulators/signals/random.ts'

/** Choices that follow from a seed alone. */
export interface Choices {
  /** A whole number in [0, below). */
  below(below: number): number
  between(min: number, max: number): number
  chance(probability: number): boolean
  pick<T>(from: readonly T[]): T
}

export function startChoices(seed: number): Choices {
  let made = 0
  const next = () => uniform(seed, made++)
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    below,
    between: (min, max) => min + below(max - min + 1),
    chance: probability => next() < probability,
    pick: from => from[below(from.length)]!,
  }
}
