import sax from 'sax'
import { type ByteSource, FileError, readHead } from './byte-source.ts'

/** Elements in their order, by their names without a prefix. */
export interface XmlHandler {
  open?(name: string, attributes: Readonly<Record<string, string>>): void
  /** With the text between its tags, that of elements within it apart. */
  close(name: string, text: string): void
}

const HEAD_BYTES = 1024
/** Text of one element. */
const LONGEST_TEXT = 64 * 1024
const ENCODING = /^[^>]*\bencoding\s*=\s*["']([\w.:-]+)["']/

/**
 * What a handler makes of an XML file, piece by piece. Nothing that it names is fetched, and entities that it declares
 * are not known.
 * @throws FileError naming it and the line
 */
export async function* readXml<T>(
  source: ByteSource,
  handlerOf: (emit: (value: T) => void) => XmlHandler,
): AsyncGenerator<T> {
  const found: T[] = []
  const handler = handlerOf(value => found.push(value))
  const texts: string[] = []
  const xml = sax.parser(true)
  xml.onopentag = ({ name, attributes }) => {
    texts.push('')
    handler.open?.(local(name), attributes as Record<string, string>)
  }
  xml.ontext = xml.oncdata = text => {
    if (texts.length === 0) return
    texts[texts.length - 1] += text
    if (texts.at(-1)!.length > LONGEST_TEXT) throw new Error('an element holds too much text')
  }
  xml.onclosetag = name => handler.close(local(name), texts.pop()!)
  xml.onerror = error => {
    throw new Error(error.message.split('\n', 1)[0])
  }
  try {
    const head = (await readHead(source, HEAD_BYTES)).toString('latin1')
    const decoder = new TextDecoder(
      head.startsWith('ÿþ') ? 'utf-16le' : (ENCODING.exec(head)?.[1] ?? 'utf-8'),
    )
    for await (const piece of await source.open()) {
      xml.write(decoder.decode(piece, { stream: true }))
      yield* found.splice(0)
    }
    xml.write(decoder.decode()).close()
    yield* found.splice(0)
  } catch (error) {
    if (error instanceof FileError) throw error
    throw new FileError(source.name, `line ${xml.line + 1}: ${(error as Error).message}`, { cause: error })
  }
}

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}
