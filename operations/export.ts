import { matchesGlob } from 'node:path'
import { type ExportManifest, exportReadings } from '../archive/export.ts'
import type { ExportFormat } from '../archive/export-tables.ts'
import { HOUR_MS } from '../model/time.ts'
import type { Operation } from './operation.ts'

export interface ExportArguments {
  /** Absolute. */
  out: string
  format: ExportFormat
  /** ms UTC; default: from the first reading to the end of this hour. */
  from?: number
  to?: number
  /** A glob of point ids; default: all. */
  points?: string
}

export const exportHistory: Operation<
  ExportArguments,
  Pick<ExportManifest, 'files' | 'received'> & { points: number }
> = async (parts, { out, format, from, to, points: glob }, { progress, signal }) => {
  const { registry, clock } = parts
  const { files, points, received } = await exportReadings({
    readings: await parts.readings(),
    out,
    format,
    from: from ?? 0,
    to: to ?? Math.ceil((clock.now() + 1) / HOUR_MS) * HOUR_MS,
    selects: point => glob === undefined || matchesGlob(point, glob),
    unitOf: point => registry.points.get(point)?.unit,
    clock,
    onProgress: done => progress('Exporting', done),
    signal,
  })
  return { files, points: points.length, received }
}
