import { DatabaseSync } from 'node:sqlite'
import type { RecordStore } from '../records.ts'
import { alertRecords } from './alerts.ts'
import { createTables } from './record-tables.ts'
import { tokenRecords } from './tokens.ts'

/**
 * Records in a SQLite file.
 * @throws Error that names the file when it cannot be opened.
 */
export function openRecordStore({ file }: { file: string }): RecordStore {
  const database = openFile(file)
  const addAudit = database.prepare('INSERT INTO audit VALUES (:time, :actor, :action, :target)')
  const readAudit = database.prepare('SELECT * FROM audit ORDER BY rowid DESC LIMIT ?')
  return {
    ...alertRecords(database),
    ...tokenRecords(database),
    audit({ time, actor, action, target }) {
      addAudit.run({ time, actor, action, target })
    },
    auditEntries: limit =>
      readAudit.all(limit).map(row => ({ ...row })) as ReturnType<RecordStore['auditEntries']>,
    close: () => database.close(),
  }
}

function openFile(file: string): DatabaseSync {
  try {
    const database = new DatabaseSync(file)
    createTables(database, file)
    return database
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new Error(message.includes(file) ? message : `${file}: ${message}`, { cause: error })
  }
}
