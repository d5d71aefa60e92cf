import { createContext } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'
import type { Resource } from './api/resource.ts'
import type { Alert, LiveEvents, Session, Territory } from './api/types.ts'
import type { Live, LiveState } from './live.ts'

/** What every page sees of the hub. */
export interface Hub {
  territory: Territory
  live: Live
  session: Resource<Session>
  activeAlerts: Resource<{ alerts: Alert[] }>
}

export const HubContext = createContext<Hub | undefined>(undefined)

export function useHub(): Hub {
  return useContext(HubContext)!
}

/** Whether this browser may see and do what is not for a crew. */
export function useAdministrator(): boolean {
  return useHub().session.data?.role === 'administrator'
}

/** Whether this browser may do something to alerts. */
export function useMayAct(): boolean {
  const role = useHub().session.data?.role
  return role === 'administrator' || role === 'crew'
}

export function useLiveState(live: Live): LiveState {
  const [state, setState] = useState(live.state)
  useEffect(() => {
    // It may have changed between the first drawing and this.
    setState(live.state())
    return live.onState(setState)
  }, [live])
  return state
}

/** Calls the listener with each event of the name, for as long as the component is shown. */
export function useLiveEvent<Name extends keyof LiveEvents>(
  live: Live,
  name: Name,
  listener: (data: LiveEvents[Name]) => void,
): void {
  useEffect(() => live.on(name, listener), [live, name, listener])
}

/** Calls the listener each time the connection comes back: what was missed is to be read afresh. */
export function useReconnect(live: Live, listener: () => void): void {
  useEffect(() => live.onState(({ connected }) => connected && listener()), [live, listener])
}
