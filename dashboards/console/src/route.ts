import { useEffect, useState } from 'preact/hooks'
import { PERIODS, type Period } from '../../../model/period.ts'

export type Route =
  | { page: 'overview' }
  | { page: 'site'; id: string }
  | { page: 'period'; id: string; by: Period; start: string }
  | { page: 'tertiary'; id: string; year: number | undefined }
  | { page: 'alerts' }
  | { page: 'alert'; id: string }
  | { page: 'rules' }
  | { page: 'rule'; id: string | undefined }
  | { page: 'missing' }

/** No id of a rule. */
const NEW = '+'
export const NEW_RULE = `/rules/${NEW}`

export function routeOf(path: string): Route {
  const [first, id, ...rest] = path.split('/').filter(Boolean)
  if (first === undefined) return { page: 'overview' }
  if (first === 'sites' && id) return siteRoute(id, rest)
  if (rest.length > 0) return { page: 'missing' }
  if (first === 'rules') return id ? { page: 'rule', id: id === NEW ? undefined : id } : { page: 'rules' }
  if (first === 'alerts') return id ? { page: 'alert', id } : { page: 'alerts' }
  return { page: 'missing' }
}

function siteRoute(id: string, [part, step, start, ...rest]: string[]): Route {
  if (part === undefined) return { page: 'site', id }
  if (part === 'tertiary' && step === undefined) return { page: 'tertiary', id, year: undefined }
  if (part === 'tertiary' && /^\d{4}$/.test(step!) && start === undefined)
    return { page: 'tertiary', id, year: Number(step) }
  const by = PERIODS.find(period => period === step)
  // A program that passes an address on may have written its colons and its plus otherwise.
  if (part === 'consumption' && by && start && rest.length === 0)
    return { page: 'period', id, by, start: start.replaceAll(/%3a/gi, ':').replaceAll(/%2b/gi, '+') }
  return { page: 'missing' }
}

/** Goes to a page of ours, as a link does. */
export function goTo(path: string): void {
  history.pushState(null, '', path)
  dispatchEvent(new PopStateEvent('popstate'))
}

/** The path of the page; links of ours change it without loading a document. */
export function usePath(): string {
  const [path, setPath] = useState(location.pathname)
  useEffect(() => {
    const follow = () => setPath(location.pathname)
    const onClick = (event: MouseEvent) => {
      const link = (event.target as Element).closest?.('a[href^="/"]:not([data-leaves])')
      const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
      if (!link || !plain || event.defaultPrevented) return
      event.preventDefault()
      const href = link.getAttribute('href')!
      if (href !== location.pathname) history.pushState(null, '', href)
      follow()
    }
    addEventListener('popstate', follow)
    document.addEventListener('click', onClick)
    return () => {
      removeEventListener('popstate', follow)
      document.removeEventListener('click', onClick)
    }
  }, [])
  return path
}
