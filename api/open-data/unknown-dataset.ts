import { Problem } from '../problem.ts'
import type { Publication } from './publication.ts'

export function unknownDataset(dataset: string, { datasets }: Publication): Problem {
  return new Problem(
    404,
    `There is no dataset ${dataset}; there are ${datasets.map(({ id }) => id).join(', ')}.`,
  )
}
