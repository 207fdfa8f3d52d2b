import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'

/** What the name of an output asks for: `.jsonl` is one dialogue a line, `.gz` behind either is gzipped. */
export function formatOf(path: string): { lines: boolean; gzip: boolean } {
  const gzip = /\.gz$/i.test(path)
  return { lines: /\.(jsonl|ndjson)(\.gz)?$/i.test(path), gzip }
}

/** The bytes as the output's name asks for them. Gzip's header names no file and no time, so equal input is equal output. */
export function packed(path: string, bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  if (!formatOf(path).gzip) return bytes
  const gzip = createGzip()
  const source = Readable.from(bytes, { objectMode: false })
  source.on('error', (error) => gzip.destroy(error))
  return source.pipe(gzip)
}
