/** What a person of the crew says of an alert beside acknowledging it: that they go there, or do not after all. */
export const RESPONSE_KINDS = ['on-my-way', 'turned-back'] as const
export type ResponseKind = (typeof RESPONSE_KINDS)[number]

/** A response as it is sealed. A later one of the same person holds in its place. */
export interface AlertResponse {
  /** A UUID that whoever responds has made, so that a repeat changes nothing. */
  id: string
  alert: string
  kind: ResponseKind
  author: string
  /** When it was said, by the clock of whoever did, ms UTC. */
  time: number
  /** When the hub had it, by its own clock, ms UTC. */
  received: number
}

/** Who is on the way, and since when, the longest first. */
export function onTheWay(responses: readonly AlertResponse[]): AlertResponse[] {
  const inOrder = responses.toSorted((a, b) => a.time - b.time)
  const last = new Map(inOrder.map(response => [response.author, response]))
  return [...last.values()].filter(({ kind }) => kind === 'on-my-way').sort((a, b) => a.time - b.time)
}
