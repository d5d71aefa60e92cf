/** An element of XML. What is undefined among its content is left out. */
export interface XmlElement {
  name: string
  attributes: Readonly<Record<string, string>>
  content: readonly XmlContent[]
}
export type XmlContent = XmlElement | string | number | boolean | undefined

export function el(
  name: string,
  content: XmlContent | readonly XmlContent[],
  attributes: Readonly<Record<string, string>> = {},
): XmlElement {
  return { name, attributes, content: [content].flat() as readonly XmlContent[] }
}

/** A whole document, UTF-8. Text and attributes are escaped; what XML 1.0 cannot hold is left out of them. */
export function writeXml(root: XmlElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${write(root)}\n`
}

function write(content: XmlContent): string {
  if (content === undefined) return ''
  if (typeof content !== 'object') return escaped(String(content))
  const { name, attributes } = content
  const start = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${escaped(value)}"`)]
  const inside = content.content.map(write).join('')
  return inside === '' ? `<${start.join(' ')}/>` : `<${start.join(' ')}>${inside}</${name}>`
}

const ESCAPED: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

function escaped(text: string): string {
  return (
    text
      .toWellFormed()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0, production 2, has none of them
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      .replace(/[&<>"\t\n\r]/g, character => ESCAPED[character]!)
  )
}
