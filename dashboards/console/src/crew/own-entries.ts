import type { WinterEntry, WinterFact } from '../api/types.ts'
import { deviceTimeOf } from '../clock.ts'
import { type Draft, entryOf, HALF_A_DAY_MS, type Missing, type Noted } from './entry.ts'
import { wallTime } from './wall-clock.ts'

/** An entry of the person's own that still holds, and what it says. */
export interface OwnEntry {
  id: string
  fact: WinterFact
}

/** What a person has noted, or put right, and nobody has corrected or withdrawn since; the newest first. */
export function ownEntries(entries: readonly WinterEntry[], actor: string): OwnEntry[] {
  return entries
    .filter(({ author, correctedBy }) => author === actor && correctedBy === null)
    .flatMap(entry => {
      const fact = entry.kind === 'correction' ? entry.replacement : entry
      return fact ? [{ id: entry.id, fact }] : []
    })
    .sort((a, b) => b.fact.time.localeCompare(a.fact.time))
}

/** The form of a correction: as the entry stands. */
export function draftOf(of: OwnEntry, allSections: readonly string[]): Draft {
  const { fact } = of
  const time = wallOf(fact.time)
  const common = {
    ...{ circuit: fact.circuit, time, end: time, dosage: '', remark: fact.remark ?? '', photos: [] },
    ...{ sections: allSections, correction: { of, why: '' } },
  }
  switch (fact.kind) {
    case 'condition': {
      const { kind, section, condition, phenomenon } = fact
      return { ...common, kind, sections: [section], condition, phenomenon }
    }
    case 'decision': {
      const { kind, decision, reason, alert } = fact
      // A reason in words stands in the remark.
      const chosen = reason === fact.remark ? undefined : reason
      return { ...common, kind, decision, reason: chosen, ...(alert !== null && { alert }) }
    }
    case 'treatment': {
      const { kind, product, dosage, sections, alert, photos } = fact
      return {
        ...{ ...common, kind, product, end: wallOf(fact.end), dosage: dosage === null ? '' : String(dosage) },
        ...{ sections: sections ?? allSections, photos: photos.map(hash => ({ hash })) },
        ...(alert !== null && { alert }),
      }
    }
  }
}

/** What holds instead of an entry, and why. A time that nobody has touched stays as it was, to the millisecond. */
export function correctionOf(draft: Draft, allSections: readonly string[], now: number): Noted | Missing {
  const { of, why } = draft.correction!
  const { fact } = of
  const said = deviceTimeOf(Date.parse(fact.kind === 'treatment' ? fact.end : fact.time))
  const right = entryOf(draft, allSections, Math.min(now, said + HALF_A_DAY_MS))
  if (typeof right === 'string') return right
  if (!why.trim()) return 'why'
  const kept = {
    ...(draft.time === wallOf(fact.time) && { time: fact.time }),
    ...(fact.kind === 'treatment' && draft.end === wallOf(fact.end) && { end: fact.end }),
  }
  return { ...withdrawalOf(of, why, now), replacement: { ...right, ...kept } }
}

/** A correction by which nothing holds instead. */
export function withdrawalOf({ id }: OwnEntry, why: string, now: number): Noted {
  return { kind: 'correction', time: now, corrects: id, reason: why.trim() }
}

const wallOf = (instant: string) => wallTime(deviceTimeOf(Date.parse(instant)))
