import { KEPT_SINCE } from '../kept-since.ts'

const CACHE = 'crew-answers'
const MOST_KEPT = 100
/** A line that is this slow is none: the kept answer is shown, with its age. */
const PATIENCE_MS = 8000

/** What the page shows, and nothing that needs an account. */
const KEPT_PATHS = [
  /^\/v1\/(?:territory|sites|alerts|points|outlook|road-states|forecasts)$/,
  /^\/v1\/alerts\/[^/]+$/,
  /^\/v1\/winter-service\/circuits$/,
  /^\/v1\/sites\/[^/]+\/alert-history$/,
  /^\/v1\/points\/[^/]+\/[^/]+\/[^/]+\/aggregates$/,
]

export function isKept({ pathname }: URL): boolean {
  return KEPT_PATHS.some(path => path.test(pathname))
}

/** The answer of the hub; the last one that came, marked as such, where the hub cannot be reached. */
export async function answer(request: Request): Promise<Response> {
  const asked = Date.now()
  const cache = await caches.open(CACHE)
  const key = keyOf(new URL(request.url))
  let response: Response | undefined
  try {
    const came = await fetch(request, { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS) })
    // An answer of which only the beginning came is none.
    response = new Response(await came.blob(), came)
    if (response.ok) await keep(cache, key, response.clone(), asked)
  } catch {}
  if (response && response.status < 500) return response
  return (await cache.match(key)) ?? response ?? Response.error()
}

/** Spans move with the time: the last answer stands for each of them. */
function keyOf(url: URL): string {
  url.searchParams.delete('from')
  return url.href
}

/** The mark is kept with the answer, so that nothing can leave the cache without it. */
async function keep(cache: Cache, key: string, response: Response, asked: number): Promise<void> {
  const headers = { 'content-type': 'application/json', [KEPT_SINCE]: String(asked) }
  await cache.put(key, new Response(await response.blob(), { headers }))
  const keys = await cache.keys()
  await Promise.all(keys.slice(0, -MOST_KEPT).map(old => cache.delete(old)))
}
