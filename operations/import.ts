import { basename } from 'node:path'
import type { ColumnNames } from '../ingest/history/columns.ts'
import {
  type History,
  type HistoryFormat,
  identify,
  readHistory,
  type Survey,
  surveyHistory,
} from '../ingest/history/history.ts'
import { type ImportOutcome, type ImportPortion, importReadings, sizeOf } from '../ingest/import.ts'
import type { Operation, OperationParts } from './operation.ts'

export interface ImportArguments extends ColumnNames {
  /** Absolute. */
  file: string
  format: HistoryFormat
  timeZone?: string
  /** Whether readings of points that are not in the registry are imported. */
  unknownPoints: boolean
}

export interface FileImported extends ImportOutcome {
  /** What of the unreadable rows is told, with file and line. */
  faults: string[]
  unreadable: number
}

/**
 * Imports one file, after all of it has been looked at. What was stored already, by an attempt that was interrupted,
 * is not written again.
 * @throws Error where the file cannot be read to its end, or has points that are not in the registry; nothing was
 * imported then
 */
export const importFile: Operation<ImportArguments, FileImported> = async (
  parts,
  args,
  { progress, signal },
) => {
  const { registry, clock, log } = parts
  const { file, format, names, point, timeZone } = args
  const kindOf = (id: string) => registry.points.get(id)?.quantity.value
  const history: History = { file, format, names, point, timeZone, kindOf }
  const name = basename(file)

  progress(`Looking at ${name}`)
  const survey = await surveyHistory(history, () => signal.throwIfAborted())
  refuseUnknown(survey, args)
  let done = 0
  const outcome = await importReadings({
    store: await parts.readings(),
    name: await identify(history, { signal }),
    portions: readHistory(history),
    quarantine: await parts.quarantine(),
    clock,
    log,
    signal,
    onDone(portion) {
      done += sizeOf(portion)
      progress(`Importing ${name}`, done / survey.rows)
      tellChanged(parts, portion)
    },
  })
  const { faults, unreadable } = survey
  return { ...outcome, faults, unreadable }
}

function refuseUnknown({ unknown }: Survey, { file, unknownPoints }: ImportArguments): void {
  if (unknown.size === 0 || unknownPoints) return
  const listed = [...unknown].map(([point, rows]) => `  ${point || '(no point)'} (${rows} rows)`)
  throw new Error(
    `${file} has points that are not in the registry; nothing was imported:\n${listed.slice(0, 20).join('\n')}` +
      `${listed.length > 20 ? `\n  and ${listed.length - 20} more` : ''}\n` +
      'Correct their names, add them to the registry, or import them too with --unknown-points.',
  )
}

/** The readings of each point of a portion, from the first to the last. */
function tellChanged({ changed }: OperationParts, { points, times }: ImportPortion): void {
  const spans = new Map<string, { first: number; last: number }>()
  for (const [i, point] of points.entries()) {
    const time = times[i]!
    const span = spans.get(point)
    if (!span) spans.set(point, { first: time, last: time })
    else {
      span.first = Math.min(span.first, time)
      span.last = Math.max(span.last, time)
    }
  }
  for (const [point, { first, last }] of spans) changed(point, first, last)
}
