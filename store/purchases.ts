import type { SQLOutputValue } from 'node:sqlite'
import type { Purchase, StoredPurchase } from '../model/purchase.ts'
import { inTransaction, openSqlite } from './sqlite.ts'

/** What sites bought. SQLite, always; calls are synchronous and small. */
export interface PurchaseStore {
  /**
   * Keeps purchases, all or none. One that is kept already changes nothing; another amount of the same (site, energy,
   * dates, use and reference) ends the one before.
   */
  add(purchases: readonly Purchase[], at: number): KeptPurchases
  /** What counts or once counted of a civil year, by site, energy and date. */
  ofYear(year: number): StoredPurchase[]
  close(): void
}

export interface KeptPurchases {
  added: number
  repeated: number
  /** Of those added: how many stand in place of another one. */
  replaced: number
}

export const PURCHASE_TABLES_VERSION = 1

/** Dates are local, both inclusive; amounts are decimals as text, in the unit of the energy. */
const TABLES = `
  CREATE TABLE purchase (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    year INTEGER NOT NULL,
    site TEXT NOT NULL,
    energy TEXT NOT NULL,
    from_date TEXT NOT NULL,
    to_date TEXT NOT NULL,
    amount TEXT NOT NULL,
    use TEXT NOT NULL,
    reference TEXT NOT NULL,
    author TEXT NOT NULL,
    source TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    ended_at INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX purchase_that_counts
    ON purchase (year, site, energy, from_date, to_date, use, reference) WHERE ended_at IS NULL
`

/** @throws Error that names the file when it cannot be opened. */
export function openPurchaseStore({ file }: { file: string }): PurchaseStore {
  const database = openSqlite({ file, tables: TABLES, version: PURCHASE_TABLES_VERSION })
  const find = database.prepare(`
    SELECT id, amount FROM purchase
    WHERE year = :year AND site = :site AND energy = :energy AND from_date = :from AND to_date = :to
      AND use = :use AND reference = :reference AND ended_at IS NULL`)
  const end = database.prepare('UPDATE purchase SET ended_at = ? WHERE id = ?')
  const insert = database.prepare(`
    INSERT INTO purchase
      (year, site, energy, from_date, to_date, amount, use, reference, author, source, recorded_at)
    VALUES (:year, :site, :energy, :from, :to, :amount, :use, :reference, :author, :source, :at)`)
  const ofYear = database.prepare(`
    SELECT * FROM purchase WHERE year = ? ORDER BY site, energy, from_date, to_date, reference, id`)

  return {
    add: (purchases, at) =>
      inTransaction(database, () => {
        const kept: KeptPurchases = { added: 0, repeated: 0, replaced: 0 }
        for (const { amount, author, source, ...rest } of purchases) {
          const key = { ...rest, year: Number(rest.from.slice(0, 4)) }
          const known = find.get(key)
          if (known?.amount === amount) {
            kept.repeated++
            continue
          }
          if (known) {
            end.run(at, known.id!)
            kept.replaced++
          }
          insert.run({ ...key, amount, author, source, at })
          kept.added++
        }
        return kept
      }),
    ofYear: year => ofYear.all(year).map(toPurchase),
    close: () => database.close(),
  }
}

function toPurchase(row: Record<string, SQLOutputValue>): StoredPurchase {
  const { id, site, energy, from_date, to_date, amount, use, reference, author, source } = row
  const written = { id, site, energy, from: from_date, to: to_date, amount, use, reference, author, source }
  const ended = row.ended_at !== null && { endedAt: row.ended_at }
  return { ...written, recordedAt: row.recorded_at, ...ended } as StoredPurchase
}
