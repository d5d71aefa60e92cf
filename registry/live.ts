import type { Logger } from 'pino'
import type { Clock } from '../model/clock.ts'
import { LISTS, type ListName } from './files.ts'
import { fingerprintOf } from './fingerprint.ts'
import { hashOf } from './gateway-part.ts'
import {
  buildRegistry,
  contentsOf,
  type Loaded,
  type LoadOptions,
  loadWritten,
  type Written,
} from './load.ts'
import { describeProblem, type Problem, RegistryError } from './problem.ts'
import type { Registry } from './registry.ts'
import { displayName, rememberParsed, type Source } from './source.ts'

/**
 * What a running hub takes over when the files change. On the rest its parts have built since they began: it waits for
 * a restart.
 */
export const LIVE_LISTS = [
  'rules',
  'channels',
  'people',
  'teams',
  'rotas',
  'routes',
  'outOfService',
  'circuits',
] as const satisfies readonly ListName[]
const isLive = (key: unknown) => (LIVE_LISTS as readonly unknown[]).includes(key)
const FIXED_PARTS = ['territory', ...LISTS.filter(list => !isLive(list))]

/** How what is in force stands to what the files say. */
export interface RegistryState {
  /** When what is in force was taken over, ms UTC. */
  since: number
  /** Why what the files say by now is not in force. */
  refused?: { time: number; problems: readonly Problem[] }
  /** Parts of the registry that differ from what is in force until a restart; `devices` are the device files. */
  awaitsRestart: readonly string[]
}

/** A registry whose files may change while it is in force. */
export interface LiveRegistry {
  /** In force: its live lists, its hash and its warnings are replaced under whoever holds it. */
  readonly registry: Registry
  readonly state: RegistryState
  /** Told after lists were replaced; what is under way is waited for before the files are looked at again. */
  onTakenOver(listener: (previous: Registry, by: string | undefined) => unknown): void
  /** Told when the state has changed, also where nothing was taken over. */
  onState(listener: (state: RegistryState) => void): void
  /** Looks at the files from now on, so often, ms. */
  follow(everyMs: number): void
  /** Takes over what the files say where they have changed and stand still since the last look. */
  look(): Promise<void>
  /** Takes over what they say at once, on behalf of whoever has written them whole. */
  reload(by: string): Promise<void>
  /** Where its files are: one, or a folder of them. */
  readonly path: string
  /**
   * What would be in force if some files, by their paths, said something else.
   * Throws a RegistryError with everything that is wrong in any of the files.
   */
  tryOut(texts: ReadonlyMap<string, string>): Promise<Registry>
  close(): Promise<void>
}

export interface LiveOptions extends Loaded {
  /** The file or folder that it was loaded from. */
  path: string
  /** See {@link fingerprintOf}, before it was loaded. */
  print: string
  loadOptions: LoadOptions
  clock: Clock
  log: Logger
}

/**
 * Follows the files of a registry. They are looked at rather than watched, which works on every file system and with
 * every editor; a file that was written in two steps is read when it has stood still from one look to the next.
 */
export function openLiveRegistry(options: LiveOptions): LiveRegistry {
  const { path, clock, log } = options
  const parse = rememberParsed()
  const loadOptions: LoadOptions = { ...options.loadOptions, parse }
  const registry: Registry = { ...options.registry }
  let running: Written = options.written
  let state: RegistryState = { since: clock.now(), awaitsRestart: [] }
  const takers: Parameters<LiveRegistry['onTakenOver']>[0][] = []
  const watchers: ((state: RegistryState) => void)[] = []
  /** Of the files as they were judged last, and as they were seen last. */
  let judged = options.print
  let seen = options.print
  let work: Promise<void> = Promise.resolve()

  function note(next: RegistryState): void {
    state = next
    for (const watcher of watchers) watcher(state)
  }

  /** What would be in force: the live lists of what the files say, and the rest of what runs. */
  async function load(reader = parse): Promise<{ next: Loaded; awaitsRestart: string[] }> {
    const loaded = await loadWritten(path, { ...loadOptions, parse: reader })
    const awaitsRestart = differences(running, loaded.written)
    if (awaitsRestart.length === 0) return { next: loaded, awaitsRestart }
    const source = joined(loaded.written.source, running.source)
    const readDevices = async () => running.devices
    const read = { source, problems: [], isWhole: true, readDevices }
    return { next: await buildRegistry(read, loadOptions), awaitsRestart }
  }

  async function judge(by?: string): Promise<void> {
    const print = await fingerprintOf(path)
    judged = print
    seen = print
    try {
      const { next, awaitsRestart } = await load()
      if (awaitsRestart.join() !== state.awaitsRestart.join() && awaitsRestart.length > 0)
        log.warn({ parts: awaitsRestart }, 'parts of the registry have changed: they wait for a restart')
      if (next.registry.hash !== registry.hash) await takeOver(next, awaitsRestart, by)
      else if (state.refused || awaitsRestart.join() !== state.awaitsRestart.join()) {
        if (state.refused) log.info('the registry is as it is in force again')
        note({ since: state.since, awaitsRestart })
      }
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error
      const { problems } = error
      for (const problem of problems)
        log.error(`the changed registry is not taken over: ${describeProblem(problem)}`)
      note({ ...state, refused: { time: clock.now(), problems } })
    }
  }

  async function takeOver(
    { registry: next, written }: Loaded,
    awaitsRestart: string[],
    by: string | undefined,
  ): Promise<void> {
    const previous = { ...registry }
    const lists = differing(LIVE_LISTS, running, written)
    running = written
    const rules = [...next.rules.values()].map(rule => ({
      ...rule,
      // Whoever compares points finds those that it knows.
      points: rule.points.map(({ id }) => registry.points.get(id)!),
    }))
    Object.assign(registry, Object.fromEntries(LIVE_LISTS.map(list => [list, next[list]])), {
      rules: new Map(rules.map(rule => [rule.id, rule])),
      hash: next.hash,
      warnings: next.warnings,
    })
    log.warn({ before: previous.hash, after: next.hash, lists, by }, 'the changed registry is taken over')
    note({ since: clock.now(), awaitsRestart })
    for (const taker of takers) {
      try {
        await taker(previous, by)
      } catch (error) {
        log.error({ err: error }, 'a part could not take over the changed registry')
      }
    }
  }

  const inTurn = (action: () => Promise<void>) => {
    const result = work.then(action)
    work = result.catch(() => {})
    return result
  }
  const look = () =>
    inTurn(async () => {
      const print = await fingerprintOf(path)
      if (print === judged) return
      if (print === seen) await judge()
      else seen = print
    })

  let timer: NodeJS.Timeout | undefined

  return {
    registry,
    get state() {
      return state
    },
    onTakenOver: listener => void takers.push(listener),
    onState: listener => void watchers.push(listener),
    follow(everyMs) {
      timer = setInterval(() => {
        look().catch(error => log.error({ err: error }, 'the files of the registry cannot be looked at'))
      }, everyMs)
    },
    look,
    reload: by => inTurn(() => judge(by)),
    path,
    async tryOut(texts) {
      const named = new Map([...texts].map(([file, text]) => [displayName(file), text]))
      return (await load((text, file) => parse(named.get(file) ?? text, file))).next.registry
    },
    async close() {
      clearInterval(timer)
      await work
    },
  }
}

const differ = (a: unknown, b: unknown) => hashOf(a ?? []) !== hashOf(b ?? [])

/** The parts that only a restart takes over and that differ. */
function differences(running: Written, fresh: Written): string[] {
  const ofDevices = differ(contentsOf(running.devices), contentsOf(fresh.devices)) ? ['devices'] : []
  return [...differing(FIXED_PARTS, running, fresh), ...ofDevices]
}

function differing(parts: readonly string[], a: Written, b: Written): string[] {
  const part = ({ source }: Written, key: string) => (source.value as Record<string, unknown>)[key]
  return parts.filter(key => differ(part(a, key), part(b, key)))
}

/** The live lists of one source and the rest of another. */
function joined(live: Source, rest: Source): Source {
  const part = ({ value }: Source, wanted: boolean) =>
    Object.entries(value as Record<string, unknown>).filter(([key]) => isLive(key) === wanted)
  return {
    value: Object.fromEntries([...part(rest, false), ...part(live, true)]),
    locate: path => (isLive(path[0]) ? live : rest).locate(path),
  }
}
