import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse'
import { computeFigures } from '../fluids/computed-figures.ts'
import { openClimateSource } from '../publication/climate.ts'
import { compareWithPublished, type RowDifference } from '../publication/compare.ts'
import type { Row } from '../publication/dataset.ts'
import { FLUIDS } from '../publication/fluids.ts'
import { stageRows } from '../publication/stage.ts'
import type { Operation } from './operation.ts'

export interface VerifiedRows {
  /** How many rows the file has. */
  rows: number
  /** How many differ, and the first of them. */
  different: number
  differences: RowDifference[]
  /** Before this, ms UTC, readings are not stored any more, and rows were compared with the kept figures; or 0. */
  deletedBefore: number
}

/** What crosses the hub's socket at once, and what a person reads. */
const MOST_TOLD = 1000

/**
 * Computes the rows of a published CSV file of consumption anew from the readings, as they are known now.
 * @throws Error where the dataset is not one of consumption, or the file has other columns
 */
export const verifyRows: Operation<
  { file: string; dataset: string; publishedAt: number },
  VerifiedRows
> = async (
  { readings, figures, statements, registry, settings, log },
  { file, dataset: id, publishedAt },
  { progress, signal },
) => {
  const dataset = FLUIDS.find(each => each.id === id)
  if (!dataset)
    throw new Error(`only ${FLUIDS.map(each => each.id).join(', ')} are computed from readings, not ${id}`)
  const { timeZone } = registry.territory
  const computed = computeFigures(
    {
      readings: await readings(),
      figures: await figures(),
      statements: await statements(),
      timeZone,
    },
    registry.meters,
  )
  const folder = await mkdtemp(join(tmpdir(), 'affluent-verify-'))
  try {
    progress('Computing the consumption')
    // Rows of consumption are made of figures and of the climate only.
    const sources = {
      ...{ figures: computed, excluded: { exclusions: async () => [] } },
      ...{ readings: await readings(), records: { alertLives: () => [] } },
      climate: openClimateSource(settings, log),
    }
    const context = { registry, now: publishedAt, sources }
    const { parts } = await stageRows(dataset, aborted(dataset.rows(context), signal), folder)
    progress('Comparing the rows')
    const outcome: VerifiedRows = { rows: 0, different: 0, differences: [], deletedBefore: 0 }
    const names = dataset.schema.fields.map(({ name }) => name)
    const published = counted(rowsOf(file, names), () => outcome.rows++)
    for await (const difference of compareWithPublished(dataset, published, inTurn(parts))) {
      signal.throwIfAborted()
      if (++outcome.different <= MOST_TOLD) outcome.differences.push(difference)
    }
    return { ...outcome, deletedBefore: computed.deletedBefore }
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function* rowsOf(file: string, names: readonly string[]): AsyncGenerator<Row> {
  let isHead = true
  for await (const row of createReadStream(file).pipe(parse({ record_delimiter: '\r\n' }))) {
    if (isHead && row.join() !== names.join())
      throw new Error(`${file} has other columns than ${names.join()}`)
    if (!isHead) yield row
    isHead = false
  }
}

async function* inTurn(parts: readonly { rows(): AsyncIterable<Row> }[]): AsyncGenerator<Row> {
  for (const part of parts) yield* part.rows()
}

async function* counted<T>(each: AsyncIterable<T>, count: () => void): AsyncGenerator<T> {
  for await (const one of each) {
    count()
    yield one
  }
}

async function* aborted<T>(each: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  for await (const one of each) {
    signal.throwIfAborted()
    yield one
  }
}
