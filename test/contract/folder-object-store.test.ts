import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFolderObjectStore } from '../../local/folder-object-store.ts'
import { describeObjectStore } from './object-store.ts'

describeObjectStore('folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'object-store-'))
  const opened = [openFolderObjectStore(folder)]
  const [store] = opened
  return {
    store: store!,
    another() {
      const one = openFolderObjectStore(folder)
      opened.push(one)
      return one
    },
    async dispose() {
      for (const one of opened) one.close()
      await rm(folder, { recursive: true })
    },
  }
})
