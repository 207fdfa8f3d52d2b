import type { ItemBody, ItemRecord, ReviewStore } from './store.ts'

/** The body of the version that the item names. They are written in one transaction, so a missing one is a defect. */
export async function bodyOfItem(store: Pick<ReviewStore, 'body'>, item: ItemRecord): Promise<ItemBody> {
  const body = await store.body(item.batch_id, item.dialogue_id, item.version)
  if (body === undefined)
    throw new Error(`The store has no body for version ${item.version} of ${item.dialogue_id} in ${item.batch_id}`)
  return body
}
