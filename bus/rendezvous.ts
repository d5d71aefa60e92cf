import { createHash } from 'node:crypto'

/**
 * Orders members by their weight for a key, the highest first (rendezvous hashing, Thaler and Ravishankar 1998):
 * whoever knows the same members finds the same order, and when one goes only its keys find another first.
 */
export function rank(members: Iterable<string>, key: string): string[] {
  const weighed = [...members].map(member => ({ member, weight: weightOf(member, key) }))
  return weighed.sort((a, b) => Buffer.compare(b.weight, a.weight)).map(({ member }) => member)
}

function weightOf(member: string, key: string): Buffer {
  return createHash('sha256').update(`${member}\n${key}`).digest()
}
