/**
 * One producer, several writers that each take an async iterable (`ObjectStore.put`): what is pushed to a channel comes
 * out of its body, and the producer waits for the slowest writer. A writer that is done before its body is (a put whose
 * condition does not hold reads nothing) is not waited for; one that fails stops all.
 */
export interface Channel {
  push(piece: Uint8Array): void
}

export interface FanOut {
  /** Starts `write` on a body of its own. */
  open(write: (body: AsyncIterable<Uint8Array>) => Promise<unknown>): Channel
  /** Resolves when every channel has room again; rejects when a writer has failed. */
  room(): Promise<void>
  /** Ends all bodies and waits for the writers. */
  close(): Promise<void>
  /** Lets every body throw, so that no writer leaves anything behind, and waits for them. */
  fail(reason: unknown): Promise<void>
}

/** Pieces that a channel holds before the producer has to wait. */
const QUEUED = 1

export function createFanOut(): FanOut {
  const channels: { queue: Uint8Array[]; wake: () => void; over: boolean; writing: Promise<void> }[] = []
  let ended = false
  let stopped: { reason: unknown } | undefined
  let failure: { reason: unknown } | undefined
  let wakeProducer: () => void = () => undefined

  const settled = (): Promise<unknown> => Promise.all(channels.map((channel) => channel.writing))

  return {
    open(write) {
      const channel = {
        queue: new Array<Uint8Array>(),
        wake: (): void => undefined,
        over: false,
        writing: Promise.resolve(),
      }
      async function* body(): AsyncGenerator<Uint8Array, void, undefined> {
        for (;;) {
          if (stopped !== undefined) throw stopped.reason
          const piece = channel.queue.shift()
          if (piece !== undefined) {
            wakeProducer()
            yield piece
          } else if (ended) return
          else await new Promise<void>((resolve) => (channel.wake = resolve))
        }
      }
      channel.writing = write(body()).then(
        () => undefined,
        (reason: unknown) => {
          failure ??= { reason }
        },
      )
      void channel.writing.then(() => {
        channel.over = true
        channel.queue = []
        wakeProducer()
      })
      channels.push(channel)
      return {
        push(piece) {
          if (channel.over) return
          channel.queue.push(piece)
          channel.wake()
        },
      }
    },
    async room() {
      while (failure === undefined && channels.some((channel) => channel.queue.length >= QUEUED))
        await new Promise<void>((resolve) => (wakeProducer = resolve))
      if (failure !== undefined) throw failure.reason
    },
    async close() {
      ended = true
      for (const channel of channels) channel.wake()
      await settled()
      if (failure !== undefined) throw failure.reason
    },
    async fail(reason) {
      stopped = { reason }
      for (const channel of channels) channel.wake()
      await settled()
    },
  }
}
