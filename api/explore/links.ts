export interface Link {
  href: string
  rel: string
}

/** What pages of results link to: themselves, the first and what follows. */
export function pageLinks(
  url: string,
  { limit, offset }: { limit: number; offset: number },
  total: number,
): Link[] {
  const at = (from: number) => {
    const address = new URL(url)
    address.searchParams.set('limit', String(limit))
    address.searchParams.set('offset', String(from))
    return address.href
  }
  const links = [
    { rel: 'self', href: url },
    { rel: 'first', href: at(0) },
  ]
  return limit > 0 && offset + limit < total ? [...links, { rel: 'next', href: at(offset + limit) }] : links
}

/** What a dataset links to. */
export function datasetLinks(root: string, dataset: string): Link[] {
  const self = `${root}/datasets/${encodeURIComponent(dataset)}`
  return [
    { rel: 'self', href: self },
    { rel: 'catalog', href: `${root}/datasets` },
    ...['records', 'exports', 'facets', 'attachments'].map(rel => ({ rel, href: `${self}/${rel}` })),
  ]
}

/** What a record links to. */
export function recordLinks(root: string, dataset: string, record: string): Link[] {
  const of = `${root}/datasets/${encodeURIComponent(dataset)}`
  return [
    { rel: 'self', href: `${of}/records/${record}` },
    { rel: 'dataset', href: of },
  ]
}
