import { mkdirSync } from 'node:fs'
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
}

/**
 * Opens a SQLite file. What is committed survives the loss of power: it is kept nowhere else.
 * @throws Error that names the file when it cannot be opened, or a newer version wrote it.
 */
export function openSqlite({ file, tables, version }: SqliteOptions): DatabaseSync {
  let database: DatabaseSync | undefined
  try {
    mkdirSync(dirname(file), { recursive: true })
    database = new DatabaseSync(file)
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000')
    makeTables(database, { file, tables, version })
    return database
  } catch (error) {
    database?.close()
    const message = error instanceof Error ? error.message : String(error)
    throw new Error(message.includes(file) ? message : `${file}: ${message}`, { cause: error })
  }
}

function makeTables(database: DatabaseSync, { file, tables, version }: SqliteOptions): void {
  inTransaction(database, () => {
    const found = database.prepare('PRAGMA user_version').get()!.user_version as number
    checkSchemaVersion(file, found, version)
    if (found === 0) database.exec(`${tables}; PRAGMA user_version = ${version}`)
  })
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
