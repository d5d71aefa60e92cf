import type { Gateway } from '../api/types.ts'
import { useSpeech } from '../i18n/language.ts'
import { SeverityIcon } from './icons.tsx'

/** From here on it is time to look after the way to the hub. */
const FILLING = 0.75

/** How full the disk buffer of a gateway is, and how long it suffices while the hub cannot be reached. */
export function OutboxFill({ outbox, waiting }: Pick<Gateway, 'outbox' | 'waiting'>) {
  const { t, format } = useSpeech()
  if (!outbox) return null
  const { share, timeLeftSeconds } = outbox
  const left = Object.values(timeLeftSeconds).filter(seconds => seconds !== null)
  const shortest = left.length > 0 ? format.duration(Math.min(...left) * 1000) : undefined
  const fill = t.gateways.outbox(format.percent(share), shortest)
  if (share < FILLING) return <p class="soft">{fill}</p>
  const entries = waiting.alerts + waiting.indexes + waiting.measures
  return (
    <p class="problem">
      <SeverityIcon severity={share >= 1 ? 'critical' : 'warning'} />
      <span>
        {fill}. {share >= 1 ? t.gateways.outboxFull : entries > 0 && t.gateways.outboxFilling}
      </span>
    </p>
  )
}
