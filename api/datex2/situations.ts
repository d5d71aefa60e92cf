import { HOUR_MS } from '../../model/time.ts'
import {
  type ConditionFact,
  type DrivingCondition,
  factOf,
  type WinterPhenomenon,
  type WinterRecord,
} from '../../model/winter-service.ts'
import type { Circuit } from '../../registry/circuit-schema.ts'
import type { Registry } from '../../registry/registry.ts'
import { instant } from '../fields.ts'
import { headerInformation, payload } from './payload.ts'
import type { PublicationTime } from './stations.ts'
import { el, type XmlElement } from './xml.ts'

/** How long a state that nobody has renewed is told: a choice of ours, of a night and a morning. */
export const VALID_MS = 12 * HOUR_MS

/** The state of a section that holds, and the record of the winter service that it stands in. */
export interface OpenCondition {
  circuit: Circuit
  section: Circuit['sections'][number]
  fact: ConditionFact
  record: WinterRecord
}

/**
 * The last state of each section of the circuits that say `openData: true`, as it stands after all corrections: one
 * that was withdrawn, or that is older than {@link VALID_MS}, is not there.
 */
export function openConditions(
  { circuits }: Pick<Registry, 'circuits'>,
  records: readonly WinterRecord[],
  now: number,
): OpenCondition[] {
  const newest = new Map<string, OpenCondition>()
  for (const record of records) {
    const fact = factOf(record.at(-1)!.event)
    if (fact?.kind !== 'condition' || fact.time > now || fact.time <= now - VALID_MS) continue
    const circuit = circuits.get(fact.circuit)
    const section = circuit?.sections.find(({ id }) => id === fact.section)
    if (!circuit?.openData || !section) continue
    const key = `${circuit.id}.${section.id}`
    const other = newest.get(key)
    if (!other || fact.time > other.fact.time || isRecordedAfter(record, other, fact))
      newest.set(key, { circuit, section, fact, record })
  }
  return [...newest.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, condition]) => condition)
}

function isRecordedAfter(record: WinterRecord, other: OpenCondition, fact: ConditionFact): boolean {
  return fact.time === other.fact.time && record[0]!.seal.position > other.record[0]!.seal.position
}

/** DrivingConditionTypeEnum, of normale, délicate, difficile and impossible. */
export const DRIVING: Record<DrivingCondition, string> = {
  C1: 'normal',
  C2: 'passableWithCare',
  C3: 'hazardous',
  C4: 'impossible',
}

/** WeatherRelatedRoadConditionTypeEnum, which has to be there. */
export const ROAD_CONDITIONS: Record<WinterPhenomenon, string> = {
  none: 'other',
  hoar: 'slippery',
  ice: 'ice',
  'freezing-rain': 'freezingRain',
  snow: 'snowOnTheRoad',
  slush: 'slushOnRoad',
  snowdrift: 'snowDrifts',
  fog: 'other',
  other: 'other',
}

/**
 * The states as situations of DATEX II 3.5 (EN 16157-3, as tmfg/digitraffic-road has its schema): what a patrol has
 * recorded, never what a sensor or a rule thinks, and nothing of who recorded it. Where it is, is told by road and
 * points de repère.
 */
export function situationPublication(conditions: readonly OpenCondition[], at: PublicationTime): XmlElement {
  return payload(
    'sit:SituationPublication',
    at,
    conditions.map(({ circuit, section, fact, record }) =>
      el(
        'sit:situation',
        [headerInformation('sit:headerInformation'), describeRecord(section, fact, record)],
        {
          id: `${circuit.id}.${section.id}`,
        },
      ),
    ),
  )
}

function describeRecord(
  section: OpenCondition['section'],
  fact: ConditionFact,
  record: WinterRecord,
): XmlElement {
  const [first, last] = [record[0]!.event, record.at(-1)!.event]
  return el(
    'sit:situationRecord',
    [
      el('sit:situationRecordCreationTime', instant(first.received)),
      el('sit:situationRecordVersionTime', instant(last.received)),
      el('sit:probabilityOfOccurrence', 'certain'),
      el('sit:validity', [
        el('com:validityStatus', 'definedByValidityTimeSpec'),
        el('com:validityTimeSpecification', [
          el('com:overallStartTime', instant(fact.time)),
          el('com:overallEndTime', instant(fact.time + VALID_MS)),
        ]),
      ]),
      el('sit:locationReference', describeSection(section), { 'xsi:type': 'loc:SingleRoadLinearLocation' }),
      el('sit:drivingConditionType', DRIVING[fact.condition]),
      el('sit:weatherRelatedRoadConditionType', ROAD_CONDITIONS[fact.phenomenon]),
    ],
    {
      'xsi:type': 'sit:WeatherRelatedRoadConditions',
      id: first.id,
      version: String(record.length),
    },
  )
}

export function describeSection({ road, fromPk, toPk }: OpenCondition['section']): XmlElement {
  return el('loc:linearWithinLinearElement', [
    el('loc:linearElement', el('loc:roadNumber', road)),
    describePk('loc:fromPoint', fromPk),
    describePk('loc:toPoint', toPk),
  ])
}

/** `24+150`: 150 m behind the point de repère 24. */
function describePk(name: string, pk: string): XmlElement {
  const [marker, metres] = pk.split('+') as [string, string]
  return el(
    name,
    [
      el('loc:distanceAlong', Number(metres)),
      el('loc:fromReferent', [
        el('loc:referentIdentifier', marker),
        el('loc:referentType', 'referenceMarker'),
      ]),
    ],
    { 'xsi:type': 'loc:DistanceFromLinearElementReferent' },
  )
}
