import type { DatabaseSync } from 'node:sqlite'

export interface QuarantineLimits {
  /** What all items may take on disk. A quarter of it is for gap records, which nothing else pushes out. */
  maxBytes: number
  /** How long an item is kept while the hub runs, ms. Gap records have no age. */
  maxAge: number
}

const GAP_SHARE = 0.25
/** So many are forgotten at a time, so that a full quarantine does not look for room at every item. */
const SLICE = 20

/** What an item takes beside its texts: its row, and its places in the indexes. */
const ITEM_OVERHEAD = 400

export function bytesOf(...texts: (string | undefined)[]): number {
  return texts.reduce((sum, text = '') => sum + Buffer.byteLength(text), ITEM_OVERHEAD)
}

/** Forgets items for others to come: what is too old, then the oldest of whoever has the most. All is counted. */
export function roomKeeper(database: DatabaseSync, { maxBytes, maxAge }: QuarantineLimits) {
  const usage = database.prepare("SELECT sum(bytes) AS bytes FROM total WHERE (kind = 'gap') = ?")
  const largest = database.prepare(`SELECT party FROM total WHERE (kind = 'gap') = ?
    GROUP BY party ORDER BY sum(bytes) DESC LIMIT 1`)
  const oldest = database.prepare(`DELETE FROM item WHERE id IN (
    SELECT id FROM item WHERE (kind = 'gap') = ? AND party = ? ORDER BY id LIMIT ${SLICE})
    RETURNING kind, party, bytes, released`)
  const aged = database.prepare(`DELETE FROM item WHERE id IN (
    SELECT id FROM item WHERE kind <> 'gap' AND ran < ? LIMIT 1000) RETURNING kind, party, bytes, released`)
  const forget = database.prepare(`UPDATE total SET bytes = bytes - :bytes, forgotten = forgotten + :forgotten
    WHERE kind = :kind AND party = :party`)

  function count(rows: Record<string, unknown>[]): number {
    for (const { kind, party, bytes, released } of rows)
      forget.run({
        kind: kind as string,
        party: party as string,
        bytes: bytes as number,
        forgotten: Number(released === null),
      })
    return rows.length
  }

  return {
    /** The largest payload that is kept whole. */
    largestItem: Math.floor(maxBytes / 8),
    /** To be called in a transaction that added items, when the hub has run for `ran` ms. */
    makeRoom(ran: number): void {
      while (count(aged.all(ran - maxAge)) > 0);
      for (const gap of [0, 1]) {
        const limit = maxBytes * (gap ? GAP_SHARE : 1 - GAP_SHARE)
        while (((usage.get(gap)?.bytes ?? 0) as number) > limit) {
          const party = largest.get(gap)!.party as string
          if (count(oldest.all(gap, party)) === 0) break
        }
      }
    },
  }
}
