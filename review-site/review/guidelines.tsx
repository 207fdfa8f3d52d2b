import type { ComponentChildren } from 'preact'
import { useServices } from '../app/services.ts'
import { useLoaded } from '../batches/use-loaded.ts'

export function Guidelines() {
  const { api } = useServices()
  const { value, problem, reload } = useLoaded('guidelines', () => api.guidelines())
  if (problem !== undefined)
    return (
      <p class="notice error" role="alert">
        {problem}{' '}
        <button type="button" onClick={reload}>
          Try again
        </button>
      </p>
    )
  if (value === undefined) return <p class="muted">Loading…</p>
  return (
    <div class="prose">
      <p class="muted">Version {value.version}</p>
      <Markdown text={value.markdown} />
    </div>
  )
}

/**
 * The few marks that guidelines are written with (headings, lists, bold, code), as elements; everything else stays the
 * text that it is. No HTML is ever parsed.
 */
export function Markdown({ text }: { text: string }) {
  return <>{blocksOf(text).map(drawBlock)}</>
}

type Block = { kind: 'heading' | 'paragraph'; text: string } | { kind: 'list'; ordered: boolean; items: string[] }

const BULLET = /^\s*(?:[-*]|(\d+)[.)])\s+(.*)$/

export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = []
  let open = false // whether a following line continues the last block
  for (const line of markdown.split(/\r?\n/)) {
    const last = open ? blocks.at(-1) : undefined
    const heading = /^#{1,6}\s+(.*)$/.exec(line)
    const bullet = BULLET.exec(line)
    open = true
    if (line.trim() === '') open = false
    else if (heading !== null) {
      blocks.push({ kind: 'heading', text: heading[1] ?? '' })
      open = false
    } else if (bullet !== null) {
      const ordered = bullet[1] !== undefined
      const item = bullet[2] ?? ''
      if (last?.kind === 'list' && last.ordered === ordered) last.items.push(item)
      else blocks.push({ kind: 'list', ordered, items: [item] })
    } else if (last?.kind === 'list') last.items.push(`${last.items.pop() ?? ''} ${line.trim()}`)
    else if (last?.kind === 'paragraph') last.text += ` ${line.trim()}`
    else blocks.push({ kind: 'paragraph', text: line.trim() })
  }
  return blocks
}

function drawBlock(block: Block, key: number): ComponentChildren {
  switch (block.kind) {
    case 'heading':
      return <h3 key={key}>{inline(block.text)}</h3>
    case 'paragraph':
      return <p key={key}>{inline(block.text)}</p>
    case 'list': {
      const items = block.items.map((item, at) => <li key={at}>{inline(item)}</li>)
      return block.ordered ? <ol key={key}>{items}</ol> : <ul key={key}>{items}</ul>
    }
  }
}

function inline(text: string): ComponentChildren {
  return text.split(/(\*\*[^*]+\*\*|`[^`]+`)/).map((part) => {
    if (part.startsWith('**') && part.endsWith('**') && part.length > 4) return <strong>{part.slice(2, -2)}</strong>
    if (part.startsWith('`') && part.endsWith('`') && part.length > 2) return <code>{part.slice(1, -1)}</code>
    return part
  })
}
