import { timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Clock } from '../../model/clock.ts'
import type { Registry } from '../../registry/registry.ts'
import type { AccountRole, RecordStore, TokenScope } from '../../store/records.ts'
import type { AnswerLinks } from '../answers/answers.ts'
import type { SmsGateways } from '../answers/sms.ts'
import { Problem } from '../problem.ts'
import { isUsable, tokenHash } from './tokens.ts'

export interface Actor {
  name: string
  scope: TokenScope
  role: AccountRole
  tokenId: string
  /** ms UTC */
  expiresAt?: number
}

export const SESSION_COOKIE = 'affluent_session'

export interface Accounts {
  records: RecordStore
  clock: Clock
  /** Whose people may do what a crew does. */
  registry: Pick<Registry, 'people'>
  answerLinks: AnswerLinks
  smsGateways: Pick<SmsGateways, 'tokenOf'>
}

/** What is enough for whoever has an account. */
type OwnAccounts = Omit<Accounts, 'answerLinks' | 'smsGateways'>

/**
 * Who makes a request: by bearer token, or by session cookie when the page that asks is ours.
 * @throws Problem 401 without a valid credential, 403 when another site's page uses the cookie.
 */
export function authenticate(request: FastifyRequest, accounts: Accounts): Actor {
  const actor = identify(request, accounts) ?? refuse('This changes something')
  if (actor.scope === 'session') requireOwnOrigin(request)
  return actor
}

/**
 * Who asks for what is not for everybody. No other site's page can read the answer to its cookie.
 * @throws Problem 401 without a valid credential.
 */
export function authenticateReader(request: FastifyRequest, accounts: Accounts): Actor {
  return identify(request, accounts) ?? refuse('This is not for everybody')
}

function refuse(what: string): never {
  const detail =
    `${what} and needs an account: log in by the one-time link, or send a token that ` +
    '`affluent token` made as "Authorization: Bearer <token>".'
  throw new Problem(401, detail, { 'WWW-Authenticate': 'Bearer realm="affluent"' })
}

/** Who makes a request that changes nothing; undefined for anybody. */
export function identify(request: FastifyRequest, accounts: OwnAccounts): Actor | undefined {
  const { authorization } = request.headers
  if (authorization !== undefined) {
    return findActor(/^Bearer +(\S+)$/i.exec(authorization)?.[1], 'api', accounts)
  }
  return findActor(request.cookies[SESSION_COOKIE], 'session', accounts)
}

/**
 * Spends a one-time link: the actor for the first who sends it.
 * @throws Problem 401 when it is unknown, expired, revoked or spent.
 */
export function authenticateByLink(request: FastifyRequest, accounts: Accounts): Actor {
  const { token } = (request.body ?? {}) as { token?: unknown }
  if (request.headers.origin !== undefined) requireOwnOrigin(request)
  const actor = findActor(typeof token === 'string' ? token : undefined, 'link', accounts)
  if (!actor || !accounts.records.spendToken(actor.tokenId, accounts.clock.now())) {
    throw new Problem(401, 'The link is unknown, expired or was used before.', {
      'WWW-Authenticate': 'Bearer realm="affluent"',
    })
  }
  return actor
}

/**
 * Whoever has a message with its link: the link is signed.
 * @throws Problem 401 when we have not signed it, or no longer know what it was about.
 */
export function authenticateByMessage(request: FastifyRequest, { answerLinks }: Accounts): Actor {
  const { token } = request.params as { token: string }
  if (request.headers.origin !== undefined) requireOwnOrigin(request)
  const link = answerLinks.find(token)
  if (!link) {
    throw new Problem(401, 'The link is unknown or too old.', {
      'WWW-Authenticate': 'Bearer realm="affluent"',
    })
  }
  return { name: link.actor, scope: 'link', role: 'crew', tokenId: link.alert }
}

/**
 * The gateway of a channel that takes replies: it alone was given the token of its address.
 * @throws Problem 401 for every other.
 */
export function authenticateGateway(request: FastifyRequest, { smsGateways }: Accounts): Actor {
  const { channel, token } = request.params as { channel: string; token: string }
  const [given, own] = [token, smsGateways.tokenOf(channel)].map(each => Buffer.from(each))
  if (given!.length !== own!.length || !timingSafeEqual(given!, own!))
    throw new Problem(401, 'This is not the address that the gateway was given.', {
      'WWW-Authenticate': 'Bearer realm="affluent"',
    })
  return { name: channel, scope: 'link', role: 'crew', tokenId: channel }
}

/**
 * The person whose phone it is: by the link of a message to them, by the id of a subscription that we have, which
 * only their browser knows, or else by an account.
 * @throws Problem 401 where none of these is valid.
 */
export function authenticatePhone(request: FastifyRequest, accounts: Accounts): Actor {
  const { link, replaces } = (request.body ?? {}) as { link?: unknown; replaces?: unknown }
  const { id = replaces } = request.params as { id?: unknown }
  if (link === undefined && id === undefined) return authenticate(request, accounts)
  if (request.headers.origin !== undefined) requireOwnOrigin(request)
  const message = typeof link === 'string' ? accounts.answerLinks.find(link) : undefined
  if (message?.person !== undefined)
    return { name: message.person, scope: 'link', role: 'crew', tokenId: message.alert }
  const phone = typeof id === 'string' ? accounts.records.pushSubscription(id) : undefined
  if (phone) return { name: phone.person, scope: 'link', role: 'crew', tokenId: phone.id }
  throw new Problem(401, 'The link is unknown, too old or of no person, or the phone is not subscribed.', {
    'WWW-Authenticate': 'Bearer realm="affluent"',
  })
}

/**
 * The actor that a token of this scope stands for, if it is valid now. Whoever is no longer among the people of the
 * registry has lost what they had as one of them.
 */
export function findActor(
  token: string | undefined,
  scope: TokenScope,
  { records, clock, registry }: OwnAccounts,
): Actor | undefined {
  const stored = token === undefined ? undefined : records.findToken(tokenHash(token))
  if (!stored || stored.scope !== scope || !isUsable(stored, clock.now())) return undefined
  const { actor, role, id, expiresAt } = stored
  if (role === 'crew' && !registry.people.has(actor)) return undefined
  return { name: actor, scope, role, tokenId: id, expiresAt }
}

/** Browsers send `Origin` with every POST: one that is absent or of another host is not our page. */
function requireOwnOrigin(request: FastifyRequest): void {
  const { origin, host } = request.headers
  const own = origin !== undefined && URL.canParse(origin) && new URL(origin).host === host
  if (!own) throw new Problem(403, 'A session may write only from a page of this hub (header Origin).')
}
