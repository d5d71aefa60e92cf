import { useSpeech } from './speech.ts'
import type { Positioning } from './use-position.ts'

export function PositionButton({ position: { state, start } }: { position: Positioning }) {
  const { t } = useSpeech()
  if (state === 'on' || state === 'waiting') return <p class="soft">{t.position[state]}</p>
  return (
    <button type="button" class="button crew-wide" onClick={start}>
      {t.position[state]}
    </button>
  )
}
