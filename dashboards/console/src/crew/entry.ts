import type {
  DrivingCondition,
  TreatmentProduct,
  WinterDecision,
  WinterPhenomenon,
} from '../../../../model/winter-service.ts'
import type { OwnEntry } from './own-entries.ts'
import { latestAt, wallTime } from './wall-clock.ts'

/** Its SHA-256, hex, is what the entry refers to. What the hub has already is no longer on the phone. */
export interface Photo {
  hash: string
  blob?: Blob
}

/** What a person writes down of the winter service: as it stands in the form. */
export interface Draft {
  kind: 'condition' | 'decision' | 'treatment'
  circuit: string
  sections: readonly string[]
  condition?: DrivingCondition
  phenomenon?: WinterPhenomenon
  decision?: WinterDecision
  /** In words; the remark is the reason where none is chosen. */
  reason?: string
  product?: TreatmentProduct
  /** g/m², as it was typed. */
  dosage: string
  /** By the clock on the wall: 04:35. */
  time: string
  /** When the form was opened, ms UTC of this device; absent of a correction. */
  begun?: number
  /** Of a treatment. */
  end: string
  remark: string
  /** The alert that it answers. */
  alert?: string
  /** Of a treatment. */
  photos: readonly Photo[]
  /** Of an entry that was sent: which one, and why it is put right. */
  correction?: { of: OwnEntry; why: string }
  /** Of an entry that waits to be sent, and is changed before. */
  waiting?: { id: number; at: number; circuit: string }
}

/** What stands in the way of writing it down. */
export type Missing =
  | 'circuit'
  | 'section'
  | 'condition'
  | 'phenomenon'
  | 'decision'
  | 'reason'
  | 'product'
  | 'dosage'
  | 'time'
  | 'end'
  | 'why'

/** An instant: ms UTC of this device, or as the hub has it already. */
export type NotedTime = number | string

/** An entry for the hub, but for its id. */
export type Noted = {
  kind: Draft['kind'] | 'correction'
  time: NotedTime
  end?: NotedTime
  replacement?: Noted
} & Record<string, unknown>

/** @param allSections of the circuit: who treats them all treats the whole of it */
export function entryOf(draft: Draft, allSections: readonly string[], now: number): Noted | Missing {
  const { kind, circuit, sections, condition, phenomenon, decision, product } = draft
  if (!circuit) return 'circuit'
  const end = kind === 'treatment' ? latestAt(draft.end, now) : saidAt(draft, now)
  if (end === undefined) return kind === 'treatment' ? 'end' : 'time'
  const remark = draft.remark.trim()
  const common = { kind, circuit, time: end, ...(remark && { remark }) }
  const alert = draft.alert !== undefined && { alert: draft.alert }
  switch (kind) {
    case 'condition': {
      const [section] = sections
      if (section === undefined) return 'section'
      if (!condition) return 'condition'
      return phenomenon ? { ...common, section, condition, phenomenon } : 'phenomenon'
    }
    case 'decision': {
      if (!decision) return 'decision'
      const reason = draft.reason ?? remark
      return reason ? { ...common, decision, reason, ...alert } : 'reason'
    }
    case 'treatment': {
      const whole = sections.length === allSections.length
      if (sections.length === 0) return 'section'
      if (!product) return 'product'
      const dosage = Number(draft.dosage.replace(',', '.'))
      if (product !== 'none' && !(dosage > 0 && dosage <= 1000)) return 'dosage'
      const time = latestAt(draft.time, end)
      if (time === undefined || time >= end) return 'time'
      return {
        ...{ ...common, time, end, product, ...alert },
        ...(product !== 'none' && { dosage }),
        ...(draft.photos.length > 0 && { photos: draft.photos.map(({ hash }) => hash) }),
        ...(!whole && { sections: [...sections] }),
      }
    }
  }
}

/** What may be away from when it was noted first where it is changed, ms. */
export const HALF_A_DAY_MS = 43_200_000

/** Before which the times of a form lie. */
export function lastInstantOf({ waiting }: Draft, now: number): number {
  return waiting ? Math.min(now, waiting.at + HALF_A_DAY_MS) : now
}

/** A start that nobody has given: the form was opened at the end, as a rule. */
export function hasNoStart({ kind, time, begun }: Draft): boolean {
  return kind === 'treatment' && begun !== undefined && time === wallTime(begun)
}

/**
 * A time that nobody has touched is exact: an alert that worsened in the minute of a decision is answered by that only
 * where it came before.
 */
function saidAt({ time, begun }: Draft, now: number): number | undefined {
  return begun !== undefined && time === wallTime(begun) ? begun : latestAt(time, now)
}
