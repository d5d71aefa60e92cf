import { z } from 'zod'

/** A text in one language for all, or in both. */
export const text = z
  .union(
    [z.string().min(1), z.strictObject({ fr: z.string().min(1), en: z.string().min(1) })],
    'write a text, or one for fr and one for en',
  )
  .transform(value => (typeof value === 'string' ? { fr: value, en: value } : value))
