import { z } from 'zod'
import { isTimeZone } from './time-zone.ts'

/** What the registry says of values that lie in JSON documents, whatever brings these. */

export const pointer = z
  .string()
  .regex(/^(?:\/(?:[^~/]|~[01])*)*$/, 'write a JSON Pointer such as /object/temperature (RFC 6901)')

export const scalar = z.union(
  [z.string(), z.number(), z.boolean(), z.null()],
  'write a text, a number or a boolean',
)

/** Where in a document a value is, and what it means there. */
export const documentValueFields = {
  value: pointer.describe('JSON Pointer (RFC 6901) to the value; empty for the whole document.').default(''),
  time: pointer
    .describe(
      "JSON Pointer to the source's time: since 1970 in s, ms, µs or ns, RFC 3339, or local. Default: the format's.",
    )
    .optional(),
  quality: z
    .strictObject({
      at: pointer,
      good: z.array(scalar).min(1),
      uncertain: z.array(scalar).default([]),
    })
    .describe('What is neither good nor uncertain is bad. What is missing counts as null.')
    .optional(),
  trueWhen: z.array(scalar).min(1).describe('Default: true, on, 1.').optional(),
  falseWhen: z.array(scalar).min(1).describe('Default: false, off, 0.').optional(),
  scale: z.number().describe('value = raw × scale + offset').default(1),
  offset: z.number().describe('value = raw × scale + offset').default(0),
}

export const documentTimeZone = z
  .string()
  .refine(isTimeZone, 'not an IANA time zone such as Europe/Paris, nor an offset such as +01:00')
  .describe("Of times without an offset. Default: the territory's.")
  .optional()

const documentValueSchema = z.strictObject(documentValueFields)
export type DocumentValue = z.output<typeof documentValueSchema>
