import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../../model/clock.ts'
import { DAY_MS } from '../../model/time.ts'
import type { RecordStore, StoredToken, TokenScope } from '../../store/records.ts'

const LINK_LIFE = DAY_MS
export const SESSION_LIFE = 7 * DAY_MS

/** Who a one-time link makes of its opener. */
const ADMINISTRATOR = 'administrator'
/** Who writes when no person does. */
const HUB = 'hub'

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

/** True while nobody has opened a session and no script has a token: then a link is due. */
export function needsLoginLink(records: RecordStore): boolean {
  return !records.tokens().some(token => token.scope !== 'link')
}

/** A link that opens one session of the administrator within a day. It replaces the links made before. */
export function createLoginLink({ records, clock, baseUrl }: Issuer & { baseUrl: string }): string {
  const now = clock.now()
  for (const link of records.tokens()) {
    if (link.scope === 'link' && isUsable(link, now)) records.revokeToken(link.id, now)
  }
  const { id, token } = issueToken({ records, clock }, ADMINISTRATOR, 'link', now + LINK_LIFE)
  records.audit({ time: now, actor: HUB, action: 'create-login-link', target: id })
  return `${baseUrl.replace(/\/$/, '')}/login?token=${token}`
}

/** A token for scripts, sent as `Authorization: Bearer`. Without `expiresInDays` it is valid until revoked. */
export function createApiToken({
  records,
  clock,
  actor,
  expiresInDays,
}: Issuer & { actor: string; expiresInDays?: number }): IssuedToken {
  const now = clock.now()
  const expiresAt = expiresInDays === undefined ? undefined : now + expiresInDays * DAY_MS
  const issued = issueToken({ records, clock }, actor, 'api', expiresAt)
  records.audit({ time: now, actor, action: 'create-token', target: issued.id })
  return issued
}

export function createSession({ records, clock }: Issuer, actor: string): IssuedToken {
  return issueToken({ records, clock }, actor, 'session', clock.now() + SESSION_LIFE)
}

function issueToken(
  { records, clock }: Issuer,
  actor: string,
  scope: TokenScope,
  expiresAt?: number,
): IssuedToken {
  const id = randomBytes(8).toString('hex')
  // The prefix lets secret scanners find a token that was committed somewhere.
  const token = `affluent_${randomBytes(32).toString('base64url')}`
  records.addToken({ id, hash: tokenHash(token), actor, scope, createdAt: clock.now(), expiresAt })
  return { id, token, expiresAt }
}
