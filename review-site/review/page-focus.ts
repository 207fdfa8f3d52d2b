/** Where the focus is and where it goes: the page's rows, turns and headings, by their data attributes. */

export function focusKind(element: Element | null): 'typing' | 'control' | 'page' {
  if (element === null) return 'page'
  if (
    element.matches(
      'textarea, select, input:not([type=radio], [type=checkbox]), [contenteditable=""], [contenteditable=true]',
    )
  )
    return 'typing'
  return element.matches('input, button, a[href], summary') ? 'control' : 'page'
}

export function rowOf(element: Element | null): HTMLElement | undefined {
  return htmlElement(element?.closest('[data-row]'))
}

export function turnOf(element: Element | null): HTMLElement | undefined {
  return htmlElement(element?.closest('[data-turn]'))
}

/** The row before or after the focused one; the first one when none is. */
export function moveRow(by: 1 | -1): void {
  const rows = htmlElements('[data-row]')
  const at = rows.findIndex((row) => row === rowOf(document.activeElement))
  focusOn(at === -1 ? rows[0] : rows[Math.min(rows.length - 1, Math.max(0, at + by))])
}

/** The turn before or after the focused one; the one that is in the tab order when none is. */
export function moveTurn(by: 1 | -1): void {
  const turns = htmlElements('[data-turn]')
  const at = turns.findIndex((turn) => turn === turnOf(document.activeElement))
  const first = turns.find((turn) => turn.tabIndex === 0) ?? turns[0]
  focusOn(at === -1 ? first : turns[Math.min(turns.length - 1, Math.max(0, at + by))])
}

export function focusRow(row: string): void {
  focusOn(htmlElement(document.querySelector(`[data-row="${CSS.escape(row)}"]`)))
}

/** Into the first control of the focused row, or the labels of the focused turn. */
export function goIn(): boolean {
  const row = rowOf(document.activeElement)
  if (row !== undefined) {
    const control = row.querySelector('input:checked, select, textarea') ?? row.querySelector('input')
    focusOn(htmlElement(control))
    return true
  }
  const labels = turnOf(document.activeElement)?.querySelector('[data-labels]')
  if (!(labels instanceof HTMLDetailsElement)) return false
  labels.open = true
  focusOn(htmlElement(labels.querySelector('select')))
  return true
}

/** Out to the row or turn that the focus is in; out of everything to `home`. */
export function comeOut(home: HTMLElement | null): void {
  const active = document.activeElement
  const around = rowOf(active) ?? turnOf(active)
  focusOn(around === undefined || around === active ? (home ?? undefined) : around)
}

/** Chooses the option of the focused row; returns the row, or undefined when there is no such option. */
export function chooseOption(index: number): { row: string; wasChecked: boolean } | undefined {
  const row = rowOf(document.activeElement)
  if (row === undefined) return undefined
  const name = row.dataset['row'] ?? ''
  const option = [...row.querySelectorAll('[data-option]')][index]
  if (option instanceof HTMLInputElement) {
    const wasChecked = option.checked
    option.click()
    return { row: name, wasChecked }
  }
  const select = row.querySelector('select')
  const choice = select?.options[index + 1] // the first is "not checked"
  if (select === null || choice === undefined) return undefined
  select.value = choice.value
  select.dispatchEvent(new Event('change', { bubbles: true }))
  return { row: name, wasChecked: false }
}

/** Shows on the button what the key did. */
export function pulse(action: string): void {
  const element = document.querySelector(`[data-action="${CSS.escape(action)}"]`)
  if (element === null) return
  element.classList.add('pulse')
  setTimeout(() => element.classList.remove('pulse'), 160)
}

function focusOn(element: HTMLElement | undefined): void {
  element?.focus({ preventScroll: true })
  element?.scrollIntoView({ block: 'nearest', behavior: 'instant' })
}

function htmlElement(element: Element | null | undefined): HTMLElement | undefined {
  return element instanceof HTMLElement ? element : undefined
}

function htmlElements(selector: string): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(selector)]
}
