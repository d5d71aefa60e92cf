import { createECDH } from 'node:crypto'
import { openOwnKey } from '../../bus/own-key.ts'
import type { PushSubscription } from '../../model/push-subscription.ts'
import { phonesId } from '../../registry/channel-schema.ts'
import type { Registry } from '../../registry/registry.ts'
import type { RecordStore } from '../../store/records.ts'

/** The phones that people have subscribed, and the key by which their push services know us (VAPID, RFC 8292). */
export interface Phones {
  /** An uncompressed point of P-256 in base64url: browsers subscribe for it. */
  readonly publicKey: string
  /** In base64url; it leaves the hub nowhere. */
  readonly privateKey: string
  /** Who is told on a channel of phones: one person, or all who have it. */
  peopleOf(channel: string): string[]
  of(person: string): PushSubscription[]
  /** The push service says that it is over. */
  end(subscription: PushSubscription): void
}

interface PhonesOptions {
  /** Keeps the key. */
  folder: string
  registry: Registry
  records: Pick<RecordStore, 'pushSubscriptions' | 'removePushSubscription'>
}

const CURVE = 'prime256v1'
const PRIVATE_BYTES = 32

export function openPhones({ folder, registry, records }: PhonesOptions): Phones {
  const key = createECDH(CURVE)
  key.setPrivateKey(openOwnKey(folder, 'vapid.key', makePrivateKey))
  const publicKey = key.getPublicKey('base64url')
  return {
    publicKey,
    privateKey: padded(key.getPrivateKey()).toString('base64url'),
    peopleOf: channel =>
      [...registry.people.values()]
        .filter(({ id, channels }) =>
          channels.some(each => each === channel || each === phonesId(channel, id)),
        )
        .map(({ id }) => id),
    of: person => records.pushSubscriptions(person).filter(({ vapidKey }) => vapidKey === publicKey),
    end: ({ id }) => records.removePushSubscription(id),
  }
}

function makePrivateKey(): Buffer {
  const made = createECDH(CURVE)
  made.generateKeys()
  return padded(made.getPrivateKey())
}

/** Leading zeros belong to it. */
function padded(key: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc(PRIVATE_BYTES - key.length), key])
}
