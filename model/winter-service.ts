import type { Sealed } from './seal.ts'

/** Winter service (viabilité hivernale): what was seen, decided and done on the roads of a circuit. */

/** Conditions de conduite, from normale over délicate and difficile to impossible. */
export const DRIVING_CONDITIONS = ['C1', 'C2', 'C3', 'C4'] as const
export type DrivingCondition = (typeof DRIVING_CONDITIONS)[number]

/** What a patrol sees. */
export const WINTER_PHENOMENA = [
  'none',
  'hoar',
  'ice',
  'freezing-rain',
  'snow',
  'slush',
  'snowdrift',
  'fog',
  'other',
] as const
export type WinterPhenomenon = (typeof WINTER_PHENOMENA)[number]

export const WINTER_DECISIONS = ['treat', 'watch', 'not-needed'] as const
export type WinterDecision = (typeof WINTER_DECISIONS)[number]

/** What was spread; `none` where the road was only ploughed. */
export const TREATMENT_PRODUCTS = [
  'salt',
  'wetted-salt',
  'brine',
  'calcium-chloride',
  'abrasive',
  'none',
] as const
export type TreatmentProduct = (typeof TREATMENT_PRODUCTS)[number]

interface Fact {
  /** When it happened, by the clock of whoever recorded it, ms UTC; of a treatment its start. */
  time: number
  circuit: string
  remark?: string | undefined
}

export interface ConditionFact extends Fact {
  kind: 'condition'
  section: string
  condition: DrivingCondition
  phenomenon: WinterPhenomenon
}

export interface DecisionFact extends Fact {
  kind: 'decision'
  decision: WinterDecision
  reason: string
  /** The alert that it answers. */
  alert?: string | undefined
}

export interface TreatmentFact extends Fact {
  kind: 'treatment'
  /** ms UTC */
  end: number
  product: TreatmentProduct
  /** g/m²; absent where nothing was spread. */
  dosage?: number | undefined
  /** Absent: the whole circuit. */
  sections?: readonly string[] | undefined
  /** The alert that it answers. */
  alert?: string | undefined
  /** SHA-256 of photos, hex: the seal of the entry vouches for them. */
  photos?: readonly string[] | undefined
}

export type WinterFact = ConditionFact | DecisionFact | TreatmentFact

export interface Correction {
  kind: 'correction'
  /** When it was corrected, by the clock of whoever did, ms UTC. */
  time: number
  /** The id of the entry that does not hold any more. */
  corrects: string
  reason: string
  /** What holds instead; absent: it is withdrawn. */
  replacement?: WinterFact | undefined
}

/** An entry as it is sealed. Nothing changes it: what was wrong is corrected by another one. */
export type WinterEntry = (WinterFact | Correction) & {
  /** A UUID that whoever recorded it has made, so that a repeat changes nothing. */
  id: string
  author: string
  /** When the hub had it, by its own clock, ms UTC. */
  received: number
}

/** What was recorded once, and the corrections of it, each of the one before. */
export type WinterRecord = readonly Sealed<WinterEntry>[]

/** What an entry says to have happened; undefined of one that withdraws another. */
export function factOf(entry: WinterEntry): WinterFact | undefined {
  return entry.kind === 'correction' ? entry.replacement : entry
}
