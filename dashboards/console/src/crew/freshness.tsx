import { Icon } from '../components/icons.tsx'
import type { Age } from './age.ts'
import { useSpeech } from './speech.ts'

/** How old what follows is. Read aloud by the announcer, once for each change. */
export function Freshness({ at, age }: { at: number; age: Age }) {
  const { t, format } = useSpeech()
  if (age.fresh) return <p class="crew-fresh">{t.fresh(format.clock(at))}</p>
  return (
    <p class="crew-old">
      <Icon name="offline" />
      <strong>{age.ms === undefined ? t.oldUnknown : t.old(format.moment(at), format.ago(age.ms))}</strong>
    </p>
  )
}
