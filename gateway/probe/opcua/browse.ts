import {
  BrowseDirection,
  type BrowseResult,
  type ClientSession,
  NodeClass,
  type ReferenceDescription,
} from 'node-opcua'

/** What the server offers to read, by its way from the Objects folder. */
export interface Variable {
  /** As in the registry: `ns=2;s=Name`. */
  node: string
  /** Names from the Objects folder down: `Boiler/Temperature`. */
  path: string
}

export interface BrowseOptions {
  /** How many levels below the Objects folder. */
  depth: number
  /** The most variables to find. */
  limit: number
  progress: (found: number) => void
}

const OBJECTS = 'ns=0;i=85'
/** The server speaks of itself there: hundreds of variables, none of them measured. */
const SERVER = 'ns=0;i=2253'
const HAS_PROPERTY = 'ns=0;i=46'
/** Below what small servers take in one request. */
const NODES_PER_REQUEST = 50
const EVERYTHING = 0x3f

/** The variables below the Objects folder, level by level; `cut` when the limits kept some of them out. */
export async function browseVariables(
  session: ClientSession,
  { depth, limit, progress }: BrowseOptions,
): Promise<{ variables: Variable[]; cut: boolean }> {
  const variables: Variable[] = []
  const seen = new Set([OBJECTS, SERVER])
  let level: Variable[] = [{ node: OBJECTS, path: '' }]
  for (let below = 1; level.length > 0; below++) {
    if (below > depth) return { variables, cut: true }
    const next: Variable[] = []
    for (let from = 0; from < level.length; from += NODES_PER_REQUEST) {
      const parents = level.slice(from, from + NODES_PER_REQUEST)
      const children = await childrenOf(session, parents)
      for (const [index, references] of children.entries()) {
        for (const reference of references) {
          const node = nodeName(reference)
          if (seen.has(node)) continue
          seen.add(node)
          const parent = parents[index]!.path
          const name = reference.displayName.text || reference.browseName.name || node
          const found = { node, path: parent === '' ? name : `${parent}/${name}` }
          if (reference.nodeClass === NodeClass.Variable) {
            if (variables.length === limit) return { variables, cut: true }
            variables.push(found)
          }
          next.push(found)
        }
      }
      progress(variables.length)
    }
    level = next
  }
  return { variables, cut: false }
}

async function childrenOf(
  session: ClientSession,
  parents: readonly Variable[],
): Promise<ReferenceDescription[][]> {
  const results = await session.browse(
    parents.map(({ node }) => ({
      nodeId: node,
      browseDirection: BrowseDirection.Forward,
      referenceTypeId: 'HierarchicalReferences',
      includeSubtypes: true,
      nodeClassMask: NodeClass.Object | NodeClass.Variable,
      resultMask: EVERYTHING,
    })),
  )
  return Promise.all(results.map(result => allReferences(session, result)))
}

/** A server gives as many at once as it likes, and the rest when asked. */
async function allReferences(session: ClientSession, first: BrowseResult): Promise<ReferenceDescription[]> {
  const references = [...(first.references ?? [])]
  for (let point = first.continuationPoint; point && point.length > 0; ) {
    const next = await session.browseNext(point, false)
    references.push(...(next.references ?? []))
    point = next.continuationPoint
  }
  return references.filter(({ referenceTypeId }) => nodeIdName(referenceTypeId) !== HAS_PROPERTY)
}

function nodeName({ nodeId }: ReferenceDescription): string {
  return nodeIdName(nodeId)
}

/** With the namespace always in front, so that one node has one name. */
function nodeIdName(nodeId: { namespace: number; toString(): string }): string {
  const name = nodeId.toString().replace(/^ns=\d+;/, '')
  return `ns=${nodeId.namespace};${name}`
}
