import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import type { Logger } from 'pino'
import type { Extremes } from './degree-days.ts'

/**
 * Daily extremes of a station of Météo-France, from the files that it publishes ("Données climatologiques de base -
 * quotidiennes", RR-T-Vent: NUM_POSTE, NOM_USUEL, AAAAMMJJ, TN, QTN, TX, QTX). TN and TX are of the same hours that
 * the arrêté of 10 April 2020 judges a day by (TN from 18:00 UTC the day before, TX from 06:00 UTC).
 */
export interface OfficialStation {
  post: string
  name: string
  /** °C, by ISO date; only days of which both are known and not in doubt. */
  days: ReadonlyMap<string, Extremes>
}

export interface OfficialStationSettings {
  /** Eight digits. */
  post: string
  /** Holds the files, as `.csv` or `.csv.gz`. */
  folder: string
}

const NEEDED = ['NUM_POSTE', 'NOM_USUEL', 'AAAAMMJJ', 'TN', 'TX'] as const
/** "Donnée douteuse en cours de vérification". */
const IN_DOUBT = '2'

/**
 * Reads the files when it is first asked, and again when one of them has changed. A file that cannot be read is
 * logged and leaves the others.
 */
export function openOfficialStation(
  { post, folder }: OfficialStationSettings,
  log: Logger,
): () => Promise<OfficialStation> {
  let known: { state: string; station: Promise<OfficialStation> } | undefined

  async function readAll(files: readonly string[]): Promise<OfficialStation> {
    const days = new Map<string, Extremes>()
    let name = ''
    for (const file of files) {
      try {
        const found = await readFile(file, post)
        for (const [date, extremes] of found.days) days.set(date, extremes)
        name = found.name || name
        if (found.faults.length > 0)
          log.warn({ file, faults: found.faults }, 'days of the official station could not be read')
      } catch (error) {
        log.error({ file, err: error }, 'a file of the official station could not be read')
      }
    }
    if (days.size === 0) log.warn({ folder, post }, 'no file has a day of the official station')
    return { post, name, days }
  }

  return async () => {
    const files = await listFiles(folder).catch(error => {
      log.error({ folder, err: error }, 'the folder of the official station cannot be read')
      return []
    })
    const state = JSON.stringify(files)
    if (known?.state !== state) known = { state, station: readAll(files.map(({ file }) => file)) }
    return known.station
  }
}

/** The newest last: where two hold the same day, it is the one that counts. */
async function listFiles(folder: string) {
  const names = (await readdir(folder)).filter(name => /\.csv(?:\.gz)?$/i.test(name))
  const files = names.map(async name => {
    const file = join(folder, name)
    const { size, mtimeMs } = await stat(file)
    return { file, size, mtimeMs }
  })
  return (await Promise.all(files)).sort((a, b) => a.mtimeMs - b.mtimeMs || (a.file < b.file ? -1 : 1))
}

const FAULTS_TOLD = 10

async function readFile(file: string, post: string) {
  const days = new Map<string, Extremes>()
  const faults: string[] = []
  let name = ''
  const source = createReadStream(file)
  const content = /\.gz$/i.test(file) ? source.pipe(createGunzip()) : source
  source.on('error', error => content.destroy(error))
  let columns: Map<string, number> | undefined
  let line = 0
  for await (const text of createInterface({ input: content, crlfDelay: Infinity })) {
    line++
    if (!columns) {
      columns = columnsOf(text)
      continue
    }
    // A file holds all posts of a département over decades: only those lines are parsed that matter.
    if (!text.trimStart().startsWith(post)) continue
    try {
      const cells = cellsOf(text)
      const cell = (column: string) => cells[columns!.get(column) ?? -1]?.trim() ?? ''
      if (cell('NUM_POSTE') !== post) continue
      name = cell('NOM_USUEL')
      const date = dateOf(cell('AAAAMMJJ'))
      const [min, max] = [celsius(cell('TN')), celsius(cell('TX'))]
      const isDoubtful = cell('QTN') === IN_DOUBT || cell('QTX') === IN_DOUBT
      if (min === undefined || max === undefined || isDoubtful) continue
      if (min > max) throw new Error(`TN ${min} is above TX ${max}`)
      days.set(date, { min, max })
    } catch (error) {
      if (faults.length < FAULTS_TOLD) faults.push(`line ${line}: ${(error as Error).message}`)
    }
  }
  if (!columns) throw new Error('it is empty')
  return { name, days, faults }
}

function cellsOf(text: string): string[] {
  const [cells] = parse(text, { delimiter: ';', relax_column_count: true }) as string[][]
  return cells ?? []
}

function columnsOf(header: string): Map<string, number> {
  const columns = new Map(cellsOf(header.replace(/^\uFEFF/, '')).map((name, at) => [name.trim(), at]))
  const missing = NEEDED.filter(name => !columns.has(name))
  if (missing.length > 0) throw new Error(`it lacks the columns ${missing.join(', ')}`)
  return columns
}

function dateOf(text: string): string {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(text) ?? []
  if (!day) throw new Error(`AAAAMMJJ is ${text || 'empty'}`)
  return Temporal.PlainDate.from(`${year}-${month}-${day}`).toString()
}

/** Undefined where it was not measured. */
function celsius(text: string): number | undefined {
  if (text === '' || text === 'mq') return undefined
  const value = Number(text)
  if (!Number.isFinite(value) || Math.abs(value) > 60) throw new Error(`${text} is no temperature`)
  return value
}
