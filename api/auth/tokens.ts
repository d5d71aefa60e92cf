import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../../model/clock.ts'
import { DAY_MS } from '../../model/time.ts'
import type { AccountRole, RecordStore, StoredToken, TokenScope } from '../../store/records.ts'

const LINK_LIFE = DAY_MS
/** A crew's phone stays signed in over its turns; what it may do is little. */
export const SESSION_LIFE: Record<AccountRole, number> = {
  administrator: 7 * DAY_MS,
  crew: 30 * DAY_MS,
  reader: 30 * DAY_MS,
}

/** Whose name a token writes in, and what it may do. */
export interface Holder {
  actor: string
  role: AccountRole
}

const ADMINISTRATOR: Holder = { actor: 'administrator', role: 'administrator' }
/** Who writes when no person does. */
export const HUB = 'hub'

interface Issuer {
  records: RecordStore
  clock: Clock
}

/** A secret that is shown once, and the id by which it can be revoked. */
export interface IssuedToken {
  id: string
  token: string
  /** ms UTC */
  expiresAt?: number
}

/** Only this is kept of a token. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

export function isUsable(token: StoredToken, now: number): boolean {
  const expired = token.expiresAt !== undefined && token.expiresAt <= now
  return !expired && token.revokedAt === undefined && token.spentAt === undefined
}

/** True while no administrator has opened a session and no script has a token: then a link is due. */
export function needsLoginLink(records: RecordStore): boolean {
  return !records.tokens().some(({ scope, role }) => scope !== 'link' && role === 'administrator')
}

/** A link that opens one session within a day. It replaces the links made before for the same holder. */
export function createLoginLink({
  records,
  clock,
  baseUrl,
  holder = ADMINISTRATOR,
}: Issuer & { baseUrl: string; holder?: Holder | undefined }): string {
  const now = clock.now()
  for (const link of records.tokens()) {
    const isSame = link.actor === holder.actor && link.role === holder.role
    if (link.scope === 'link' && isSame && isUsable(link, now)) records.revokeToken(link.id, now)
  }
  const { id, token } = issueToken({ records, clock }, holder, 'link', now + LINK_LIFE)
  records.audit({ time: now, actor: HUB, action: 'create-login-link', target: id })
  return `${baseUrl.replace(/\/$/, '')}/login?token=${token}`
}

/** A token for scripts, sent as `Authorization: Bearer`. Without `expiresInDays` it is valid until revoked. */
export function createApiToken({
  records,
  clock,
  actor,
  role = 'administrator',
  expiresInDays,
}: Issuer & { actor: string; role?: AccountRole; expiresInDays?: number | undefined }): IssuedToken {
  const now = clock.now()
  const expiresAt = expiresInDays === undefined ? undefined : now + expiresInDays * DAY_MS
  const issued = issueToken({ records, clock }, { actor, role }, 'api', expiresAt)
  records.audit({ time: now, actor, action: 'create-token', target: issued.id })
  return issued
}

export function createSession({ records, clock }: Issuer, holder: Holder): IssuedToken {
  return issueToken({ records, clock }, holder, 'session', clock.now() + SESSION_LIFE[holder.role])
}

/** Ends every link, session and token that writes in a name, and every phone that is told in it; returns how many. */
export function revokeAccess({ records, clock }: Issuer, actor: string): number {
  const now = clock.now()
  const ended = records.tokens().filter(token => token.actor === actor && isUsable(token, now))
  for (const { id } of ended) {
    records.revokeToken(id, now)
    records.audit({ time: now, actor: HUB, action: 'revoke-token', target: id })
  }
  const phones = records.pushSubscriptions(actor)
  for (const { id } of phones) {
    records.removePushSubscription(id)
    records.audit({ time: now, actor: HUB, action: 'unsubscribe-phone', target: id })
  }
  return ended.length + phones.length
}

function issueToken(
  { records, clock }: Issuer,
  holder: Holder,
  scope: TokenScope,
  expiresAt?: number,
): IssuedToken {
  const id = randomBytes(8).toString('hex')
  // The prefix lets secret scanners find a token that was committed somewhere.
  const token = `affluent_${randomBytes(32).toString('base64url')}`
  records.addToken({ id, hash: tokenHash(token), ...holder, scope, createdAt: clock.now(), expiresAt })
  return { id, token, expiresAt }
}
