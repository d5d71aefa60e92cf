import type { ByteSource } from '../byte-source.ts'
import { readXml, type XmlHandler } from '../xml.ts'
import { type DocumentLayout, type DocumentRow, openExpansion } from './document-rows.ts'
import { LONGEST_DOCUMENT, type TreeDocument } from './json-documents.ts'
import type { UnreadPart } from './rows.ts'

type Tree = { [name: string]: string | Tree | (string | Tree)[] }

/**
 * The rows of an XML file, which is parsed piece by piece.
 * @throws FileError naming it and the line
 */
export async function* readXmlRows(
  source: ByteSource,
  layouts: readonly DocumentLayout[],
): AsyncGenerator<DocumentRow | UnreadPart> {
  const expand = openExpansion(layouts)
  for await (const document of readXml(source, documentOf)) yield* expand(document)
}

/** Elements and attributes by their names, a list where one occurs again. */
function documentOf(emit: (document: TreeDocument) => void): XmlHandler {
  const open: Tree[] = [{}]
  let length = 0
  return {
    open(_, attributes) {
      const own = Object.entries(attributes).filter(([name]) => !name.startsWith('xmlns'))
      open.push(Object.fromEntries(own))
    },
    close(name, text) {
      const element = open.pop()!
      length += name.length + text.length
      if (length > LONGEST_DOCUMENT) throw new Error('the document is too large to be read at once')
      add(open.at(-1)!, name, Object.keys(element).length > 0 ? element : text.trim())
      if (open.length === 1) emit({ document: open[0], line: 1 })
    },
  }
}

function add(parent: Tree, name: string, value: string | Tree): void {
  const known = parent[name]
  if (known === undefined) parent[name] = value
  else if (Array.isArray(known)) known.push(value)
  else parent[name] = [known, value]
}
