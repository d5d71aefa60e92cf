import { quantity } from '../../model/quantity.ts'
import type { OpcuaSource, PointDefinition } from '../schema.ts'
import type { Path } from '../source.ts'
import { checkMeaning } from './meaning.ts'

/** What is wrong with a source whatever the device, beside its own path. */
export function* checkOpcuaSource(
  source: OpcuaSource,
  definition: PointDefinition,
): Iterable<{ path: Path; message: string }> {
  const { value } = quantity(definition.quantity)
  const { scale, offset, states, deadband } = source
  yield* checkMeaning(source)
  if (scale === 0) yield { path: ['scale'], message: 'would make everything 0' }
  if (value !== 'number' && !states && (scale !== 1 || offset !== 0))
    yield {
      path: ['scale'],
      message: `${definition.quantity} is a ${value} and has neither scale nor offset`,
    }
  if (value !== 'number' && deadband !== undefined)
    yield { path: ['deadband'], message: `${definition.quantity} is a ${value} and has no deadband` }
  if (states && !Object.values(states).every(state => typeof state === value))
    yield { path: ['states'], message: `${definition.quantity} is a ${value}, which these states are not` }
}
