import { FileError } from '../byte-source.ts'

/** What lists and names are in, whatever it was written as. */
export interface TreeDocument {
  document: unknown
  /** From 1. */
  line: number
}

/** A document is read whole, as what stands around a row may follow it; bytes. */
export const LONGEST_DOCUMENT = 64 * 1024 ** 2

/**
 * The documents of a JSON file: one, those of a list, or one a line.
 * @param name of the file, for errors
 * @throws FileError naming it and the line
 */
export function* parseDocuments(bytes: Uint8Array, name: string): Generator<TreeDocument> {
  const text = new TextDecoder().decode(bytes)
  const whole = parse(text)
  if (whole !== undefined) {
    for (const document of Array.isArray(whole) ? whole : [whole]) yield { document, line: 1 }
    return
  }
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const document = parse(line)
    if (document === undefined) throw new FileError(name, `line ${index + 1} is no JSON`)
    yield { document, line: index + 1 }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
