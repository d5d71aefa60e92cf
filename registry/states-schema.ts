import { z } from 'zod'
import { MAX_STRING_LENGTH } from '../model/reading.ts'

/** The names of an enumeration's numbers. */
export const statesSchema = z
  .record(
    z.string().regex(/^-?\d+$/, 'write whole numbers as the register has them'),
    z.union([z.boolean(), z.string().min(1).max(MAX_STRING_LENGTH)]),
  )
  .describe('What each raw number stands for: texts, or true and false. Any other number is undecodable.')
