import { BUILDINGS } from './buildings.ts'
import type { Dataset, TableSchema } from './dataset.ts'
import { FLUIDS } from './fluids.ts'

/** Everything that is published in versions, in the order in which the catalogue names it. */
export const DATASETS: readonly Dataset[] = [...FLUIDS, BUILDINGS]

export const SCHEMAS: readonly TableSchema[] = [...new Set(DATASETS.map(({ schema }) => schema))]
