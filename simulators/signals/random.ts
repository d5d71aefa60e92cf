/** Randomness that is a pure function of a seed: the same territory, seed and time give the same values. */

/** A seed of its own for a part of the territory (FNV-1a over the names), 32 bits unsigned. */
export function seedOf(seed: number, ...names: string[]): number {
  let hash = 0x811c9dc5 ^ seed
  for (const name of names) {
    for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
    hash = Math.imul(hash ^ 0x2f, 0x01000193)
  }
  return hash >>> 0
}

/** Evenly spread in [0, 1), for a seed and a whole number (finaliser of MurmurHash3). */
export function uniform(seed: number, n: number): number {
  let hash = seed ^ Math.imul(n, 0x9e3779b1)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000
}

/** In [min, max), for a seed and a whole number. */
export function between(seed: number, n: number, min: number, max: number): number {
  return min + (max - min) * uniform(seed, n)
}

/** Continuous noise in [-1, 1] that takes about one unit of x to change its mind. */
export function smoothNoise(seed: number, x: number): number {
  const n = Math.floor(x)
  const t = x - n
  const left = uniform(seed, n)
  return 2 * (left + (uniform(seed, n + 1) - left) * t * t * (3 - 2 * t)) - 1
}
