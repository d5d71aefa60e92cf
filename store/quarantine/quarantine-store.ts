import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import type { Clock } from '../../model/clock.ts'
import { ID_PATTERN } from '../../model/point-id.ts'
import type { Quarantine, QuarantineItem, QuarantineTotal } from '../quarantine.ts'
import { inTransaction, openSqlite } from '../sqlite.ts'
import { takeEarlierFiles } from './earlier-files.ts'
import { QUARANTINE_TABLES, QUARANTINE_TABLES_VERSION } from './quarantine-tables.ts'
import { quarantineQueries } from './queries.ts'
import { bytesOf, type QuarantineLimits, roomKeeper } from './room.ts'

export interface QuarantineOptions extends QuarantineLimits {
  folder: string
  clock: Clock
}

/** So many senders are counted each for itself; whoever invents more names is counted with the rest. */
const PARTIES = 1000
/** What is written in one go before others have their turn. */
const CHUNK_ITEMS = 500
const CHUNK_BYTES = 4 * 1024 ** 2
const BEGINNING_CHARACTERS = 1000

/**
 * The quarantine of a data folder, `<folder>/quarantine.sqlite`; several processes may open it.
 * @throws Error that names the file when it cannot be opened.
 */
export async function openQuarantine(options: QuarantineOptions): Promise<Quarantine> {
  const { folder, clock } = options
  const file = join(folder, 'quarantine.sqlite')
  const database = openSqlite({ file, tables: QUARANTINE_TABLES, version: QUARANTINE_TABLES_VERSION })
  const room = roomKeeper(database, options)
  const ranBefore = database.prepare('SELECT ran FROM clock').get()!.ran as number
  const openedAt = clock.elapsed()
  const keepRan = database.prepare('UPDATE clock SET ran = max(ran, ?)')
  const knowsParty = database.prepare('SELECT 1 FROM total WHERE party = ? LIMIT 1')
  const countParties = database.prepare('SELECT count(DISTINCT party) AS parties FROM total')
  const add = database.prepare(`
    INSERT INTO item (key, time, ran, kind, party, sender, stream, run, first, last, counted, topic, reason,
      payload, truncated, bytes)
    VALUES (:key, :time, :ran, :kind, :party, :sender, :stream, :run, :first, :last, :counted, :topic, :reason,
      :payload, :truncated, :bytes)
    ON CONFLICT (key) DO UPDATE SET times = times + 1 RETURNING times`)
  const count = database.prepare(`
    INSERT INTO total (kind, party, items, bytes) VALUES (:kind, :party, 1, :bytes)
    ON CONFLICT DO UPDATE SET items = items + 1, bytes = bytes + excluded.bytes`)
  const totals = database.prepare(
    'SELECT kind, party AS sender, items, released, forgotten, bytes FROM total ORDER BY kind, party',
  )

  function partyOf(sender: string): string {
    if (!ID_PATTERN.test(sender) && !sender.startsWith('import/')) return ''
    if (knowsParty.get(sender)) return sender
    return (countParties.get()!.parties as number) < PARTIES ? sender : ''
  }

  function keep(item: QuarantineItem, ran: number): void {
    const { kind, sender, stream, run, first, last, topic, reason, time, counted } = item
    const whole = JSON.stringify(item.payload) ?? 'null'
    const truncated = item.truncated || whole.length > room.largestItem
    const payload =
      whole.length > room.largestItem ? JSON.stringify(whole.slice(0, BEGINNING_CHARACTERS)) : whole
    const party = partyOf(sender)
    const bytes = bytesOf(payload, reason, topic, sender, run)
    const identity = JSON.stringify([kind, sender, stream, run, first, last, topic])
    const added = add.get({
      key: createHash('sha256').update(identity).update(whole).digest(),
      time,
      ran,
      kind,
      party,
      sender,
      stream: stream ?? null,
      run: run ?? null,
      first: first ?? null,
      last: last ?? null,
      counted: counted ?? null,
      topic: topic ?? null,
      reason,
      payload,
      truncated: Number(truncated),
      bytes,
    })
    if (added!.times === 1) count.run({ kind, party, bytes })
  }

  const quarantine: Quarantine = {
    async append(items) {
      for (let from = 0; from < items.length; await breathe())
        inTransaction(database, () => {
          const ran = ranBefore + Math.floor(clock.elapsed() - openedAt)
          const to = Math.min(items.length, from + CHUNK_ITEMS)
          for (let bytes = 0; from < to && bytes < CHUNK_BYTES; from++) {
            keep(items[from]!, ran)
            bytes += sizeOf(items[from]!.payload)
          }
          keepRan.run(ran)
          room.makeRoom(ran)
        })
    },
    ...quarantineQueries(database),
    totals: () => totals.all().map(row => ({ ...row })) as unknown as QuarantineTotal[],
    close: () => database.close(),
  }
  await takeEarlierFiles(folder, quarantine)
  return quarantine
}

function sizeOf(payload: unknown): number {
  return typeof payload === 'string' ? payload.length : 1000
}
