import { useState } from 'preact/hooks'
import { Dialog } from './dialog.tsx'
import { messageOf } from '../api/client.ts'
import type { Session } from '../session/session.ts'

function useSignIn(session: Session) {
  const [leaving, setLeaving] = useState(false)
  const [problem, setProblem] = useState<string>()
  const signIn = () => {
    setLeaving(true)
    setProblem(undefined)
    session.signIn().catch((cause: unknown) => {
      setLeaving(false)
      setProblem(`Sign-in could not be started: ${messageOf(cause)}`)
    })
  }
  return { leaving, problem, signIn }
}

/** `problem`: why the last attempt came back without a session. */
export function SignInPage({ session, problem: earlier }: { session: Session; problem: string | undefined }) {
  const { leaving, problem = earlier, signIn } = useSignIn(session)
  return (
    <main class="sign-in">
      <img src="/favicon.svg" alt="" width="48" height="48" />
      <h1>Dialogue review</h1>
      <p>Read synthetic support dialogues, and say which of them a clinician would sign.</p>
      {problem !== undefined && (
        <p class="notice error" role="alert">
          {problem}
        </p>
      )}
      <button type="button" class="primary" disabled={leaving} onClick={signIn}>
        {leaving ? 'Opening the sign-in page…' : 'Sign in'}
      </button>
    </main>
  )
}

/** Over whatever is on screen: nothing of it is lost, drafts and unsent verdicts are kept in this browser. */
export function SessionEnded({ session }: { session: Session }) {
  const { leaving, problem, signIn } = useSignIn(session)
  return (
    <Dialog title="Your session has ended">
      <p>Sign in again to go on. Your draft and everything not saved yet are kept in this browser.</p>
      {problem !== undefined && (
        <p class="notice error" role="alert">
          {problem}
        </p>
      )}
      <div class="actions">
        <button type="button" class="primary" disabled={leaving} onClick={signIn}>
          Sign in again
        </button>
      </div>
    </Dialog>
  )
}
