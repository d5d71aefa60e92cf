import type { z } from 'zod'
import type { Problem } from './problem.ts'
import { type Path, problemAt, type Source } from './source.ts'

type Issue = z.core.$ZodIssue

/** Of a key that has to be there. */
export const MISSING = 'is missing'

/** Checks one part of a source, or all of it, against a schema. */
export function checkShape<S extends z.ZodType>(
  schema: S,
  source: Source,
  path: Path = [],
): { value?: z.output<S>; problems: Problem[] } {
  const input = valueAt(source.value, path)
  const result = schema.safeParse(input)
  if (result.success) return { value: result.data, problems: [] }
  const problems = explain(result.error.issues, input).map(({ path: below, message }) =>
    problemAt(source, [...path, ...below], message),
  )
  return { problems }
}

/**
 * What is left of a value when everything that is wrong in it is left out: keys that are unknown, and parts that may
 * be missing. Undefined where something else is wrong, too.
 */
export function shapeWithout<S extends z.ZodType>(
  schema: S,
  value: unknown,
  mayBeMissing: (path: Path) => boolean,
): z.output<S> | undefined {
  const issues = schema.safeParse(value).error?.issues ?? []
  const wrong = issues.flatMap(issue => {
    const path = issue.path as Path
    if (issue.code === 'unrecognized_keys') return issue.keys.map(key => [...path, key])
    const part = path.findLastIndex((_, i) => mayBeMissing(path.slice(0, i + 1)))
    return part < 0 ? [] : [path.slice(0, part + 1)]
  })
  const rest = structuredClone(value)
  for (const path of wrong) {
    const holder = valueAt(rest, path.slice(0, -1))
    if (typeof holder === 'object' && holder !== null) Reflect.deleteProperty(holder, path.at(-1)!)
  }
  return schema.safeParse(rest).data
}

interface Explanation {
  path: Path
  message: string
}

/** One explanation a mistake; `input` is what the issues' paths lead into. */
function explain(issues: readonly Issue[], input: unknown): Explanation[] {
  return issues.flatMap(issue => {
    const path = issue.path as Path
    const below = (inner: readonly Issue[]) =>
      explain(inner, valueAt(input, path)).map(found => ({ ...found, path: [...path, ...found.path] }))
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map(key => ({ path: [...path, key], message: 'unknown key' }))
      case 'invalid_key':
        return issue.issues.map(inner => ({ path, message: inner.message }))
      case 'invalid_union': {
        if (issue.discriminator) return [{ path, message: plain(issue.message) }]
        const branch = closestBranch(issue.errors)
        return branch ? below(branch) : [{ path, message: issue.message }]
      }
      default:
        if (valueAt(input, path) === undefined) return [{ path, message: MISSING }]
        return [{ path, message: plain(issue.message) }]
    }
  })
}

/** zod's words without their heading: the path says already what they are about. */
function plain(message: string): string {
  return message.replace(/^Invalid (?:input: |option: |discriminator value. E)/, head =>
    head.endsWith('E') ? 'e' : '',
  )
}

/** The form of a union that was meant: the one that knows the most of the keys written, if one does. */
function closestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const strangers = (issues: readonly Issue[]) =>
    issues.reduce((sum, issue) => {
      if (issue.path.length > 0) return sum
      return sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : Number.POSITIVE_INFINITY)
    }, 0)
  const [first, second] = branches
    .map(issues => ({ issues, strangers: strangers(issues) }))
    .sort((a, b) => a.strangers - b.strangers)
  if (!first || first.strangers === Number.POSITIVE_INFINITY) return undefined
  return first.strangers === second?.strangers ? undefined : first.issues
}

export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((part, key) => (part as Record<string | number, unknown> | null)?.[key], value)
}
