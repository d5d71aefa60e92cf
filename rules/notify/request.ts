/**
 * Sends one HTTP request and returns how it was answered. Arrived is what was answered with 2xx within the time; a redirect is a refusal.
 * @throws Error with the reason, in which neither the URL nor a header appears: they may hold secrets
 */
export async function request(
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string },
  { timeout, signal }: { timeout: number; signal: AbortSignal },
): Promise<string> {
  const response = await fetch(url, {
    ...init,
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
  }).catch(error => {
    throw new Error(reasonOf(error))
  })
  await response.body?.cancel()
  const answer = `answered with status ${response.status}`
  if (!response.ok) throw new Error(answer)
  return answer
}

/** The code of what went wrong with a request: its words may hold the address. */
export function reasonOf(error: unknown): string {
  const { name, code, cause } = error as NodeJS.ErrnoException & { cause?: { code?: string } }
  if (name === 'TimeoutError') return 'no answer in time'
  return cause?.code ?? (typeof code === 'string' ? code : name)
}
