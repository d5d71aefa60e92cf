import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { PushSubscription } from '../../model/push-subscription.ts'
import type { RecordStore } from '../records.ts'
import { inTransaction } from '../sqlite.ts'

type PushRecords = Pick<
  RecordStore,
  'addPushSubscription' | 'pushSubscription' | 'pushSubscriptions' | 'removePushSubscription'
>

export function pushRecords(database: DatabaseSync): PushRecords {
  const others = database.prepare(
    'SELECT count(*) AS count FROM push_subscription WHERE person = :person AND id NOT IN (:id, :replaces)',
  )
  const keep = database.prepare(`
    INSERT OR REPLACE INTO push_subscription
    VALUES (:id, :person, :endpoint, :p256dh, :auth, :vapidKey, :createdAt)`)
  const find = database.prepare('SELECT * FROM push_subscription WHERE id = ?')
  const list = database.prepare('SELECT * FROM push_subscription WHERE person = ? ORDER BY created_at, id')
  const remove = database.prepare('DELETE FROM push_subscription WHERE id = ?')

  return {
    addPushSubscription: (subscription, { most, replaces = subscription.id }) =>
      inTransaction(database, () => {
        const { id, person } = subscription
        if ((others.get({ person, id, replaces })!.count as number) >= most) return false
        remove.run(replaces)
        keep.run({ ...subscription })
        return true
      }),
    pushSubscription(id) {
      const row = find.get(id)
      return row && toSubscription(row)
    },
    pushSubscriptions: person => list.all(person).map(toSubscription),
    removePushSubscription: id => void remove.run(id),
  }
}

function toSubscription({ vapid_key, created_at, ...row }: Record<string, SQLOutputValue>): PushSubscription {
  return { ...row, vapidKey: vapid_key, createdAt: created_at } as unknown as PushSubscription
}
