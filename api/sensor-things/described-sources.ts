import type { ReadingStore } from '../../store/readings.ts'
import type { Publication } from '../open-data/publication.ts'

/** What things and their observations are described from. */
export interface DescribedSources {
  readings: ReadingStore
  publication: Publication
  baseUrl: string
  language: 'fr' | 'en'
  timeZone: string
  /** Licence and attribution, as every thing and Datastream tells them. */
  terms: Record<string, string>
  /** ms UTC */
  now(): number
}
