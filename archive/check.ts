import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { listSegments, readSegment } from '../bus/segments.ts'
import { isDamage, openDatabase } from '../store/duckdb/database.ts'
import type { CheckOperations, Finding } from '../store/finding.ts'
import { findBreak } from '../store/records/chain.ts'
import { checkPhotos } from './check-photos.ts'
import { listDataFiles, RESTORING_FILE } from './data-files.ts'
import { MANIFEST_FILE, readManifest } from './manifest.ts'
import { findFaults } from './restore.ts'

export interface CheckOptions {
  /** A data folder on which no hub runs, or a backup. */
  folder: string
  /** Whether the rollups of all points are computed again, not only of a tenth. */
  full: boolean
  onProgress(step: string): void
  signal: AbortSignal
}

const RESTORE = 'restore a backup (affluent restore); what gateways still keep comes again by itself'
const COMPARE = 'somebody has written into it: compare it with a backup, and keep both'
const CHECKS: Record<string, { tables: URL; advice: string }> = {
  'readings.duckdb': {
    tables: new URL('../store/embedded/check-readings.ts', import.meta.url),
    advice: RESTORE,
  },
  'figures.duckdb': {
    tables: new URL('../store/figures/check-figures.ts', import.meta.url),
    advice: 'put the file aside: the next start computes all consumption anew from the readings',
  },
}

/** Reads every file of a folder and looks for what is damaged or contradicts itself. Changes nothing. */
export async function checkFolder(options: CheckOptions): Promise<Finding[]> {
  const { folder, onProgress, signal } = options
  const findings: Finding[] = []
  if (existsSync(join(folder, RESTORING_FILE)))
    findings.push({
      file: folder,
      problem: 'a restore was interrupted',
      advice: 'run affluent restore again',
    })
  if (existsSync(join(folder, MANIFEST_FILE))) {
    onProgress('Checking the checksums of the backup')
    for (const { file, problem } of await findFaults(folder, readManifest(folder), { signal }))
      findings.push({ file, problem, advice: 'take another backup' })
  }
  const { databases, records, outboxes } = listDataFiles(folder)
  for (const path of databases.filter(path => CHECKS[path])) {
    signal.throwIfAborted()
    onProgress(`Checking ${path}`)
    findings.push(...(await checkDatabase(options, path)))
  }
  for (const path of records) {
    onProgress(`Checking ${path}`)
    findings.push(...checkSqlite(folder, path))
  }
  for (const path of outboxes) {
    onProgress(`Checking ${path}`)
    findings.push(...checkOutbox(join(folder, path)))
  }
  return findings
}

async function checkDatabase({ folder, full, signal }: CheckOptions, path: string): Promise<Finding[]> {
  const file = join(folder, path)
  const { tables, advice } = CHECKS[path]!
  try {
    const database = await openDatabase<CheckOperations>({ file, tables, readOnly: true })
    try {
      await database.call('readAll', [])
      signal.throwIfAborted()
      return (await database.call('check', [full])).map(finding => ({ file, ...finding }))
    } finally {
      await database.close()
    }
  } catch (error) {
    signal.throwIfAborted()
    const { message } = error as Error
    if (!isDamage(message)) throw error
    return [{ file, problem: `damaged: ${message}`, advice }]
  }
}

function checkSqlite(folder: string, path: string): Finding[] {
  const file = join(folder, path)
  const isRecords = path === 'records.sqlite'
  const advice = isRecords ? RESTORE : 'restore a backup (affluent restore), or delete the file'
  const found = (problem: string) => [{ file, problem, advice }]
  try {
    using database = new DatabaseSync(file, { readOnly: true })
    const answers = database.prepare('PRAGMA integrity_check').all()
    const faults = answers.map(row => String(row.integrity_check)).filter(answer => answer !== 'ok')
    if (faults.length > 0) return found(`damaged: ${faults.join('; ')}`)
    // Records of before there was a chain have none yet, and no entries.
    if (!isRecords || versionOf(database) < 2) return []
    const broken = findBreak(database)
    const chain = broken === undefined ? [] : [{ file, problem: broken, advice: COMPARE }]
    return [...chain, ...checkPhotos(folder, database)]
  } catch (error) {
    return found(`damaged: ${(error as Error).message}`)
  }
}

function versionOf(database: DatabaseSync): number {
  return database.prepare('PRAGMA user_version').get()!.user_version as number
}

function checkOutbox(folder: string): Finding[] {
  const damaged = listSegments(folder).reduce((sum, first) => sum + readSegment(folder, first).damaged, 0)
  if (damaged === 0) return []
  const advice = 'none is needed: what can be read is sent, the rest is announced as lost'
  return [{ file: folder, problem: `${damaged} lines of the journal are damaged`, advice }]
}
