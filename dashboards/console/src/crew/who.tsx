import { useState } from 'preact/hooks'
import { ApiError, post } from '../api/client.ts'
import { openSession } from './open-session.ts'
import { useSpeech } from './speech.ts'
import type { Actor } from './use-actor.ts'

interface WhoProps {
  actor: Actor
  /** How many actions wait to be sent in the name of who is signed in. */
  waiting: number
}

/** In whose name this phone acts, and how another person takes it over. */
export function Who({ actor, waiting }: WhoProps) {
  const { t } = useSpeech()
  const [isOpen, setOpen] = useState(false)
  const name = actor.last
  return (
    <section class="crew-who" aria-label={t.who.title}>
      <p>{name ? t.who.is(name) : t.who.nobody}</p>
      <button
        type="button"
        class="button"
        aria-expanded={isOpen}
        aria-controls="who-panel"
        onClick={() => setOpen(!isOpen)}
      >
        {name ? t.who.change : t.who.open}
      </button>
      <div id="who-panel" hidden={!isOpen}>
        {actor.now === undefined ? (
          <p>{t.who.offline}</p>
        ) : actor.now === null ? (
          <SignIn actor={actor} onDone={() => setOpen(false)} />
        ) : (
          <SignOut name={actor.now} waiting={waiting} onDone={actor.reload} />
        )}
      </div>
    </section>
  )
}

function SignOut({ name, waiting, onDone }: { name: string; waiting: number; onDone(): void }) {
  const { t } = useSpeech()
  const [problem, setProblem] = useState<string>()
  const close = () => post('/v1/logout').then(onDone, (error: Error) => setProblem(error.message))
  return (
    <>
      {waiting > 0 && <p role="alert">{t.who.waiting(waiting, name)}</p>}
      <button type="button" class="button crew-wide" onClick={() => void close()}>
        {t.who.close(name)}
      </button>
      {problem && <p role="alert">{t.who.failed(problem)}</p>}
    </>
  )
}

function SignIn({ actor, onDone }: { actor: Actor; onDone(): void }) {
  const { t } = useSpeech()
  const [link, setLink] = useState('')
  const [problem, setProblem] = useState<string>()
  const open = async (event: Event) => {
    event.preventDefault()
    try {
      await openSession(link)
      setLink('')
      setProblem(undefined)
      actor.reload()
      onDone()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setProblem(error.status === 401 || error.status === 400 ? t.who.invalid : t.who.failed(error.message))
    }
  }
  return (
    <form onSubmit={event => void open(event)}>
      <p>{t.signIn}</p>
      <label>
        {t.who.link}
        <input
          class="crew-input"
          type="text"
          inputMode="url"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          required
          value={link}
          onInput={({ currentTarget }) => setLink(currentTarget.value)}
        />
      </label>
      <button class="button button-main crew-wide" type="submit">
        {t.who.open}
      </button>
      {problem && <p role="alert">{problem}</p>}
    </form>
  )
}
