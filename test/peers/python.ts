import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { peerProgram } from './cache.ts'
import { runPeer } from './process.ts'

type Table = 'holding' | 'input' | 'coil' | 'discrete'

/** `late`: with the next answer, before it; `half`: the first half of the frame, and no more. */
export type ModbusFault = 'late' | 'wrong-id' | 'wrong-unit' | 'wrong-sum' | 'garbage' | 'half'

export interface PymodbusPeer {
  /** 0 for a serial line. */
  port: number
  /** Of a serial line. */
  path: string
  set(unit: number, table: Table, address: number, values: readonly (number | boolean)[]): Promise<void>
  /** What goes wrong with its next answers, one each. */
  misbehave(...faults: ModbusFault[]): Promise<void>
  close(): Promise<void>
}

/** A pymodbus server, on loopback or at the other end of a serial line: contents by unit, table and first address. */
export async function startPymodbus(
  units: Record<number, Partial<Record<Table, Record<number, readonly (number | boolean)[]>>>>,
  port = 0,
  line: 'tcp' | 'rtu-over-tcp' | 'serial' = 'tcp',
  /** What it says of itself: vendor, product, revision. */
  identity?: readonly [string, string, string],
): Promise<PymodbusPeer> {
  const peer = await startScript('modbus_server.py', { units, port, line, identity })
  return {
    port: peer.port,
    path: peer.path,
    set: (unit, table, address, values) => peer.tell({ unit, table, address, values }),
    misbehave: (...faults) => peer.tell({ faults }),
    close: peer.close,
  }
}

export interface OpcuaNodeValue {
  value: number | boolean | string | null | readonly number[]
  /** A name of ua.VariantType; Double when left out. */
  type?: string
  /** RFC 3339; now when left out. */
  time?: string
  /** A name of ua.StatusCodes; Good when left out. */
  status?: string
}

export interface AsyncuaPeer {
  url: string
  port: number
  set(node: string, value: OpcuaNodeValue): Promise<void>
  close(): Promise<void>
}

export interface AsyncuaSecurity {
  /** Names of ua.SecurityPolicyType. */
  policies: readonly string[]
  /** Takes the server's certificate and key, made when they are missing. */
  folder: string
  /** Passwords by name; anybody may read where neither these nor certificates are given. */
  users?: Record<string, string>
  /** PEM files. */
  userCertificates?: readonly string[]
}

/** An asyncua server: values by node id, namespace 2. Without security unless it is given. */
export async function startAsyncua(
  nodes: Record<string, OpcuaNodeValue & { unit?: string }>,
  port = 0,
  more: Partial<AsyncuaSecurity> & { history?: readonly string[] } = {},
): Promise<AsyncuaPeer> {
  asyncua ??= startAsyncuaForks()
  const forks = await asyncua
  const socket = connect(forks.port, '127.0.0.1')
  const ask = asker({
    read: socket,
    write: socket,
    ended: () => `an asyncua server ended:\n${forks.output()}`,
  })
  const served = await ask({ nodes, port, ...more })
  return {
    url: `opc.tcp://127.0.0.1:${served.port}`,
    port: served.port as number,
    set: async (node, value) => void (await ask({ node, ...value })),
    async close() {
      if (socket.closed) return
      const closed = once(socket, 'close')
      socket.end()
      await closed
    },
  }
}

/** What forks the servers of a test file: making one takes seconds. It ends with the process. */
let asyncua: ReturnType<typeof startAsyncuaForks> | undefined

async function startAsyncuaForks() {
  const peer = runPeer(peerProgram('python'), [script('opcua_server.py')])
  const lines = createInterface({ input: peer.child.stdout! })
  const [line] = await Promise.race([once(lines, 'line'), once(peer.child, 'exit').then(() => [])])
  if (!line) throw new Error(`opcua_server.py ended:\n${peer.output()}`)
  const { port } = JSON.parse(line)
  return { port: port as number, output: peer.output }
}

/** What a server of libmodbus holds: tables that begin at address 0. */
export interface LibmodbusContents {
  unit: number
  tables: Partial<Record<Table, readonly (number | boolean)[]>>
  /** The exceptions that answer reads of an address, in any table. */
  refused?: Record<number, number>
}

/** A server of libmodbus, which comes with mbpoll, on loopback or at the other end of a serial line. */
export async function startLibmodbus(
  line: 'tcp' | 'serial',
  contents: LibmodbusContents,
): Promise<{ port: number; path: string; close(): Promise<void> }> {
  return startScript('libmodbus_server.py', { line, ...contents })
}

/** A serial line at whose other end a server on loopback answers. */
export async function bridgeSerial(port: number): Promise<{ path: string; close(): Promise<void> }> {
  return startScript('serial_bridge.py', { port })
}

/** Runs a script of python/ that answers each line of JSON with one line of JSON. */
async function startScript(name: string, config: object) {
  const peer = runPeer(peerProgram('python'), [script(name)])
  const { stdout, stdin } = peer.child
  const ask = asker({ read: stdout!, write: stdin!, ended: () => `${name} ended:\n${peer.output()}` })
  const { port = 0, path = '' } = await ask(config)
  return {
    port: port as number,
    path: path as string,
    tell: async (change: object) => void (await ask(change)),
    close: peer.close,
  }
}

function script(name: string): string {
  return fileURLToPath(new URL(`python/${name}`, import.meta.url))
}

/** Asks by a line of JSON, and is answered by one. */
function asker({ read, write, ended }: { read: Readable; write: Writable; ended: () => string }) {
  const lines = createInterface({ input: read })[Symbol.asyncIterator]()
  return async (question: object): Promise<Record<string, unknown>> => {
    write.write(`${JSON.stringify(question)}\n`)
    const line = await lines.next()
    if (line.done) throw new Error(ended())
    return JSON.parse(line.value)
  }
}
