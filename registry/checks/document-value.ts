import { quantity } from '../../model/quantity.ts'
import type { DocumentValue } from '../document-schema.ts'
import type { Misfit } from '../driver-declaration.ts'
import type { PointDefinition } from '../schema.ts'

/** What is wrong with where a document has a point's value, beside its own path. */
export function* checkDocumentValue(source: DocumentValue, definition: PointDefinition): Iterable<Misfit> {
  const isBoolean = quantity(definition.quantity).value === 'boolean'
  if (source.scale === 0) yield { path: ['scale'], message: 'would make everything 0' }
  if (isBoolean && (source.scale !== 1 || source.offset !== 0))
    yield { path: ['scale'], message: `${definition.quantity} is a boolean and has neither scale nor offset` }
  for (const key of ['trueWhen', 'falseWhen'] as const) {
    if (!isBoolean && source[key]) yield { path: [key], message: `${definition.quantity} is no boolean` }
  }
}
