import { printable } from '../../../model/printable.ts'
import { formatTable } from '../table.ts'
import type { ReadVariable } from './read-variables.ts'
import type { Endpoint } from './server.ts'

/** Words for a terminal; everything here is pure. */

export function formatEndpoints(endpoints: readonly Endpoint[]): string {
  return formatTable([
    ['security mode', 'security policy', 'logins'],
    ...endpoints.map(({ securityMode, securityPolicy, logins }) => [
      securityMode,
      securityPolicy,
      logins.join(', '),
    ]),
  ])
}

export function formatVariables(variables: readonly ReadVariable[]): string {
  return formatTable([
    ['node', 'name', 'type', 'value', 'unit', 'status', 'source time'],
    ...variables.map(({ node, path, type, value, unit = '', status, time }) => [
      printable(node),
      printable(path),
      type,
      value === null ? '' : printable(String(value)),
      printable(unit),
      status,
      time === undefined ? '' : new Date(time).toISOString(),
    ]),
  ])
}
