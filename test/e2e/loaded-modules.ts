import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

/** With `--import`: notes each module that is loaded, a line each, in the file that LOADED_MODULES names. */
registerHooks({
  load(url, context, next) {
    appendFileSync(process.env.LOADED_MODULES!, `${url}\n`)
    return next(url, context)
  },
})
