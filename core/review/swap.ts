/**
 * Compare-and-swap: tries with fresh data until nobody was faster. Each round that fails is one in which somebody else
 * succeeded, so 100 rounds outlast 100 rivals at one dialogue; more is a defect, not a queue.
 */
export async function swap<Done>(attempt: () => Promise<Done | 'stale'>): Promise<Done> {
  for (let round = 0; round < 100; round++) {
    const done = await attempt()
    if (done !== 'stale') return done
  }
  throw new Error('The review store gave up after 100 stale writes in a row')
}
