import type { AlertEvent } from '../../../model/alert.ts'
import { carrierOf } from '../../../rules/notify/channel.ts'
import type { Phones } from '../../../rules/notify/phones.ts'
import { memoryLog, START, SURFACE, testRegistry } from '../territory.ts'

export const TOKEN = '1-signed'
export const BASE = 'https://hub.example'

export const NO_PHONES: Phones = {
  ...{ publicKey: '', privateKey: '' },
  peopleOf: () => [],
  of: () => [],
  end: () => {},
}

/** How a channel in YAML flow style sends. */
export async function senderOf(
  channel: string,
): Promise<(event?: AlertEvent, reminder?: number) => Promise<string>> {
  const registry = await testRegistry([], [channel])
  const [own] = registry.channels.values()
  const links = { tokenOf: () => TOKEN, noticeOf: () => undefined, replyTokenOf: () => '' }
  const hub = { registry, log: memoryLog().log, baseUrl: () => BASE, links, phones: NO_PHONES }
  const { send } = carrierOf(own!, hub, () => START)
  return (event = iceEvent(), reminder = 0) =>
    send([{ number: 1, event, channel: own!.id, reminder, due: event.time }], AbortSignal.timeout(10_000))
}

export function iceEvent(type: AlertEvent['type'] = 'fired'): AlertEvent {
  const change = { type: 'worsened', number: 1, time: START } as const
  return {
    ...{ type, time: START, actor: 'rules' },
    alert: {
      ...{ id: 'road-1', rule: 'road', point: SURFACE, site: 'col-du-loup', severity: 'critical' },
      ...{ state: type === 'resolved' ? 'resolved' : 'firing', since: START, firedAt: START },
      ...{ value: -1.2, lastValue: -1.2, phenomenon: 'ice' },
      ...(type === 'worsened' && { change }),
      message: { fr: 'Verglas, chaussée −1,2 °C', en: 'Ice, surface −1.2 °C' },
    },
  }
}
