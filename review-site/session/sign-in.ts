import type { SiteConfig } from '../../review-api/contract.ts'
import { User, UserManager, WebStorageStateStore, InMemoryWebStorage } from 'oidc-client-ts'

/**
 * Sign-in by authorization code with PKCE, through oidc-client-ts. A chunk of its own: 17 kB that a page with a valid
 * session never loads. The tokens travel as the library's storage string; `session.ts` keeps them.
 */

function managerFor(oidc: SiteConfig['oidc']): UserManager {
  const { endpoints } = oidc
  return new UserManager({
    authority: oidc.authority,
    ...(endpoints === undefined
      ? {}
      : {
          metadata: {
            issuer: oidc.authority,
            authorization_endpoint: endpoints.authorization,
            token_endpoint: endpoints.token,
            end_session_endpoint: endpoints.end_session,
          },
        }),
    client_id: oidc.client_id,
    scope: oidc.scope,
    // The bare address of the page, so that the identity provider has one callback to register.
    redirect_uri: `${window.location.origin}/`,
    post_logout_redirect_uri: `${window.location.origin}/`,
    response_type: 'code',
    automaticSilentRenew: false, // renewed when a call needs it: a hidden tab shall not keep a session alive
    monitorSession: false,
    stateStore: new WebStorageStateStore({ store: window.sessionStorage, prefix: 'sign-in.' }),
    userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
  })
}

/** Leaves for the identity provider; comes back to `returnTo`, a path of this page. */
export async function beginSignIn(oidc: SiteConfig['oidc'], returnTo: string): Promise<void> {
  await managerFor(oidc).signinRedirect({ state: { returnTo } })
}

/** Takes the code out of the address that the provider sent us back to. */
export async function completeSignIn(oidc: SiteConfig['oidc']): Promise<{ session: string; returnTo: string }> {
  const user = await managerFor(oidc).signinRedirectCallback()
  return { session: user.toStorageString(), returnTo: returnPath(user.state) }
}

/** A new access token for the refresh token in `session`; throws when the provider wants the person again. */
export async function renewSession(oidc: SiteConfig['oidc'], session: string): Promise<string> {
  const manager = managerFor(oidc)
  await manager.storeUser(User.fromStorageString(session))
  const renewed = await manager.signinSilent()
  if (renewed === null) throw new Error('The identity provider gave no new token.')
  return renewed.toStorageString()
}

/** Ends the session at the provider too: on a shared computer the next person must not slip in by single sign-on. */
export async function endSession(oidc: SiteConfig['oidc'], session: string): Promise<void> {
  const manager = managerFor(oidc)
  const user = User.fromStorageString(session)
  if ((await manager.metadataService.getEndSessionEndpoint()) === undefined) {
    window.location.assign('/')
    return
  }
  await manager.signoutRedirect({
    ...(user.id_token === undefined ? {} : { id_token_hint: user.id_token }),
    // Cognito's names for what the standard calls post_logout_redirect_uri
    extraQueryParams: { client_id: oidc.client_id, logout_uri: `${window.location.origin}/` },
  })
}

/** Only a path of this page: a forged state must not send anybody elsewhere. */
function returnPath(state: unknown): string {
  if (typeof state !== 'object' || state === null || !('returnTo' in state)) return '/'
  const { returnTo } = state
  return typeof returnTo === 'string' && /^\/(?![/\\])/.test(returnTo) ? returnTo : '/'
}
