import { render } from 'preact'
import '../styles/tokens.css'
import '../styles/base.css'
import '../styles/map.css'
import '../styles/crew.css'
import { App } from './app.tsx'

render(<App />, document.getElementById('app')!)

// Only over https, and on this device itself, do browsers let a page work without network.
if (import.meta.env.MODE === 'production')
  void navigator.serviceWorker?.register('/crew-worker.js', { scope: '/crew' })
