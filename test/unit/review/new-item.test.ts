import { describe, expect, it } from 'vitest'
import { contentSha256 } from '../../../core/dialogue/content-hash.ts'
import type { Dialogue } from '../../../core/dialogue/schema.ts'
import type { Finding } from '../../../core/quality/finding.ts'
import { DEFAULT_OVERLAP } from '../../../core/review/overlap.ts'
import { newItem } from '../../../core/review/new-item.ts'
import { aBatch, aRecord } from '../../builders/a-batch.ts'
import { aDialogue, aUserMessage, anAssistantMessage } from '../../builders/a-dialogue.ts'

const finding = (overrides: Partial<Finding> = {}): Finding => ({
  code: 'style.long-turn',
  severity: 'warning',
  message: 'Long.',
  ...overrides,
})
const itemOf = (dialogue: Partial<Dialogue>, findings: Finding[] = []) =>
  newItem(aBatch(), aRecord(0, { dialogue: aDialogue(dialogue), findings })).item

describe('a dialogue that comes into review', () => {
  it('keeps its own bytes, and is known by the hash of its content', () => {
    const dialogue = aDialogue({ content_sha256: 'what the file says' })
    const json = JSON.stringify(dialogue, null, 3)
    const { item, body } = newItem(aBatch(), aRecord(4, { dialogue, json, findings: [finding()] }))

    expect(body).toMatchObject({ dialogue_json: json, version: 1, findings: [finding()], rules_version: 'r1' })
    expect(body.content_sha256).toBe(contentSha256(dialogue))
    expect(item).toMatchObject({
      ordinal: 4,
      content_sha256: body.content_sha256,
      turns: 4,
      concern: 'anxiety',
      concern_group: 'anxiety',
      finding_counts: { error: 0, warning: 1, info: 0 },
      status: 'pending',
      priority: 1,
    })
  })

  it('counts an unknown concern as other and keeps its name', () => {
    expect(itemOf({ user_profile: { concern: 'astronomy' } })).toMatchObject({
      concern: 'astronomy',
      concern_group: 'other',
    })
  })

  it('takes its level of risk from its labels, else from its turns', () => {
    const messages = [aUserMessage(), anAssistantMessage({ risk_level: 'low' })]

    expect(itemOf({ labels: { max_risk_level: 'none' }, messages }).max_risk_level).toBe('none')
    expect(itemOf({ labels: {}, messages }).max_risk_level).toBe('low')
    expect(
      itemOf({ labels: {}, messages: [aUserMessage(), anAssistantMessage({ risk_level: undefined })] }).max_risk_level,
    ).toBe('none')
  })

  it.each<[string, Partial<Dialogue>, Finding[]]>([
    ['its labels say medium risk', { labels: { max_risk_level: 'medium' } }, []],
    [
      'a turn says high risk although the labels do not',
      { messages: [aUserMessage(), anAssistantMessage({ risk_level: 'high' })] },
      [],
    ],
    ['it is marked imminent', { risk: { signals: [], imminent: true } }, []],
    ['the lint suspects a crisis', {}, [finding({ code: 'safety.no-direct-question', severity: 'error' })]],
  ])('comes first in the queue when %s', (_, dialogue, findings) => {
    expect(itemOf(dialogue, findings).priority).toBe(0)
  })

  it('does not come first for low risk, a remark or a matter of style', () => {
    expect(
      itemOf({ labels: { max_risk_level: 'low' } }, [finding({ code: 'safety.x', severity: 'info' }), finding()])
        .priority,
    ).toBe(1)
  })

  it('takes two reviews where the policy of the batch says so', () => {
    const risky = aRecord(0, { dialogue: aDialogue({ labels: { max_risk_level: 'high' } }) })

    expect(newItem(aBatch({ overlap: { ...DEFAULT_OVERLAP, share: 0 } }), risky).item.required_reviews).toBe(2)
    expect(newItem(aBatch({ overlap: { ...DEFAULT_OVERLAP, share: 0 } }), aRecord(1)).item.required_reviews).toBe(1)
  })
})
