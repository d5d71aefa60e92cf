import { useEffect, useState } from 'preact/hooks'

export type Route =
  | { page: 'overview' }
  | { page: 'site'; id: string }
  | { page: 'alerts' }
  | { page: 'alert'; id: string }
  | { page: 'missing' }

export function routeOf(path: string): Route {
  const [first, id, ...rest] = path.split('/').filter(Boolean)
  if (first === undefined) return { page: 'overview' }
  if (rest.length > 0) return { page: 'missing' }
  if (first === 'sites' && id) return { page: 'site', id }
  if (first === 'alerts') return id ? { page: 'alert', id } : { page: 'alerts' }
  return { page: 'missing' }
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
