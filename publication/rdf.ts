import { DataFactory, type NamedNode, type Quad, type Quad_Object, type Quad_Subject, Writer } from 'n3'

const { blankNode, literal, namedNode, quad } = DataFactory
const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#'
const XSD_STRING = 'http://www.w3.org/2001/XMLSchema#string'

/** JSON-LD 1.1 as the catalogue is written: keys are prefixed names of an inline context, values say what they are. */
export type JsonLdValue =
  | string
  | { '@id': string }
  | { '@value': string; '@type': string }
  | { '@value': string; '@language': string }
  | JsonLdNode
  | readonly JsonLdValue[]

export interface JsonLdNode {
  /** Absent: a blank node. */
  '@id'?: string
  '@type'?: string | readonly string[]
  [property: string]: JsonLdValue | undefined
}

export interface JsonLdDocument extends JsonLdNode {
  '@context': Record<string, string>
}

/** The triples of a document. Blank nodes are named by their order, so that the same document is the same bytes. */
export function quadsOf({ '@context': prefixes, ...document }: JsonLdDocument): Quad[] {
  const quads: Quad[] = []
  let blanks = 0
  const expand = (name: string) => {
    const [prefix, local] = name.split(':') as [string, string]
    return namedNode(prefixes[prefix]! + local)
  }

  function addNode(node: JsonLdNode): Quad_Subject {
    const { '@id': id, '@type': types, ...properties } = node
    const subject = id === undefined ? blankNode(`b${++blanks}`) : namedNode(id)
    for (const type of [types ?? []].flat()) quads.push(quad(subject, namedNode(`${RDF}type`), expand(type)))
    for (const [name, value] of Object.entries(properties))
      if (value !== undefined) addValue(subject, expand(name), value)
    return subject
  }

  function addValue(subject: Quad_Subject, predicate: NamedNode, value: JsonLdValue): void {
    if (isList(value)) for (const each of value) addValue(subject, predicate, each)
    else quads.push(quad(subject, predicate, toTerm(value)))
  }

  function toTerm(value: Exclude<JsonLdValue, readonly JsonLdValue[]>): Quad_Object {
    if (typeof value === 'string') return literal(value)
    if (!('@value' in value)) return addNode(value) as Quad_Object
    const text = value['@value'] as string
    if ('@language' in value) return literal(text, value['@language'] as string)
    const type = value['@type'] as string
    return literal(text, type.startsWith('http') ? namedNode(type) : expand(type))
  }

  addNode(document)
  return quads
}

/** Turtle (https://www.w3.org/TR/turtle/). */
export function toTurtle(document: JsonLdDocument): string {
  const writer = new Writer({ prefixes: document['@context'] })
  writer.addQuads(quadsOf(document))
  let text = ''
  // A writer without a stream of its own answers at once.
  writer.end((_, written) => {
    text = written
  })
  return text
}

/** RDF/XML (https://www.w3.org/TR/rdf-syntax-grammar/). */
export function toRdfXml(document: JsonLdDocument): string {
  const prefixes = Object.entries({ rdf: RDF, ...document['@context'] })
  const nameOf = (iri: string) => {
    const [prefix, namespace] = prefixes.find(([, each]) => iri.startsWith(each))!
    return `${prefix}:${iri.slice(namespace.length)}`
  }
  const bySubject = Map.groupBy(
    quadsOf(document),
    ({ subject }) =>
      `rdf:${subject.termType === 'BlankNode' ? 'nodeID' : 'about'}="${escapeXml(subject.value)}"`,
  )
  const nodes = [...bySubject].map(([subject, quads]) => {
    const properties = quads.map(
      ({ predicate, object }) => `    ${element(nameOf(predicate.value), object)}\n`,
    )
    return `  <rdf:Description ${subject}>\n${properties.join('')}  </rdf:Description>\n`
  })
  const namespaces = prefixes.map(([prefix, iri]) => ` xmlns:${prefix}="${iri}"`)
  return `<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF${namespaces.join('')}>\n${nodes.join('')}</rdf:RDF>\n`
}

function element(name: string, object: Quad_Object): string {
  if (object.termType === 'NamedNode') return `<${name} rdf:resource="${escapeXml(object.value)}"/>`
  if (object.termType === 'BlankNode') return `<${name} rdf:nodeID="${object.value}"/>`
  return `<${name}${literalKind(object)}>${escapeXml(object.value)}</${name}>`
}

function literalKind(object: Quad_Object): string {
  if (object.termType !== 'Literal' || object.datatype.value === XSD_STRING) return ''
  return object.language
    ? ` xml:lang="${object.language}"`
    : ` rdf:datatype="${escapeXml(object.datatype.value)}"`
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"\r]/g, sign => `&#${sign.charCodeAt(0)};`)
}

function isList(value: JsonLdValue): value is readonly JsonLdValue[] {
  return Array.isArray(value)
}
