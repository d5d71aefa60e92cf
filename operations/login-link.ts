import { knownPerson } from '../api/auth/people.ts'
import { createLoginLink } from '../api/auth/tokens.ts'
import type { Operation } from './operation.ts'

/**
 * A one-time link of the administrator, or of a person of the registry, with the address that the hub has.
 * @throws Error where there is no such person
 */
export const makeLoginLink: Operation<{ person?: string | undefined }, string> = async (
  { records, registry, clock, baseUrl },
  { person },
) =>
  createLoginLink({
    records: await records(),
    clock,
    baseUrl: baseUrl(),
    person: person === undefined ? undefined : knownPerson(registry, person),
  })
