import type { RecordStore } from '../records.ts'
import { openSqlite, syncLog } from '../sqlite.ts'
import { alertRecords } from './alerts.ts'
import { openChain } from './chain.ts'
import { pushRecords } from './push.ts'
import { RECORD_TABLES, RECORD_TABLES_VERSION, RECORD_UPGRADES } from './record-tables.ts'
import { responseRecords } from './responses.ts'
import { tokenRecords } from './tokens.ts'
import { winterRecords } from './winter.ts'

/**
 * Records in a SQLite file; several processes may open it.
 * @throws Error that names the file when it cannot be opened.
 */
export function openRecordStore({ file }: { file: string }): RecordStore {
  const database = openSqlite({
    file,
    tables: RECORD_TABLES,
    version: RECORD_TABLES_VERSION,
    upgrades: RECORD_UPGRADES,
  })
  const chain = openChain(database)
  const addAudit = database.prepare('INSERT INTO audit VALUES (:time, :actor, :action, :target)')
  const readAudit = database.prepare('SELECT * FROM audit ORDER BY rowid DESC LIMIT ?')
  return {
    ...alertRecords(database, chain),
    ...winterRecords(database, chain),
    ...responseRecords(database, chain),
    ...tokenRecords(database),
    ...pushRecords(database),
    audit({ time, actor, action, target }) {
      addAudit.run({ time, actor, action, target })
    },
    auditEntries: limit =>
      readAudit.all(limit).map(row => ({ ...row })) as ReturnType<RecordStore['auditEntries']>,
    synced: () => syncLog(file),
    close: () => database.close(),
  }
}
