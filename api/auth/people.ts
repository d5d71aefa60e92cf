import type { Registry } from '../../registry/registry.ts'

/**
 * A person of the registry by their id.
 * @throws Error where there is none
 */
export function knownPerson({ people }: Pick<Registry, 'people'>, id: string): string {
  if (people.has(id)) return id
  const known = [...people.keys()].join(', ') || 'none'
  throw new Error(`the registry has no person ${id}; it has ${known}`)
}
