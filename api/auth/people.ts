import type { Registry } from '../../registry/registry.ts'
import type { Holder } from './tokens.ts'

/** By which of these a command names who is given access. */
export interface NamedHolder {
  /** A script that may do everything. */
  actor?: string | undefined
  /** Of the registry. */
  person?: string | undefined
  reader?: string | undefined
}

/**
 * Who is given access; undefined where nobody is named.
 * @throws Error where a person is not one of the registry
 */
export function holderOf(
  registry: Pick<Registry, 'people'>,
  { actor, person, reader }: NamedHolder,
): Holder | undefined {
  if (person !== undefined) return { actor: knownPerson(registry, person), role: 'crew' }
  if (reader !== undefined) return { actor: reader, role: 'reader' }
  return actor === undefined ? undefined : { actor, role: 'administrator' }
}

/**
 * A person of the registry by their id.
 * @throws Error where there is none
 */
function knownPerson({ people }: Pick<Registry, 'people'>, id: string): string {
  if (people.has(id)) return id
  const known = [...people.keys()].join(', ') || 'none'
  throw new Error(`the registry has no person ${id}; it has ${known}`)
}
