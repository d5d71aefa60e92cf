import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import type { ByteSource } from '../../ingest/byte-source.ts'
import { readXml } from '../../ingest/xml.ts'

/** In pieces of a few bytes, so that names, texts and letters are cut. */
function source(bytes: Buffer): ByteSource {
  const pieces = Array.from({ length: Math.ceil(bytes.length / 3) }, (_, at) =>
    bytes.subarray(at * 3, at * 3 + 3),
  )
  return { name: 'flux.xml', open: async () => Readable.from(pieces) }
}

async function elements(bytes: Buffer) {
  const found: string[] = []
  const handler = (emit: (element: string) => void) => ({
    open: (name: string, attributes: object) => emit(`<${name} ${Object.values(attributes).join()}`),
    close: (name: string, text: string) => emit(`${name}=${text}`),
  })
  for await (const element of readXml(source(bytes), handler)) found.push(element)
  return found
}

it('elements come in their order, without prefixes, with their attributes and text', async () => {
  const xml =
    '\ufeff<?xml version="1.0" encoding="UTF-8"?><!-- R171 --><ns2:R a="é &amp; è"><v>1 &lt; 2</v><w><![CDATA[<3>]]></w>fin</ns2:R>'
  expect(await elements(Buffer.from(xml))).toEqual([
    ...['<R é & è', '<v ', 'v=1 < 2', '<w ', 'w=<3>', 'R=fin'],
  ])
})

it('the encoding is the one that is declared', async () => {
  const xml = "<?xml version='1.0' encoding='ISO-8859-1'?><v>différenciation</v>"
  expect(await elements(Buffer.from(xml, 'latin1'))).toEqual(['<v ', 'v=différenciation'])
  const strange = '<?xml version="1.0" encoding="klingon"?><v/>'
  await expect(elements(Buffer.from(strange))).rejects.toThrow('flux.xml: line 1')
})

it('what is no XML is told with its line', async () => {
  const broken = '<R>\n<v>1</v>\n<v>2</w>\n</R>'
  await expect(elements(Buffer.from(broken))).rejects.toThrow('flux.xml: line 3: Unexpected close tag')
  await expect(elements(Buffer.from('<R>\n<v>1</v>'))).rejects.toThrow('flux.xml: line 2: Unclosed root tag')
})
