import type { Answer } from './answer.ts'

/** Three refreshes: what is older, or of a clock that was set back, is not taken for the present. */
export const FRESH_MS = 60_000
export const REFRESH_MS = 20_000

export type Age = { fresh: true } | { fresh: false; ms: number | undefined }

/** How old an answer is at a moment of this device; the age is undefined where its clock was set back meanwhile. */
export function ageOf({ at, kept }: Pick<Answer<unknown>, 'at' | 'kept'>, deviceTime: number): Age {
  const ms = deviceTime - at
  if (ms < 0) return { fresh: false, ms: undefined }
  return kept || ms > FRESH_MS ? { fresh: false, ms } : { fresh: true }
}
