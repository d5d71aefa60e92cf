import type { z } from 'zod'
import { toId } from '../../../model/point-id.ts'
import type { connectionSchemas, OpcuaConnection } from '../../../registry/schema.ts'
import { guessQuantity } from './guess-quantity.ts'
import type { ReadVariable } from './read-variables.ts'

type ConnectionInput = z.input<(typeof connectionSchemas)['opcua']>

/** How often a point that a probe writes is looked at, until somebody knows better. */
const INTERVAL = '1min'

/** The variables as one device of the registry, and in words those of which it is not known what they measure. */
export function toConnection(
  server: Pick<OpcuaConnection, 'url' | 'securityMode' | 'securityPolicy' | 'login'>,
  site: string,
  variables: readonly ReadVariable[],
): { connection: ConnectionInput; notes: string[] } {
  const points: NonNullable<ConnectionInput['devices'][number]['points']> = {}
  const notes = ['What the points measure is guessed from their names and units: look at each.']
  for (const variable of variables) {
    const guess = guessQuantity(variable)
    if (guess) {
      const name = freeName(variable.path, points)
      points[name] = { ...guess, interval: INTERVAL, opcua: { node: variable.node } }
    } else notes.push(`Left out, for want of a quantity: ${variable.node} (${variable.path})`)
  }
  const id = toId(server.url.replace('opc.tcp://', 'opcua-'))
  const device = { id: 'server', site, points }
  return { connection: { id, driver: 'opcua', ...server, devices: [device] }, notes }
}

/** The variable's own name, with as many of its folders as tell it from the others. */
function freeName(path: string, taken: Readonly<Record<string, unknown>>): string {
  const names = path.split('/')
  for (let count = 1; count <= names.length; count++) {
    const name = toId(names.slice(-count).join('-'))
    if (!(name in taken)) return name
  }
  for (let number = 2; ; number++) {
    const name = `${toId(path)}-${number}`
    if (!(name in taken)) return name
  }
}
