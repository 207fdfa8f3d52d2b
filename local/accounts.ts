import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { chmod, readFile, rename, stat, writeFile } from 'node:fs/promises'
import * as z from 'zod'
import { InputError } from '../core/errors.ts'

/**
 * Who may sign in on one machine: `workspace/accounts.json`, a file that a person edits. A password is kept as its
 * scrypt hash; one written in plain under `password` (to set a new one, or for a new account) is replaced by its hash
 * the next time the file is read.
 */
export interface Account {
  username: string
  name: string
  groups: readonly ('clinicians' | 'leads')[]
}

export interface Accounts {
  /** The account with that name, as the file stands now. */
  find(username: string): Promise<Account | undefined>
  list(): Promise<readonly Account[]>
  /** Undefined when name or password is wrong; it takes equally long for both. */
  check(username: string, password: string): Promise<Account | undefined>
}

/** An account that was just made, with the password that is shown this once. */
export interface NewAccount extends Account {
  password: string
}

const AccountSchema = z.looseObject({
  username: z.string().regex(/^[a-z0-9][a-z0-9._@-]{0,63}$/, 'lower-case letters, digits and . _ @ -, 64 at the most'),
  name: z.string().min(1),
  groups: z.array(z.enum(['clinicians', 'leads'])).min(1),
  password: z.string().min(8, 'a password of 8 characters or more').optional(),
  password_hash: z.string().optional(),
})
const FileSchema = z.looseObject({ accounts: z.array(AccountSchema).min(1) })
type StoredAccount = z.infer<typeof AccountSchema>

const FIRST_ACCOUNTS: readonly Account[] = [
  { username: 'clinician-1', name: 'Clinician 1', groups: ['clinicians'] },
  { username: 'clinician-2', name: 'Clinician 2', groups: ['clinicians'] },
  { username: 'lead', name: 'Lead clinician', groups: ['clinicians', 'leads'] },
]

/** Makes the file with two clinicians and a lead where there is none; returns them with their passwords then. */
export async function createFirstAccounts(path: string): Promise<NewAccount[]> {
  if ((await stat(path).catch(() => undefined)) !== undefined) return []
  const made = FIRST_ACCOUNTS.map((account) => ({ ...account, password: newPassword() }))
  const stored = await Promise.all(
    made.map(async ({ password, ...account }) => ({ ...account, password_hash: await hash(password) })),
  )
  await write(path, {
    about:
      'Who can sign in. To set a password, or for a new account, write it as "password": it is replaced by its hash at the next start or sign-in.',
    accounts: stored,
  })
  return made
}

/** Reads the file now, and again whenever it has changed. @throws InputError when it cannot be used. */
export async function openAccounts(path: string): Promise<Accounts> {
  let seen: { mtimeMs: number; accounts: StoredAccount[] } | undefined

  async function current(): Promise<StoredAccount[]> {
    const { mtimeMs } = await stat(path)
    if (seen?.mtimeMs !== mtimeMs) seen = { mtimeMs, accounts: await readAccounts(path) }
    return seen.accounts
  }
  // A half-saved edit must not lock everybody out: until the file is good again, the last good one holds.
  const currentOrLast = async () => current().catch(() => seen?.accounts ?? [])

  await current()
  return {
    async find(username) {
      const account = (await currentOrLast()).find((one) => one.username === username)
      return account === undefined ? undefined : withoutSecrets(account)
    },
    async list() {
      return (await currentOrLast()).map(withoutSecrets)
    },
    async check(username, password) {
      const account = (await currentOrLast()).find((one) => one.username === username.trim().toLowerCase())
      const good = await matches(password, account?.password_hash ?? NOBODY)
      return good && account !== undefined ? withoutSecrets(account) : undefined
    },
  }
}

const withoutSecrets = ({ username, name, groups }: StoredAccount): Account => ({ username, name, groups })

async function readAccounts(path: string): Promise<StoredAccount[]> {
  const text = await readFile(path, 'utf8')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new InputError('this is not JSON', {
      where: path,
      fix: 'Put it right, or delete it: the next start makes a new one with new passwords.',
      cause,
    })
  }
  const parsed = FileSchema.safeParse(json)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new InputError(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, {
      where: path,
      expected: '{"accounts": [{"username": …, "name": …, "groups": ["clinicians"], "password": …}]}',
    })
  }
  const names = parsed.data.accounts.map((account) => account.username)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new InputError(`the account ${twice} stands there twice`, { where: path })
  const without = parsed.data.accounts.find(
    (account) => account.password === undefined && account.password_hash === undefined,
  )
  if (without !== undefined)
    throw new InputError(`the account ${without.username} has no password`, {
      where: path,
      fix: 'Give it one: "password": "…".',
    })

  if (parsed.data.accounts.every((account) => account.password === undefined)) return parsed.data.accounts
  const accounts = await Promise.all(
    parsed.data.accounts.map(async ({ password, ...account }) =>
      password === undefined ? account : { ...account, password_hash: await hash(password) },
    ),
  )
  await write(path, { ...parsed.data, accounts })
  return accounts
}

async function write(path: string, content: unknown): Promise<void> {
  const half = `${path}.${randomBytes(4).toString('hex')}.tmp`
  await writeFile(half, JSON.stringify(content, null, 2) + '\n', { mode: 0o600 })
  await rename(half, path)
  await chmod(path, 0o600) // an existing file would have kept the mode it had
}

/** 60 bits in three groups that can be read out over a desk: no 0, 1, l, o. */
function newPassword(): string {
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789'
  const letters = [...randomBytes(12)].map((byte) => alphabet[byte % 32]).join('')
  return letters.replace(/(.{4})(?=.)/g, '$1-')
}

// OWASP's cheapest advised setting for scrypt (2^15, 8, 3): some 130 ms and 32 MB a try, on a machine of one's own.
const COST = { N: 2 ** 15, r: 8, p: 3 }
const KEY_BYTES = 32

async function hash(password: string): Promise<string> {
  const salt = randomBytes(16)
  const key = await derive(password, salt, COST)
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join('$')
}

/** Stands in for the hash of an account that does not exist, so that a wrong name costs what a wrong password does. */
const NOBODY = ['scrypt', COST.N, COST.r, COST.p, 'bm9ib2R5', Buffer.alloc(KEY_BYTES).toString('base64url')].join('$')

async function matches(password: string, stored: string): Promise<boolean> {
  const [kind, N, r, p, salt, key] = stored.split('$')
  if (kind !== 'scrypt' || salt === undefined || key === undefined) return false
  const expected = Buffer.from(key, 'base64url')
  const cost = { N: Number(N), r: Number(r), p: Number(p) }
  const derived = await derive(password, Buffer.from(salt, 'base64url'), cost)
  return derived.length === expected.length && timingSafeEqual(derived, expected)
}

function derive(password: string, salt: Buffer, cost: typeof COST): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, { ...cost, maxmem: 128 * 2 ** 20 }, (error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })
}
