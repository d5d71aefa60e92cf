import { ApiError, send } from '../api/client.ts'
import { deviceNow } from '../clock.ts'
import type { Answer } from './answer.ts'
import { KEPT_SINCE } from './kept-since.ts'

/** @throws ApiError where the hub refuses, or cannot be reached and nothing is kept. */
export async function ask<T>(path: string): Promise<Answer<T>> {
  const at = deviceNow()
  const response = await send(path, { headers: { accept: 'application/json' } })
  const since = response.headers.get(KEPT_SINCE)
  const data: T = await response.json().catch((error: unknown) => {
    throw new ApiError(0, String(error))
  })
  return since === null ? { data, at, kept: false } : { data, at: Number(since), kept: true }
}
