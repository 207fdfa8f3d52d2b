/**
 * What a browser may do with the page: run and show what stands beside it, call its own API, and fetch tokens at the
 * sign-in address. Model and seed text is untrusted: even if some of it became markup, nothing of it could run.
 */
export function contentSecurityPolicy(signInOrigin: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ${signInOrigin}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ')
}

export const PERMISSIONS_POLICY = 'camera=(), microphone=(), geolocation=(), payment=()'
