import type { Meaning } from '../../model/scale.ts'
import type { Path } from '../source.ts'

/** What does not go together in what a raw number means. */
export function* checkMeaning({ states, scale, offset }: Meaning): Iterable<{ path: Path; message: string }> {
  if (!states) return
  if (scale !== 1 || offset !== 0)
    yield { path: ['states'], message: 'name the raw numbers: leave out scale and offset' }
  if (new Set(Object.values(states).map(state => typeof state)).size > 1)
    yield { path: ['states'], message: 'are texts, or true and false, not both' }
}
