import { Problem, problems } from '../problem.ts'
import type { Server } from '../server.ts'
import {
  type Accounts,
  type Actor,
  authenticate,
  authenticateByLink,
  authenticateByMessage,
  authenticateGateway,
  authenticatePhone,
  authenticateReader,
} from './authenticate.ts'

/** Who may read what is not open data. */
export type Reads = 'everybody' | 'accounts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Says that a route changes something, by which name the audit knows it, and how its caller proves who it is. */
    write?: {
      action: string
      credential: 'account' | 'login-link' | 'message-link' | 'phone' | 'sms-gateway'
    }
    /** Says that a route takes a body and yet changes nothing: it needs an account, and is in no audit. */
    asks?: true
    /** Says that a route that changes nothing is only for whoever has an account. */
    account?: true
    /** Says that such a route is also for the people of the registry, who may do nothing else. */
    crew?: true
    /** Says of a route of the hub's own that it is for everybody, also where reading needs an account. */
    open?: true
    /** Says that whoever has an account may: of what everybody may read where that needs none, and of the logout. */
    anyAccount?: true
  }
  interface FastifyRequest {
    /** Set before the handler of every route runs that needs an account. */
    actor: Actor | null
  }
}

const PROOFS = {
  account: authenticate,
  'login-link': authenticateByLink,
  'message-link': authenticateByMessage,
  phone: authenticatePhone,
  'sms-gateway': authenticateGateway,
}

/** What is not open data. */
const OWN_PATHS = /^\/(?:v1\/|metrics$)/

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Puts every write behind authentication and into the audit, before it happens, and what is not for everybody
 * behind authentication. A route that could change something cannot be registered without saying so, nor is one open
 * to a crew that does not say so.
 * @param reads who may read what is not open data
 */
export function guardRoutes(server: Server, accounts: Accounts, reads: Reads): void {
  server.decorateRequest('actor', null)

  server.addHook('onRoute', route => {
    const unsafe = [route.method].flat().filter(method => !SAFE_METHODS.has(method))
    if (unsafe.length > 0 && !route.config?.write && !route.config?.asks) {
      throw new Error(`${unsafe.join(', ')} ${route.url} has no config.write: it would need no account`)
    }
    const { write, asks, account, open } = route.config ?? {}
    if (reads === 'everybody' || write || asks || account || open || !OWN_PATHS.test(route.url)) return
    route.config = { ...route.config, account: true, anyAccount: true }
    const { response } = route.schema ?? {}
    route.schema = { ...route.schema, response: { ...problems(401), ...(response as object) } }
  })

  // Before validation, so that a stranger learns nothing about what a write takes.
  server.addHook('preValidation', (request, _reply, done) => {
    const { write, asks, account, anyAccount, crew } = request.routeOptions.config
    if (account) request.actor = authenticateReader(request, accounts)
    if (asks) request.actor = authenticate(request, accounts)
    if (write) request.actor = PROOFS[write.credential](request, accounts)
    const isProven = write !== undefined && write.credential !== 'account'
    if (request.actor && !anyAccount && !isProven) refuseOthers(request.actor, crew ?? false)
    done()
  })

  server.addHook('preHandler', (request, _reply, done) => {
    const { write } = request.routeOptions.config
    if (!write) return done()
    accounts.records.audit({
      time: accounts.clock.now(),
      actor: request.actor!.name,
      action: write.action,
      // What stands in the path of a link is a credential.
      target:
        write.credential === 'account'
          ? Object.values(request.params as object).join('/')
          : request.actor!.tokenId,
    })
    done()
  })
}

/** Of what is not for everybody who reads. */
function refuseOthers({ name, role }: Actor, forCrews: boolean): void {
  if (role === 'administrator' || (role === 'crew' && forCrews)) return
  const may = role === 'crew' ? 'do what a crew does' : 'read'
  throw new Problem(
    403,
    `${name} may only ${may}: this is for administrators${forCrews ? ' and crews' : ''}.`,
  )
}
