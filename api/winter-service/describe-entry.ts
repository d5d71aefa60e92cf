import type { WinterFact, WinterRecord } from '../../model/winter-service.ts'
import { instant } from '../fields.ts'
import type { AnsweredEntry, AnsweredFact } from './entry-schema.ts'

/** The entries of a record as they are answered, each with the one that corrects it. */
export function describeRecord(record: WinterRecord): AnsweredEntry[] {
  return record.map(({ event: entry, seal }, index) => {
    const { id, author } = entry
    const kept = {
      ...{ id, author, seal, received: instant(entry.received) },
      correctedBy: record[index + 1]?.event.id ?? null,
    }
    if (entry.kind !== 'correction') return { ...kept, ...describeFact(entry) }
    const { kind, time, corrects, reason, replacement } = entry
    return {
      ...{ ...kept, kind, corrects, reason, time: instant(time) },
      replacement: replacement ? describeFact(replacement) : null,
    }
  })
}

function describeFact(fact: WinterFact): AnsweredFact {
  const { circuit, remark = null } = fact
  const common = { circuit, remark, time: instant(fact.time) }
  switch (fact.kind) {
    case 'condition': {
      const { kind, section, condition, phenomenon } = fact
      return { ...common, kind, section, condition, phenomenon }
    }
    case 'decision': {
      const { kind, decision, reason, alert = null } = fact
      return { ...common, kind, decision, reason, alert }
    }
    case 'treatment': {
      const { kind, end, product, dosage = null, sections = null, alert = null, photos = [] } = fact
      return {
        ...common,
        kind,
        end: instant(end),
        product,
        dosage,
        sections: sections && [...sections],
        alert,
        photos: [...photos],
      }
    }
  }
}
