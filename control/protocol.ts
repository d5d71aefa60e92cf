import { join } from 'node:path'

/**
 * What goes over the control socket: one request, then progress, then one result or error; each is a JSON
 * object on a line of its own. Who may open the socket may do what the hub's owner may: it is theirs alone.
 */
export interface ControlRequest {
  operation: string
  args: unknown
}

export type ControlAnswer =
  | { progress: { step: string; done?: number } }
  | { result: unknown }
  | { error: { name: string; message: string } }

export function controlSocket(folder: string): string {
  return join(folder, 'control.sock')
}

/** Cuts a byte stream into its lines and reads each as JSON. */
export function readLines(take: (message: unknown) => void): (chunk: string) => void {
  let rest = ''
  return chunk => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    for (const line of lines) take(JSON.parse(line))
  }
}
