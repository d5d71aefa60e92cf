import { type AlertEvent, eventKey } from '../../model/alert.ts'
import type { Channel } from '../../registry/schema.ts'
import type { Hub, Send } from './channel.ts'
import { messageOf } from './message.ts'

type EmailParameters = Extract<Channel, { type: 'email' }>

/** Sends an event as mail in both languages; the mails of one alert make one thread. */
export function emailChannel(parameters: EmailParameters, hub: Hub): Send {
  const { host, port, tls, user, password, from, to, timeout } = parameters
  const { language, id: territory } = hub.registry.territory
  const idOf = (event: AlertEvent) => `<${event.alert.id}.${eventKey(event)}@${territory}.affluent.invalid>`
  return async (event, signal) => {
    // Loaded where somebody has mail.
    const { createTransport } = await import('nodemailer')
    const { title, text, link } = messageOf(event, hub)
    const first = `<${event.alert.id}.fired@${territory}.affluent.invalid>`
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
      await transport.sendMail({
        ...{ from, to, subject: `${title[language]} – ${text[language]}`.slice(0, 200) },
        text: `${text.fr}\n\n${text.en}\n\n${link}\n`,
        messageId: idOf(event),
        ...(event.type !== 'fired' && { inReplyTo: first, references: first }),
        // Nobody is to be told by a machine that they are away.
        headers: { 'Auto-Submitted': 'auto-generated' },
        ...{ disableFileAccess: true, disableUrlAccess: true },
      })
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
