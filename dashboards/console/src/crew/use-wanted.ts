import { useEffect, useState } from 'preact/hooks'

/** The alert that is open: at first the one of the push that was touched. */
export function useWanted() {
  const [asked, setAsked] = useState(() => new URLSearchParams(location.search).get('alert') ?? undefined)
  const [open, setOpen] = useState(asked)
  useEffect(() => {
    const take = ({ data }: MessageEvent<{ alert?: string }>) => {
      if (data?.alert === undefined) return
      setAsked(data.alert)
      setOpen(data.alert)
    }
    navigator.serviceWorker?.addEventListener('message', take)
    return () => navigator.serviceWorker?.removeEventListener('message', take)
  }, [])
  return { asked, open, setOpen }
}
