import { z } from 'zod'

/** What the log reads of a leaf, which is the `version.json` of a version of a dataset. More may stand in it. */
const leafSchema = z.looseObject({
  dataset: z.string().min(1),
  version: z.int().positive(),
  publishedAt: z.iso.datetime(),
  files: z.array(
    z.looseObject({
      name: z.string().min(1),
      bytes: z.int().nonnegative(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
})

export type Leaf = z.output<typeof leafSchema>

/** Undefined for what is no description of a version. */
export function parseLeaf(bytes: Uint8Array): Leaf | undefined {
  try {
    return leafSchema.parse(
      JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)),
    )
  } catch {
    return undefined
  }
}
