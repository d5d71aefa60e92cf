import type { CivilTimes } from '../../model/civil-times.ts'
import type { Finding } from '../check.ts'
import type { Path } from '../source.ts'

/** Of classes in a row the first that fits holds: only the last fits always. */
export function* checkTimeClasses(classes: readonly CivilTimes[], path: Path): Iterable<Finding> {
  for (const [index, { months, days, hours }] of classes.entries()) {
    const always = !months && !days && !hours
    const last = index === classes.length - 1
    if (always === last) continue
    const message = last
      ? 'must hold whenever no other does: leave out months, days and hours'
      : 'holds always: those behind it never would'
    yield { path: [...path, index], message }
  }
}
