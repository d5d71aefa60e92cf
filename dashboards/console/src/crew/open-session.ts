import { send } from '../api/client.ts'

/**
 * Opens a session in this page by a one-time link, which an installed page on some phones cannot be reached by.
 * @param link as it was sent, or its token alone
 * @throws ApiError 400 or 401 where it is not valid (any more)
 */
export async function openSession(link: string): Promise<void> {
  const token = tokenOf(link)
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ token })
  await send('/login', { method: 'POST', headers, body, redirect: 'manual' })
}

export function tokenOf(link: string): string {
  return /[?&]token=([\w-]+)/.exec(link)?.[1] ?? link.trim()
}
