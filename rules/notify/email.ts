import type { Channel } from '../../registry/schema.ts'
import type { Hub, Send } from './channel.ts'
import { messageOf } from './message.ts'
import { isOfHub } from './notice.ts'

type EmailParameters = Extract<Channel, { type: 'email' }>

const MAP = 'Carte / Map:'
const ANSWER = 'Prendre en charge / Acknowledge:'

/** Sends an event as mail in both languages; the mails of one alert make one thread. */
export function emailChannel(parameters: EmailParameters, hub: Hub): Send {
  const { host, port, tls, user, password, from, to, timeout } = parameters
  const { language, id: territory } = hub.registry.territory
  const idOf = (key: string) => `<${key.replaceAll('/', '.')}@${territory}.affluent.invalid>`
  return async (notices, signal) => {
    // Loaded where somebody has mail.
    const { createTransport } = await import('nodemailer')
    const { event, title, text, map, link, acknowledge, key } = messageOf(notices, hub)
    const alone = event === 'several' || isOfHub(notices[0].event)
    const first = alone ? idOf(key) : idOf(`${notices[0].event.alert.id}/fired`)
    const transport = createTransport({
      ...{
        host,
        port,
        secure: tls === 'implicit',
        requireTLS: tls === 'starttls',
        ignoreTLS: tls === 'none',
      },
      ...(user !== undefined && { auth: { user, pass: password! } }),
      ...{ connectionTimeout: timeout, greetingTimeout: timeout, socketTimeout: timeout },
    })
    const cut = () => transport.close()
    signal.addEventListener('abort', cut)
    try {
      const { response } = await transport.sendMail({
        ...{ from, to, subject: `${title[language]} – ${text[language]}`.slice(0, 200) },
        text: `${[text.fr, text.en, acknowledge && `${ANSWER}\n${acknowledge}`, map && `${MAP} ${map}`, link].filter(Boolean).join('\n\n')}\n`,
        messageId: idOf(key),
        ...(idOf(key) !== first && { inReplyTo: first, references: first }),
        // Nobody is to be told by a machine that they are away.
        headers: { 'Auto-Submitted': 'auto-generated' },
        ...{ disableFileAccess: true, disableUrlAccess: true },
      })
      return `answered with ${response.slice(0, 3)}`
    } catch (error) {
      throw new Error(reasonOf(error))
    } finally {
      signal.removeEventListener('abort', cut)
      transport.close()
    }
  }
}

/** Without the server's words, in which an address or a login may stand. */
function reasonOf(error: unknown): string {
  const { code, responseCode } = error as { code?: string; responseCode?: number }
  return responseCode === undefined ? (code ?? 'not sent') : `answered with ${responseCode} (${code})`
}
