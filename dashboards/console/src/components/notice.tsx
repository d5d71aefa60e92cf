import type { ApiError } from '../api/client.ts'
import type { Resource } from '../api/resource.ts'
import type { Dictionary } from '../i18n/fr.ts'
import { useSpeech } from '../i18n/language.ts'
import { useNow } from './tick.ts'

/** What stands in the place of data that has not come, or above data that has grown old. */
export function Notice({
  of: resource,
}: {
  of: Pick<Resource<unknown>, 'data' | 'at' | 'error' | 'reload'>
}) {
  const { t, format } = useSpeech()
  const time = useNow(10_000)
  const { data, at, error, reload } = resource
  if (!error) return data === undefined ? <p class="loading">{t.state.loading}</p> : null
  return (
    <div class="notice" role="alert">
      <p>
        {errorText(error, t)}
        {at !== undefined && ` ${t.state.old(format.ago(time - at))}`}
      </p>
      <button type="button" class="button" onClick={reload}>
        {t.state.retry}
      </button>
    </div>
  )
}

function errorText(error: ApiError, t: Dictionary): string {
  if (error.status === 0) return t.state.unreachable
  return error.status >= 500 ? t.state.unavailable : t.state.failed(error.message)
}
