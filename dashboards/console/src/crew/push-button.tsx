import { useSpeech } from './speech.ts'
import { usePush } from './use-push.ts'

/** Has alerts pushed to this phone, or ends that; the browser asks the person only once they have touched it. */
export function PushButton({ actor }: { actor: string | null | undefined }) {
  const { t } = useSpeech()
  const { state, start, end } = usePush(actor)
  if (!state) return null
  const button = (text: string, action: () => void) => (
    <button type="button" class="button crew-wide" onClick={action}>
      {text}
    </button>
  )
  switch (state.kind) {
    case 'nobody':
      return <p class="soft">{t.push.nobody}</p>
    case 'off':
      return button(t.push.start, start)
    case 'working':
      return (
        <p class="soft" role="status">
          {t.push.working}
        </p>
      )
    case 'on':
      return (
        <>
          <p class="soft" role="status">
            {t.push.on(state.person)}
          </p>
          {button(t.push.end, end)}
        </>
      )
    case 'refused':
      return (
        <>
          <p role="alert">{t.push.refused}</p>
          {button(t.push.start, start)}
        </>
      )
    case 'failed':
      return (
        <>
          <p role="alert">{t.push.failed(state.detail)}</p>
          {button(t.push.start, start)}
        </>
      )
  }
}
