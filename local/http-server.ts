import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { InputError } from '../core/errors.ts'
import type { Log } from '../core/ports.ts'
import type { SiteConfig } from '../review-api/contract.ts'
import type { SiteFile, SiteFiles } from './review-site.ts'
import { SIGN_IN_PATH } from './sign-in-names.ts'

/**
 * One address for page, API and sign-in, on the loopback interface alone: dialogues about people's troubles do not
 * leave this machine, and no cross-origin rule has to be opened for the page to work.
 */
export const HOST = '127.0.0.1'

export interface Serving {
  config: SiteConfig
  site: SiteFiles
  api: (request: Request) => Response | Promise<Response>
  signIn: (request: IncomingMessage, response: ServerResponse) => Promise<void>
}

export interface LocalServer {
  /** e.g. `http://localhost:4780` */
  origin: string
  /** Until this is called, every request waits. */
  serve(serving: Serving): void
  /** Takes no new request, gives those under way a second, then ends. */
  close(): Promise<void>
}

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=()',
}

/** Opens the port at once, before anything else is ready, so that a port in use is told within milliseconds. */
export async function openServer(port: number, log: Log): Promise<LocalServer> {
  let begin: (listener: Listener) => void = () => undefined
  const ready = new Promise<Listener>((resolve) => (begin = resolve))

  const server = createServer((request, response) => {
    ready
      .then((listener) => listener(request, response))
      .catch((error: unknown) => {
        log.error('request.failed', { error: error instanceof Error ? error.name : 'unknown' })
        if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' })
        response.end('Something went wrong.\n')
      })
  })
  await listen(server, port)
  const { port: bound } = addressOf(server)
  const origin = `http://localhost:${bound}`

  return {
    origin,
    serve: (serving) => begin(listenerFor(serving, origin)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
        setTimeout(() => server.closeAllConnections(), 1000).unref()
      }),
  }
}

type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<void>

function listenerFor(serving: Serving, origin: string): Listener {
  const api = getRequestListener((request) => serving.api(request), { overrideGlobalObjects: false })
  const config = Buffer.from(JSON.stringify(serving.config))
  const own = new URL(origin)
  const otherName = `${HOST}:${own.port}`

  return async (request, response) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value)
    const host = request.headers.host
    // A name that somebody else's server points at this machine (DNS rebinding) must not open anything here.
    if (host !== own.host && host !== otherName) return plain(response, 421, 'This server answers as localhost only.\n')
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    if (path.startsWith('/api/')) return api(request, response)
    // Sign-in comes back to one address; whoever starts at the other name is taken there first.
    if (host !== own.host) return redirect(response, origin + (request.url ?? '/'))
    if (path === SIGN_IN_PATH || path.startsWith(`${SIGN_IN_PATH}/`)) return serving.signIn(request, response)
    if (request.method !== 'GET' && request.method !== 'HEAD') return plain(response, 405, 'Only GET here.\n')
    if (path === '/config.json')
      return sendBytes(request, response, config, { 'content-type': 'application/json', 'cache-control': 'no-cache' })
    return sendFile(request, response, serving.site, path)
  }
}

/** A path that is no file is a place on the page, unless it looks like a file: then it is missing. */
function sendFile(request: IncomingMessage, response: ServerResponse, site: SiteFiles, path: string): void {
  const file = site.get(path) ?? (/\.[a-z0-9]+$/i.test(path) ? undefined : site.get('/index.html'))
  if (file === undefined) return plain(response, 404, 'There is nothing here.\n')
  const headers = {
    'content-type': file.type,
    etag: file.etag,
    'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    vary: 'accept-encoding',
  }
  if (request.headers['if-none-match'] === file.etag) {
    response.writeHead(304, headers).end()
    return
  }
  const gzipped = acceptsGzip(request) ? file.gzipped : undefined
  sendBytes(request, response, gzipped ?? file.body, {
    ...headers,
    ...(gzipped === undefined ? {} : { 'content-encoding': 'gzip' }),
  })
}

const acceptsGzip = (request: IncomingMessage) => /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))

function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  body: SiteFile['body'],
  headers: Record<string, string>,
): void {
  response.writeHead(200, { ...headers, 'content-length': body.length })
  response.end(request.method === 'HEAD' ? undefined : body)
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text)
}

function redirect(response: ServerResponse, to: string): void {
  response.writeHead(307, { location: to }).end()
}

/** @throws InputError when the port is taken or not ours to take. */
function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE')
        reject(
          new InputError(`port ${port} is in use`, {
            fix: `Stop what runs there (perhaps another \`npm start\`), or take another: npm start -- --port ${port + 1}`,
            cause: error,
          }),
        )
      else if (error.code === 'EACCES')
        reject(
          new InputError(`port ${port} may not be used by this account`, {
            fix: 'Take one above 1023: npm start -- --port 4780',
            cause: error,
          }),
        )
      else reject(error)
    })
    server.listen(port, HOST, resolve)
  })
}

function addressOf(server: Server): AddressInfo {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return address
}
