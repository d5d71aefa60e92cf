import { stringify } from 'yaml'
import type { RegistryInput } from '../../registry/schema.ts'

/** One gateway with one connection, as a file to lay beside the territory's own. */
export function writeGateway(
  gateway: string,
  connection: NonNullable<RegistryInput['gateways']>[number]['connections'][number],
  notes: readonly string[] = [],
): string {
  const gateways = [{ id: gateway, name: gateway, connections: [connection] }]
  const head = [`Found by affluent probe; affluent check tells whether it fits the rest.`, ...notes]
  return `${head.map(line => `# ${line}`).join('\n')}\n${stringify({ gateways })}`
}
