import type { WinterEntry, WinterFact } from '../../model/winter-service.ts'
import type { SentEntry, SentFact } from './entry-schema.ts'

/** An entry as it is to be sealed. */
export function takeEntry(sent: SentEntry, author: string, received: number): WinterEntry {
  const { id } = sent
  if (sent.kind !== 'correction') return { ...takeFact(sent), id, author, received }
  const { kind, corrects, reason, replacement } = sent
  return {
    ...{ kind, time: Date.parse(sent.time), corrects, reason },
    ...(replacement && { replacement: takeFact(replacement) }),
    ...{ id, author, received },
  }
}

function takeFact(sent: SentFact): WinterFact {
  const time = Date.parse(sent.time)
  return sent.kind === 'treatment' ? { ...sent, time, end: Date.parse(sent.end) } : { ...sent, time }
}
