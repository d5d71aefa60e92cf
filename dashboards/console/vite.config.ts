import { join } from 'node:path'
import preact from '@preact/preset-vite'
import { defineConfig } from 'vite'
import { crewWorker } from './crew-worker-plugin.ts'

const root = import.meta.dirname

export default defineConfig({
  root,
  plugins: [preact(), crewWorker(root)],
  build: {
    outDir: '../../dist/console',
    emptyOutDir: true,
    // A data: URL would need a wider content security policy.
    assetsInlineLimit: 0,
    // light-dark() is left as it is written: the theme switch rests on it.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    rolldownOptions: { input: [join(root, 'index.html'), join(root, 'crew.html')] },
  },
})
