import type { WinterEntry, WinterFact } from '../../model/winter-service.ts'
import type { Registry } from '../../registry/registry.ts'
import type { RecordStore } from '../../store/records.ts'
import { WrongField } from '../problem.ts'
import { refuseFuture } from '../refuse-future.ts'
import type { PhotoStore } from './photo-store.ts'

interface Known {
  registry: Pick<Registry, 'circuits'>
  records: Pick<RecordStore, 'alert' | 'winterRecord'>
  photos: Pick<PhotoStore, 'has'>
}

/** @throws WrongField that names what does not fit the registry, the records or the present. */
export function checkEntry(entry: WinterEntry, known: Known): void {
  const now = entry.received
  if (entry.kind !== 'correction') {
    checkFact(entry, known, now)
    return
  }
  refuseFuture(entry.time, now, 'time')
  if (!known.records.winterRecord(entry.corrects))
    throw new WrongField('corrects', 'unknown', `there is no entry ${entry.corrects}`)
  if (entry.replacement) checkFact(entry.replacement, known, now, 'replacement/')
}

/** @param place where in the body it stands */
function checkFact(fact: WinterFact, { registry, records, photos }: Known, now: number, place = ''): void {
  const refuse = (field: string, fault: string, message: string): never => {
    throw new WrongField(place + field, fault, message)
  }
  refuseFuture(fact.time, now, `${place}time`)
  const { id, sections, stations } =
    registry.circuits.get(fact.circuit) ?? refuse('circuit', 'unknown', `there is no circuit ${fact.circuit}`)
  const checkSection = (section: string, field: string) => {
    if (!sections.some(each => each.id === section))
      refuse(field, 'unknown', `there is no section ${section} in ${id}`)
  }
  if (fact.kind === 'condition') checkSection(fact.section, 'section')
  if (fact.kind === 'treatment') {
    for (const [index, section] of (fact.sections ?? []).entries()) checkSection(section, `sections/${index}`)
    for (const [index, hash] of (fact.photos ?? []).entries())
      if (!photos.has(hash)) refuse(`photos/${index}`, 'unknown', 'send the photo first')
    if (fact.end <= fact.time) refuse('end', 'before-start', 'must be after time')
    refuseFuture(fact.end, now, `${place}end`)
    if ((fact.product === 'none') !== (fact.dosage === undefined))
      refuse('dosage', 'needed', 'is needed with a product, and only with one')
  }
  if (fact.kind !== 'condition' && fact.alert !== undefined) {
    const { site } =
      records.alert(fact.alert) ?? refuse('alert', 'unknown', `there is no alert ${fact.alert}`)
    if (!stations.includes(site)) refuse('alert', 'elsewhere', `${site} is no station of ${id}`)
  }
}
