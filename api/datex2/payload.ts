import type { Territory } from '../../registry/schema.ts'
import { instant } from '../fields.ts'
import { el, type XmlContent, type XmlElement } from './xml.ts'

const MODEL = 'http://datex2.eu/schema/3'
const XSI = 'http://www.w3.org/2001/XMLSchema-instance'

const NAMESPACES = {
  xmlns: `${MODEL}/d2Payload`,
  'xmlns:com': `${MODEL}/common`,
  'xmlns:loc': `${MODEL}/locationReferencing`,
  'xmlns:roa': `${MODEL}/roadTrafficData`,
  'xmlns:sit': `${MODEL}/situation`,
  'xmlns:xsi': XSI,
}

export type PublicationType =
  | 'roa:MeasuredDataPublication'
  | 'roa:MeasurementSiteTablePublication'
  | 'sit:SituationPublication'

/** A publication of DATEX II 3 (EN 16157, model version 3.5). */
export function payload(
  type: PublicationType,
  { territory, now }: { territory: Territory; now: number },
  content: readonly XmlContent[],
): XmlElement {
  return el(
    'payload',
    [
      el('com:publicationTime', instant(now)),
      el('com:publicationCreator', [el('com:country', 'fr'), el('com:nationalIdentifier', territory.id)]),
      ...content,
    ],
    { ...NAMESPACES, 'xsi:type': type, lang: territory.language, modelBaseVersion: '3' },
  )
}

export function headerInformation(name: string): XmlElement {
  return el(name, [el('com:confidentiality', 'noRestriction'), el('com:informationStatus', 'real')])
}

export function multilingual(name: string, lang: string, text: string): XmlElement {
  return el(name, el('com:values', el('com:value', text, { lang })))
}
