export interface WrongField {
  name: string
  /** In English. */
  detail: string
  /** What is wrong in one word, where the hub has one for it. */
  fault?: string
}

/** The hub could not be reached, or it refused; `status` is 0 when no answer came. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  /** The first field of what was sent that was refused, and why. */
  readonly field: WrongField | undefined
  constructor(status: number, message: string, field?: WrongField) {
    super(message)
    this.status = status
    this.field = field
  }
}

const PATIENCE_MS = 20_000

/** @throws ApiError */
export async function get<T>(path: string): Promise<T> {
  const response = await send(path, { headers: { accept: 'application/json' } })
  return response.json()
}

/** @throws ApiError */
export async function post<T>(path: string, body?: object): Promise<T | undefined> {
  const content = body && {
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  }
  const response = await send(path, { method: 'POST', ...content })
  return response.status === 204 ? undefined : response.json()
}

/**
 * Sends what is to be judged: what is wrong with it (422) is an answer, too.
 * @throws ApiError
 */
export async function submit<T>(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  options: { body?: object; hash?: string; signal?: AbortSignal } = {},
): Promise<T> {
  const { body, hash, signal } = options
  const headers: Record<string, string> = {}
  if (body) headers['content-type'] = 'application/json'
  if (hash !== undefined) headers['if-match'] = `"${hash}"`
  const init = { method, headers, ...(body && { body: JSON.stringify(body) }) }
  return (await send(path, { ...init, ...(signal && { signal }) }, [422])).json()
}

/** @throws ApiError */
export async function remove(path: string): Promise<void> {
  await send(path, { method: 'DELETE' })
}

/** @throws ApiError */
export async function send(
  path: string,
  { signal, ...init }: RequestInit,
  expected: readonly number[] = [],
): Promise<Response> {
  const patience = AbortSignal.timeout(PATIENCE_MS)
  let response: Response
  try {
    response = await fetch(path, { ...init, signal: signal ? AbortSignal.any([patience, signal]) : patience })
  } catch (error) {
    throw new ApiError(0, String(error))
  }
  // A redirect that is not followed says that it was done.
  const isAnswer = response.ok || expected.includes(response.status)
  if (isAnswer || response.type === 'opaqueredirect') return response
  const problem = await response.json().catch(() => ({}))
  const [wrong] = problem.errors ?? []
  throw new ApiError(response.status, problem.detail ?? response.statusText, wrong)
}
