import { useEffect } from 'preact/hooks'

/** The title of the document: the page first, so that tabs and screen readers tell them apart. */
export function useTitle(page: string): void {
  useEffect(() => {
    document.title = `${page} · Affluent`
  }, [page])
}
