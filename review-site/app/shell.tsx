import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { useServices } from './services.ts'

interface ShellProps {
  title: string
  /** This is the page that the others lead back to. */
  home?: boolean
  /** Fills the window and scrolls inside, as the review screen does. */
  fixed?: boolean
  /** Beside the title. */
  aside?: ComponentChildren
  children: ComponentChildren
}

/** Every page of a signed-in person: banner with the one h1, and the page below. */
export function Shell({ title, home, fixed, aside, children }: ShellProps) {
  const { config, me, session } = useServices()
  useEffect(() => {
    document.title = `${title} · Dialogue review`
  }, [title])
  return (
    <div class={fixed === true ? 'shell fixed' : 'shell'}>
      <a class="skip-link" href="#content" onClick={skipToContent}>
        Skip to the content
      </a>
      <header class="banner">
        {home !== true && (
          <nav aria-label="Site">
            <a href="/" class="home">
              Batches
            </a>
          </nav>
        )}
        <h1>{title}</h1>
        {config.environment !== 'prod' && <span class="tag environment">{config.environment}</span>}
        <div class="banner-end">
          {aside}
          <span class="who" title={me.roles.join(', ')}>
            {me.name}
          </span>
          <button type="button" class="quiet" onClick={() => void session.signOut()}>
            Sign out
          </button>
        </div>
      </header>
      {children}
    </div>
  )
}

/** By hand, because a jump to #content would be a step in the history. */
function skipToContent(event: Event): void {
  event.preventDefault()
  document.getElementById('content')?.focus()
}
