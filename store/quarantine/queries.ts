import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { KeptItem, Quarantine, QuarantineFilter, QuarantineGroup } from '../quarantine.ts'
import { inTransaction } from '../sqlite.ts'

/** Filters with a part of the reason look at every item of the others: the quarantine is bounded. */
const SELECTED = `(:id IS NULL OR id = :id) AND (:kind IS NULL OR kind = :kind)
  AND (:sender IS NULL OR sender = :sender) AND (:reason IS NULL OR instr(reason, :reason) > 0)
  AND (:since IS NULL OR time >= :since) AND (:released IS NULL OR (released IS NOT NULL) = :released)`

export function quarantineQueries(database: DatabaseSync): Omit<Quarantine, 'append' | 'totals' | 'close'> {
  const list = database.prepare(
    `SELECT * FROM item WHERE ${SELECTED} AND (:before IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit`,
  )
  const waiting = database.prepare(
    `SELECT * FROM item WHERE ${SELECTED} AND released IS NULL AND id > :after ORDER BY id LIMIT :limit`,
  )
  const groups = database.prepare(
    `SELECT kind, sender, reason, count(*) AS items, min(time) AS "from", max(time) AS "to" FROM item
     WHERE ${SELECTED} GROUP BY kind, sender, reason ORDER BY items DESC, kind, sender, reason LIMIT :limit`,
  )
  const unfinished = database.prepare(
    'SELECT * FROM item WHERE number IS NOT NULL AND released IS NULL ORDER BY number',
  )
  const number = database.prepare('UPDATE item SET number = :number WHERE id = :id')
  const release = database.prepare(
    'UPDATE item SET released = :time, failure = NULL WHERE id = :id AND released IS NULL RETURNING kind, party',
  )
  const count = database.prepare(
    'UPDATE total SET released = released + 1 WHERE kind = :kind AND party = :party',
  )
  const fail = database.prepare('UPDATE item SET failure = :reason WHERE id = :id')
  return {
    list: (filter, { before, limit }) =>
      takePage(list.iterate({ ...bind(filter), before: before ?? null, limit })),
    waiting: (filter, page) => takePage(waiting.iterate({ ...bind(filter), ...page })),
    groups: (filter, limit) =>
      groups.all({ ...bind(filter), limit }).map(row => ({ ...row }) as unknown as QuarantineGroup),
    number: (ids, first) =>
      inTransaction(database, () => {
        for (const [i, id] of ids.entries()) number.run({ id, number: first + i })
      }),
    unfinished: () => unfinished.all().map(row => ({ ...toItem(row), number: row.number as number })),
    release: (ids, time) =>
      inTransaction(database, () => {
        for (const id of ids) for (const row of release.all({ id, time })) count.run(row)
      }),
    fail: failures =>
      inTransaction(database, () => {
        for (const { id, reason } of failures) fail.run({ id, reason })
      }),
  }
}

/** A page ends before its limit where its payloads are long, behind one item at least. */
const PAGE_BYTES = 8 * 1024 ** 2

function takePage(rows: Iterable<Record<string, SQLOutputValue>>): KeptItem[] {
  const items: KeptItem[] = []
  let bytes = 0
  for (const row of rows) {
    items.push(toItem(row))
    bytes += row.bytes as number
    if (bytes > PAGE_BYTES) break
  }
  return items
}

function bind({ id, kind, sender, reason, since, released }: QuarantineFilter) {
  return {
    id: id ?? null,
    kind: kind ?? null,
    sender: sender ?? null,
    reason: reason ?? null,
    since: since ?? null,
    released: released === undefined ? null : Number(released),
  }
}

function toItem(row: Record<string, SQLOutputValue>): KeptItem {
  const item: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(row)) if (value !== null && SHOWN.has(name)) item[name] = value
  item.payload = JSON.parse(row.payload as string)
  if (row.truncated === 1) item.truncated = true
  return item as unknown as KeptItem
}

const SHOWN: ReadonlySet<string> = new Set([
  'id',
  'time',
  'kind',
  'sender',
  'stream',
  'run',
  'first',
  'last',
  'counted',
  'topic',
  'reason',
  'times',
  'released',
  'failure',
])
