import { holderOf, type NamedHolder } from '../api/auth/people.ts'
import { createLoginLink } from '../api/auth/tokens.ts'
import type { Operation } from './operation.ts'

/**
 * A one-time link of the administrator, of a person of the registry or of a reader, with the address that the hub has.
 * @throws Error where there is no such person
 */
export const makeLoginLink: Operation<Omit<NamedHolder, 'actor'>, string> = async (
  { records, registry, clock, baseUrl },
  named,
) =>
  createLoginLink({
    records: await records(),
    clock,
    baseUrl: baseUrl(),
    holder: holderOf(registry, named),
  })
