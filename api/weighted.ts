/** Something that a client takes, and how much it would like it: from 0, not at all, to 1. */
export interface Weighted {
  /** In lower case. */
  name: string
  weight: number
}

/** What an Accept, Accept-Encoding or Accept-Language header lists (RFC 9110, 12.4.2), in its order. */
export function readWeighted(header: string): Weighted[] {
  return header.split(',').map(text => {
    const [name, ...parameters] = text
      .toLowerCase()
      .split(';')
      .map(each => each.trim())
    const weight = parameters.find(each => each.startsWith('q='))?.slice(2) ?? '1'
    return { name: name!, weight: Number(weight) || 0 }
  })
}
