import {
  AccessLevelFlag,
  AttributeIds,
  type ClientSession,
  type DataValue,
  type HistoryData,
} from 'node-opcua'
import { timeOf } from './data-values.ts'
import { refusalOf } from './service-fault.ts'

const VALUES_PER_PAGE = 1000
/** Of one node: what a fast node has said in a long outage is not to hold up the others for hours. */
const MAX_PAGES = 100

/** Which of some nodes the server keeps a history of that we may read. */
export async function nodesWithHistory(session: ClientSession, nodes: readonly string[]): Promise<boolean[]> {
  const levels = await session.read(
    nodes.map(nodeId => ({ nodeId, attributeId: AttributeIds.UserAccessLevel })),
  )
  return levels.map(
    ({ statusCode, value }) => statusCode.isGood() && (value.value & AccessLevelFlag.HistoryRead) !== 0,
  )
}

/** There is nothing to be had by asking again. */
export class HistoryRefused extends Error {
  override readonly name = 'HistoryRefused'
}

/** The server does not answer for its history now; it does for everything else. */
export class HistoryUnanswered extends Error {
  override readonly name = 'HistoryUnanswered'
}

/**
 * What a server keeps of a node between two times, ms UTC, page by page, the oldest first.
 * @throws HistoryRefused in words where it refuses, or has more than is asked for; HistoryUnanswered
 */
export async function* readHistory(
  session: ClientSession,
  nodeId: string,
  from: number,
  to: number,
): AsyncGenerator<DataValue[]> {
  let start = from
  let continuationPoint: Buffer | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const [result] = await session
      .readHistoryValue([{ nodeId, continuationPoint }], new Date(start), new Date(to), {
        numValuesPerNode: VALUES_PER_PAGE,
        returnBounds: false,
      })
      .catch(refuse)
    if (!result || result.statusCode.isBad())
      throw new HistoryRefused(`the server refuses its history (${result?.statusCode.name ?? 'no answer'})`)
    const values = (result.historyData as HistoryData | null)?.dataValues ?? []
    yield values
    if (result.continuationPoint?.length) {
      continuationPoint = result.continuationPoint
    } else {
      // Some servers cut what they give without saying that there is more.
      const last = values.at(-1)
      const time = last && timeOf(last)
      if (values.length < VALUES_PER_PAGE || time === undefined) return
      continuationPoint = undefined
      start = time + 1
    }
  }
  throw new HistoryRefused(
    `the server has more than ${MAX_PAGES * VALUES_PER_PAGE} values of the outage: the rest is left`,
  )
}

/** A server that denies the service as a whole, or takes too long for it, is no reason to part from it. */
function refuse(error: Error): never {
  const denied = refusalOf(error)
  if (denied) throw new HistoryRefused(`the server refuses its history (${denied.name})`)
  if (/Transaction has timed out/.test(error.message))
    throw new HistoryUnanswered('the server does not answer for its history in time')
  throw error
}
