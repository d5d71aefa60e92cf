import { mkdirSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { checkSchemaVersion } from './schema-version.ts'

export interface SqliteOptions {
  /** Its folder is made when missing. */
  file: string
  /** Statements that make the tables of a new file. */
  tables: string
  /** Of the tables, from 1. */
  version: number
  /** What makes tables of version 1 those of version 2, and so on. */
  upgrades?: readonly string[]
}

/**
 * Opens a SQLite file. What is committed survives the loss of power: it is kept nowhere else.
 * @throws Error that names the file when it cannot be opened, or a newer version wrote it.
 */
export function openSqlite(options: SqliteOptions): DatabaseSync {
  const { file } = options
  let database: DatabaseSync | undefined
  try {
    mkdirSync(dirname(file), { recursive: true })
    database = new DatabaseSync(file)
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000')
    makeTables(database, options)
    return database
  } catch (error) {
    database?.close()
    const message = error instanceof Error ? error.message : String(error)
    throw new Error(message.includes(file) ? message : `${file}: ${message}`, { cause: error })
  }
}

function makeTables(database: DatabaseSync, { file, tables, version, upgrades = [] }: SqliteOptions): void {
  inTransaction(database, () => {
    const found = database.prepare('PRAGMA user_version').get()!.user_version as number
    checkSchemaVersion(file, found, version)
    if (found === version) return
    const work = found === 0 ? [tables] : upgrades.slice(found - 1)
    database.exec([...work, `PRAGMA user_version = ${version}`].join(';\n'))
  })
}

/** Commits what `work` writes without a wait for the disk: until {@link syncLog} has resolved, a power cut may take it. */
export function withoutWait<T>(database: DatabaseSync, work: () => T): T {
  database.exec('PRAGMA synchronous = NORMAL')
  try {
    return work()
  } finally {
    database.exec('PRAGMA synchronous = FULL')
  }
}

/** Resolves when all that was committed to a file that is open is on the disk; the thread does not wait meanwhile. */
export async function syncLog(file: string): Promise<void> {
  const log = await open(`${file}-wal`)
  try {
    await log.sync()
  } finally {
    await log.close()
  }
}

/** All of `work` or nothing. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
