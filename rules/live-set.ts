import { join } from 'node:path'
import type { Outbox } from '../bus/contract.ts'
import type { Alert, AlertEvent } from '../model/alert.ts'
import { DAY_MS } from '../model/time.ts'
import { inTransaction, openSqlite, withoutWait } from '../store/sqlite.ts'

/**
 * The alerts that are live, on disk: what a restart goes on from, for an embedded broker keeps retained messages
 * in memory only. It says up to which entry of the outbox it is complete; what was journalled after that is
 * applied again at start.
 */
export interface LiveSet {
  /** Every live alert, and the entry of the outbox that would be the next one. */
  load(): { alerts: Alert[]; journal: JournalPosition | undefined }
  /** When a rule has fired on a point of late, whatever has become of it: ascending, ms UTC. */
  firings(rule: string, point: string): number[]
  /**
   * Writes alerts as they are now (of a resolved one it keeps when it fired) and the position, in one transaction. It is
   * certain to be on the disk, with all before, unless it need not be `lasting`: what a power cut takes of it the journal
   * makes good while it has it.
   */
  save(alerts: Iterable<Alert>, journal: JournalPosition, lasting?: boolean): void
  /** Forgets alerts that another process looks after. */
  forget(alerts: Iterable<string>): void
  close(): void
}

export interface JournalPosition {
  run: string
  next: number
}

/** Rules are told to count over a day at most. */
const FIRINGS_MS = DAY_MS

const FIRINGS = `
  CREATE TABLE firing (
    rule TEXT NOT NULL,
    point TEXT NOT NULL,
    time INTEGER NOT NULL,
    PRIMARY KEY (rule, point, time)
  ) STRICT, WITHOUT ROWID
`

const TABLES = `
  CREATE TABLE IF NOT EXISTS alert (id TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS journal (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    run TEXT NOT NULL,
    next INTEGER NOT NULL
  ) STRICT;
  ${FIRINGS}
`

/** @throws Error that names the file when it cannot be opened. */
export function openLiveSet(folder: string): LiveSet {
  const file = join(folder, 'live-alerts.sqlite')
  const database = openSqlite({ file, tables: TABLES, version: 2, upgrades: [FIRINGS] })
  const alerts = database.prepare('SELECT content FROM alert ORDER BY id')
  const journal = database.prepare('SELECT run, next FROM journal')
  const put = database.prepare('INSERT OR REPLACE INTO alert VALUES (?, ?)')
  const forget = database.prepare('DELETE FROM alert WHERE id = ?')
  const firings = database.prepare('SELECT time FROM firing WHERE rule = ? AND point = ? ORDER BY time')
  const putFiring = database.prepare('INSERT OR IGNORE INTO firing VALUES (?, ?, ?)')
  const forgetFirings = database.prepare('DELETE FROM firing WHERE rule = ? AND point = ? AND time < ?')
  const putJournal = database.prepare('INSERT OR REPLACE INTO journal VALUES (1, ?, ?)')

  return {
    load: () => ({
      alerts: alerts.all().map(row => JSON.parse(row.content as string) as Alert),
      journal: journal.get() as JournalPosition | undefined,
    }),
    firings: (rule, point) => firings.all(rule, point).map(row => row.time as number),
    save(changed, { run, next }, lasting = true) {
      const write = () =>
        inTransaction(database, () => {
          for (const alert of changed) {
            const { rule, point, firedAt } = alert
            if (putFiring.run(rule, point, firedAt).changes > 0)
              forgetFirings.run(rule, point, firedAt - FIRINGS_MS)
            if (alert.state === 'resolved') forget.run(alert.id)
            else put.run(alert.id, JSON.stringify(alert))
          }
          putJournal.run(run, next)
        })
      if (lasting) write()
      else withoutWait(database, write)
    },
    forget(alerts) {
      inTransaction(database, () => {
        for (const id of alerts) forget.run(id)
      })
    },
    close: () => database.close(),
  }
}

/**
 * The alerts that were live when the last run ended, by id: the live set, and over it the events that were
 * journalled but not noted in it any more, which are noted now.
 */
export function recoverAlerts(
  liveSet: LiveSet,
  outbox: Outbox<AlertEvent>,
  earlier: readonly Outbox<AlertEvent>[] = [],
): Map<string, Alert> {
  const { alerts, journal } = liveSet.load()
  const live = new Map(alerts.map(alert => [alert.id, alert]))
  const changed = new Map<string, Alert>()
  for (const journalled of [...earlier.filter(({ run }) => run === journal?.run), outbox]) {
    let number = journal?.run === journalled.run ? journal.next : 1
    for (let slice = journalled.read(number, 1000); slice; slice = journalled.read(number, 1000)) {
      for (const { alert } of slice.entries) {
        if (alert.state === 'resolved') live.delete(alert.id)
        else live.set(alert.id, alert)
        changed.set(alert.id, alert)
      }
      number = slice.first + slice.entries.length
    }
  }
  // The next position that is noted stands behind these.
  if (changed.size > 0) liveSet.save(changed.values(), { run: outbox.run, next: outbox.next })
  return live
}
