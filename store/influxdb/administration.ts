import { HttpError, InfluxDB } from '@influxdata/influxdb-client'

/** A token of an operator or with all access, or the user that has it. */
export type Credentials = { token: string } | { username: string; password: string }

/** What is there when an InfluxDB 2 is set up for the first time. */
export interface FirstSetup {
  org: string
  bucket: string
  retentionSeconds: number
}

/** Requests to the administration of an InfluxDB 2. Messages name the request, never who makes it. */
export interface Administration {
  /** True where this has set up a new InfluxDB. */
  isNew: boolean
  get(path: string, query: Record<string, string>): Promise<unknown>
  post(path: string, body: object): Promise<unknown>
  patch(path: string, body: object): Promise<unknown>
}

/**
 * Signs in; a new InfluxDB gets its first user, organisation and bucket by this.
 * @throws Error that says what to do, when it cannot.
 */
export async function administer(
  url: string,
  credentials: Credentials,
  first: FirstSetup,
): Promise<Administration> {
  const stranger = requests(url, {})
  const { allowed } = (await stranger.get('/api/v2/setup', {})) as { allowed: boolean }
  if ('token' in credentials) {
    if (allowed)
      throw new Error(`InfluxDB at ${url} is new: set INFLUX_USERNAME and INFLUX_PASSWORD for its first user`)
    return { ...requests(url, { authorization: `Token ${credentials.token}` }), isNew: false }
  }
  const { username, password } = credentials
  if (allowed) {
    const { org, bucket, retentionSeconds: retentionPeriodSeconds } = first
    const setup = { username, password, org, bucket, retentionPeriodSeconds }
    const { auth } = (await stranger.post('/api/v2/setup', setup)) as { auth: { token: string } }
    return { ...requests(url, { authorization: `Token ${auth.token}` }), isNew: true }
  }
  return { ...requests(url, { cookie: await openSession(url, username, password) }), isNew: false }
}

function requests(url: string, headers: Record<string, string>): Omit<Administration, 'isNew'> {
  const { transport } = new InfluxDB({ url, timeout: 30_000 })
  async function send(method: string, path: string, body: string): Promise<unknown> {
    try {
      return await transport.request(path, body, { method, headers })
    } catch (error) {
      throw explain(error, url, `${method} ${path.split('?')[0]}`)
    }
  }
  return {
    get: (path, query) => send('GET', `${path}?${new URLSearchParams(query)}`, ''),
    post: (path, body) => send('POST', path, JSON.stringify(body)),
    patch: (path, body) => send('PATCH', path, JSON.stringify(body)),
  }
}

/** The cookie of a session. */
async function openSession(url: string, username: string, password: string): Promise<string> {
  const { transport } = new InfluxDB({ url })
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  let cookie: string | undefined
  await transport
    .request('/api/v2/signin', '', { method: 'POST', headers: { authorization } }, started => {
      cookie = [started['set-cookie']].flat()[0]?.split(';')[0]
    })
    .catch(error => {
      throw explain(error, url, 'POST /api/v2/signin')
    })
  if (!cookie) throw new Error(`InfluxDB at ${url} opens no session`)
  return cookie
}

function explain(error: unknown, url: string, request: string): Error {
  const message = error instanceof Error ? error.message : String(error)
  // Without its cause: that holds the headers.
  if (!(error instanceof HttpError)) return new Error(`InfluxDB at ${url} cannot be reached: ${message}`)
  const hint =
    error.statusCode === 401 || error.statusCode === 403
      ? ': it takes an operator token or one with all access (only the former makes organisations)'
      : ''
  return new Error(`InfluxDB at ${url} answers ${error.statusCode} to ${request} (${message})${hint}`)
}
