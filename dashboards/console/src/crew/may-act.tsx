import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { useSpeech } from './speech.ts'

export interface MayAct {
  moving: boolean
  /** Nobody who drives is asked for anything. */
  allowed: boolean
  allow(): void
}

/** While the vehicle moves only a passenger may act, who says so for each way anew. */
export function useMayAct(moving: boolean): MayAct {
  const [passenger, setPassenger] = useState(false)
  // Who holds the phone after a stop may be the driver.
  useEffect(() => {
    if (!moving) setPassenger(false)
  }, [moving])
  return { moving, allowed: !moving || passenger, allow: () => setPassenger(true) }
}

/** Shows what asks for something only to who may act. */
export function WhileStanding({
  may: { moving, allowed, allow },
  children,
}: {
  may: MayAct
  children: ComponentChildren
}) {
  const { t } = useSpeech()
  if (!allowed)
    return (
      <>
        <p role="status">{t.moving}</p>
        <button type="button" class="button crew-wide" onClick={allow}>
          {t.passenger}
        </button>
      </>
    )
  return (
    <>
      {moving && <p role="status">{t.asPassenger}</p>}
      {children}
    </>
  )
}
