import { createHash } from 'node:crypto'

/** The sign-in page and its one kind of error page: plain HTML with a small style of its own, no script. */

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1c2321, #e6ebe8); --paper: light-dark(#f6f8f6, #161b19);
  --card: light-dark(#ffffff, #1f2623); --line: light-dark(#6f7d77, #84938c); --accent: light-dark(#1f6a54, #7fd0b3);
  --on-accent: light-dark(#ffffff, #10211b); --wrong: light-dark(#9c2b23, #ffb3a8); }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100dvh; display: grid; place-items: center; padding: 1.5rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: min(24rem, 100%); background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 2rem; }
h1 { margin: 0 0 .25rem; font-size: 1.375rem; line-height: 1.25; }
p { margin: 0 0 1.25rem; }
label { display: block; margin: 1rem 0 .25rem; font-weight: 600; }
input { width: 100%; min-height: 44px; padding: .5rem .75rem; font: inherit; color: inherit; background: var(--paper);
  border: 1px solid var(--line); border-radius: 8px; }
button { width: 100%; min-height: 44px; margin-top: 1.5rem; font: inherit; font-weight: 600; color: var(--on-accent);
  background: var(--accent); border: 0; border-radius: 8px; cursor: pointer; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.wrong { color: var(--wrong); font-weight: 600; }
a { color: var(--accent); }
`

const SEND_FORM = 'document.forms[0].submit()'

const sha256 = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** The style is the only inline thing there is, named by its hash; a form goes nowhere but back to us. */
export const PAGE_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src ${sha256(STYLE)}`,
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')
export const SIGN_OUT_SECURITY_POLICY = `${PAGE_SECURITY_POLICY}; script-src ${sha256(SEND_FORM)}`

export interface SignInForm {
  action: string
  username: string
  /** What was wrong with the last try. */
  problem?: string
}

export function signInPage(form: SignInForm): string {
  const wrong = form.problem !== undefined
  // The field that has to be typed next takes the focus: after a wrong password that is the password.
  const first = form.username === '' ? 'username' : 'password'
  const field = (name: string) =>
    `name="${name}" id="${name}" required${first === name ? ' autofocus' : ''}${wrong ? ' aria-invalid="true" aria-describedby="problem"' : ''}`
  return page(
    wrong ? 'Not signed in: sign in to review dialogues' : 'Sign in to review dialogues',
    `<h1>Sign in</h1>
<p>to review dialogues on this machine</p>
${wrong ? `<p class="wrong" id="problem" role="alert">${escapeHtml(form.problem ?? '')}</p>` : ''}
<form method="post" action="${escapeHtml(form.action)}">
  <label for="username">User name</label>
  <input ${field('username')} value="${escapeHtml(form.username)}" autocomplete="username" autocapitalize="none" spellcheck="false">
  <label for="password">Password</label>
  <input ${field('password')} type="password" autocomplete="current-password">
  <button type="submit">Sign in</button>
</form>`,
  )
}

export function messagePage(heading: string, message: string): string {
  return page(
    heading,
    `<h1>${escapeHtml(heading)}</h1><p>${escapeHtml(message)}</p><p><a href="/">Go to the review page</a></p>`,
  )
}

/** @param form the provider's own, which carries what guards it against other sites */
export function signOutPage(form: string): string {
  const fields = '<input type="hidden" name="logout" value="yes"><button type="submit">Sign out</button></form>'
  return page('Signing out', `<h1>Signing out</h1>\n${form.replace('</form>', fields)}\n<script>${SEND_FORM}</script>`)
}

function page(title: string, main: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<style>${STYLE}</style>
</head>
<body><main>
${main}
</main></body>
</html>
`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
