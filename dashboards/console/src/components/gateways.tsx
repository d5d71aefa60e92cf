import { useCallback, useState } from 'preact/hooks'
import { useResource } from '../api/resource.ts'
import type { Gateway } from '../api/types.ts'
import { useHub, useLiveEvent, useReconnect } from '../hub.ts'
import { useSpeech } from '../i18n/language.ts'
import { Icon, SeverityIcon } from './icons.tsx'
import { Notice } from './notice.tsx'
import { OutboxFill } from './outbox.tsx'
import { useNow } from './tick.ts'

const REFRESH_MS = 60_000

/** What the gateways say of themselves, newer than the last answer where it came live. */
export function Gateways() {
  const { t } = useSpeech()
  const { live } = useHub()
  const answer = useResource<{ gateways: Gateway[] }>('/v1/gateways', REFRESH_MS)
  const [said, setSaid] = useState<ReadonlyMap<string, Gateway>>(new Map())
  const hear = useCallback(
    (gateway: Gateway) => setSaid(before => new Map(before).set(gateway.id, gateway)),
    [],
  )
  useLiveEvent(live, 'gateway', hear)
  useReconnect(live, answer.reload)
  return (
    <section class="card gateways" aria-labelledby="gateways-title">
      <h2 id="gateways-title">{t.gateways.title}</h2>
      <Notice of={answer} />
      <ul>
        {answer.data?.gateways.map(gateway => (
          <GatewayLine key={gateway.id} gateway={newer(gateway, said.get(gateway.id))} />
        ))}
      </ul>
    </section>
  )
}

function GatewayLine({ gateway }: { gateway: Gateway }) {
  const { t, format } = useSpeech()
  const time = useNow(10_000)
  const { name, online, connections, waiting } = gateway
  const up = connections.filter(({ state }) => state === 'connected').length
  const failed = connections.filter(({ state }) => state === 'failed')
  const entries = waiting.alerts + waiting.indexes + waiting.measures
  const heard = gateway.time
    ? t.gateways.since(format.ago(time - Date.parse(gateway.time)))
    : t.gateways.never
  return (
    <li>
      <p class="gateway-head">
        <strong>{name}</strong>
        <span class={online ? 'state state-good' : 'state state-bad'}>
          <Icon name={online ? 'check' : 'offline'} />
          {online ? t.gateways.online : t.gateways.offline}
        </span>
      </p>
      <p class="soft">
        {online ? t.gateways.connections(up, connections.length) : heard}, {t.gateways.waiting(entries)}
      </p>
      <OutboxFill outbox={gateway.outbox} waiting={waiting} />
      {(gateway.registryMatches === false || gateway.registryProblem) && (
        <p class="problem">
          <SeverityIcon severity="warning" />{' '}
          {gateway.registryProblem ? t.gateways.refuses(gateway.registryProblem) : t.gateways.mismatch}
        </p>
      )}
      <ClockOffset seconds={gateway.clockOffsetSeconds} />
      {failed.map(({ id, error }) => (
        <p key={id} class="problem">
          <SeverityIcon severity="warning" /> {t.gateways.failed(id, error ?? t.gateways.noReason)}
        </p>
      ))}
    </li>
  )
}

/** Beyond it the gateway calls what it dates uncertain. */
const CLOCK_LIMIT_S = 60

function ClockOffset({ seconds }: { seconds: number | null }) {
  const { t, format } = useSpeech()
  if (seconds === null || Math.abs(seconds) <= CLOCK_LIMIT_S) return null
  const duration = format.duration(Math.abs(seconds) * 1000)
  return (
    <p class="problem">
      <SeverityIcon severity="warning" />{' '}
      {seconds > 0 ? t.gateways.clockSlow(duration) : t.gateways.clockFast(duration)}
    </p>
  )
}

function newer(answered: Gateway, said: Gateway | undefined): Gateway {
  return said && (said.time ?? '') >= (answered.time ?? '') ? said : answered
}
