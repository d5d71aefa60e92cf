import { createLoginLink } from '../api/auth/tokens.ts'
import type { Operation } from './operation.ts'

/** A one-time link of the administrator, with the address that the hub has. */
export const makeLoginLink: Operation<Record<string, never>, string> = async ({ records, clock, baseUrl }) =>
  createLoginLink({ records: await records(), clock, baseUrl: baseUrl() })
