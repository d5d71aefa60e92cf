import type { Logger } from 'pino'

/** So often it is looked whether somebody is to listen. */
const LISTENING_INTERVAL_MS = 200

/**
 * Has a server that listens stop while it is to refuse, and listen again afterwards.
 * @param server.stop ends its connections, too
 * @returns what ends that, and leaves the server as it is
 */
export function refuseAtTimes(
  isRefusing: () => boolean,
  server: { stop(): Promise<void>; listen(): Promise<void> },
  log: Logger,
): () => void {
  let refuses = false
  let isChanging = false
  async function look(): Promise<void> {
    if (isChanging || isRefusing() === refuses) return
    isChanging = true
    try {
      await (refuses ? server.listen() : server.stop())
      refuses = !refuses
    } catch (error) {
      log.warn({ err: error }, 'cannot listen again')
    }
    isChanging = false
  }
  const watching = setInterval(() => void look(), LISTENING_INTERVAL_MS)
  return () => clearInterval(watching)
}
