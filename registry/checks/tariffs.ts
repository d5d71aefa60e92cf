import { isEmpty, overlap } from '../../model/local-dates.ts'
import type { Finding } from '../check.ts'
import type { Draft } from '../draft.ts'
import { checkTimeClasses } from './time-classes.ts'

/** Tariffs that have a price for every hour, and meters that have one tariff at a time. */
export function* checkTariffs({ tariffs, meters, ids }: Draft): Iterable<Finding> {
  const byId = new Map(tariffs.map(({ value }) => [value.id, value]))
  for (const { value: tariff, path } of tariffs) {
    if (isEmpty(tariff)) yield { path: [...path, 'to'], message: 'must be after from' }
    yield* checkTimeClasses(tariff.prices, [...path, 'prices'])
  }
  for (const { value: meter, path } of meters) {
    const references = meter.tariffs ?? []
    for (const [index, reference] of references.entries()) {
      const at = [...path, 'tariffs', index]
      if (isEmpty(reference)) yield { path: [...at, 'to'], message: 'must be after from' }
      else if (references.slice(0, index).some(other => overlap(other, reference)))
        yield { path: at, message: 'another tariff holds on these dates' }
      const tariff = byId.get(reference.tariff)
      if (tariff && tariff.fluid !== meter.fluid)
        yield { path: [...at, 'tariff'], message: `${tariff.id} is for ${tariff.fluid}, not ${meter.fluid}` }
      if (ids.tariffs && !ids.tariffs.has(reference.tariff))
        yield { path: [...at, 'tariff'], message: `there is no tariff ${reference.tariff}` }
    }
  }
}
