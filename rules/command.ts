import { z } from 'zod'
import type { AlertCommand } from '../model/alert.ts'

const commandSchema = z.object({
  id: z.string().min(1),
  action: z.enum(['acknowledge', 'shelve', 'unshelve']),
  alert: z.string().min(1),
  actor: z.string().min(1),
  time: z.int(),
  until: z.int().optional(),
  reason: z.string().optional(),
  change: z.int().nonnegative().optional(),
  actedAt: z.int().optional(),
})

/**
 * A command as the API published it.
 * @throws Error naming what is wrong with it.
 */
export function decodeCommand(payload: Buffer): AlertCommand {
  const { data, error } = commandSchema.safeParse(JSON.parse(payload.toString()))
  if (error) throw new Error(`a command on alerts was refused: ${z.prettifyError(error)}`)
  return data
}
