import type * as CognitoSdk from '@aws-sdk/client-cognito-identity-provider'
import { Command } from 'commander'
import { createConsole } from '../console.ts'
import { EXIT, UsageError } from '../failure.ts'
import { examples, jsonOption } from '../options.ts'
import { visible } from '../visible-text.ts'
import { environmentOption, findDeployment, onAws } from './deployment.ts'

interface Common {
  environment: string
  json?: true
}

interface Account {
  username: string
  email: string | undefined
  status: string
  enabled: boolean
  groups: string[]
}

/** Who may sign in to the review page of a deployment. */
export function usersCommand(finish: (exitCode: number) => void): Command {
  const users = new Command('users')
    .description('Who may sign in to the review page of a deployment.')
    .addHelpText(
      'after',
      examples(
        ['dialogues users add m.okafor --email m.okafor@clinic.example', 'a clinician; AWS mails a first password'],
        ['dialogues users add r.lindt --email r.lindt@clinic.example --lead', 'a lead: may settle and close as well'],
        ['dialogues users list -e prod', 'who there is'],
        ['dialogues users disable m.okafor', 'no more sign-in, on any device; what they reviewed stays'],
      ),
    )
  users
    .command('add')
    .description('Invite a clinician, or a lead.')
    .argument('<name>', 'the name they sign in with; it stands in every review')
    .requiredOption('--email <address>', 'where AWS sends the first password')
    .option('--lead', 'may settle disagreements and close batches')
    .addOption(environmentOption())
    .addOption(jsonOption())
    .action(async (name: string, options: Common & { email: string; lead?: true }) => {
      if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(options.email))
        throw new UsageError(`${options.email} is no e-mail address`, 'Expected something like name@clinic.example.')
      const console = createConsole({ json: options.json === true })
      const groups = options.lead === true ? ['clinicians', 'leads'] : ['clinicians']
      await withPool(options.environment, async (cognito, client, UserPoolId) => {
        await client
          .send(
            new cognito.AdminCreateUserCommand({
              UserPoolId,
              Username: name,
              DesiredDeliveryMediums: ['EMAIL'],
              UserAttributes: [
                { Name: 'email', Value: options.email },
                { Name: 'email_verified', Value: 'true' },
              ],
            }),
          )
          .catch((error: unknown) => {
            if (error instanceof Error && error.name === 'UsernameExistsException')
              throw new UsageError(`there is a ${name} already`, '`dialogues users list` shows who there is.')
            throw error
          })
        for (const GroupName of groups)
          await client.send(new cognito.AdminAddUserToGroupCommand({ UserPoolId, Username: name, GroupName }))
      })
      console.print(
        `${visible(name)} may sign in as ${groups.includes('leads') ? 'a lead' : 'a clinician'}; AWS sends the first password to ${visible(options.email)}.`,
      )
      console.result({ username: name, email: options.email, groups })
      finish(EXIT.done)
    })
  users
    .command('list')
    .description('Everybody who has an account.')
    .addOption(environmentOption())
    .addOption(jsonOption())
    .action(async (options: Common) => {
      const console = createConsole({ json: options.json === true })
      const accounts = await withPool(options.environment, listAccounts)
      for (const { username, email, status, enabled, groups } of accounts)
        console.print(
          `${visible(username).padEnd(24)}  ${(groups.includes('leads') ? 'lead' : groups.includes('clinicians') ? 'clinician' : 'no group').padEnd(9)}  ${enabled ? status.toLowerCase().replaceAll('_', ' ') : 'disabled'}  ${visible(email ?? '')}`,
        )
      if (accounts.length === 0) console.print('Nobody yet. `dialogues users add` invites somebody.')
      console.result({ users: accounts })
      finish(EXIT.done)
    })
  users
    .command('disable')
    .description('Let somebody sign in no more, on any device; an open page ends within the hour. Their reviews stay.')
    .argument('<name>')
    .addOption(environmentOption())
    .addOption(jsonOption())
    .action(async (name: string, options: Common) => {
      const console = createConsole({ json: options.json === true })
      await withPool(options.environment, async (cognito, client, UserPoolId) => {
        const user = { UserPoolId, Username: name }
        try {
          await client.send(new cognito.AdminDisableUserCommand(user))
          await client.send(new cognito.AdminUserGlobalSignOutCommand(user))
        } catch (error) {
          if (error instanceof Error && error.name === 'UserNotFoundException')
            throw new UsageError(`there is no ${name}`, '`dialogues users list` shows who there is.')
          throw error
        }
      })
      console.print(`${visible(name)} can sign in no more. An open page goes on for an hour at the most.`)
      console.result({ username: name, enabled: false })
      finish(EXIT.done)
    })
  return users
}

type Cognito = typeof CognitoSdk

function withPool<T>(
  environment: string,
  run: (cognito: Cognito, client: CognitoSdk.CognitoIdentityProviderClient, userPoolId: string) => Promise<T>,
): Promise<T> {
  return onAws(async () => {
    const { userPoolId } = await findDeployment(environment)
    const cognito = await import('@aws-sdk/client-cognito-identity-provider')
    return run(cognito, new cognito.CognitoIdentityProviderClient({}), userPoolId)
  })
}

async function listAccounts(
  cognito: Cognito,
  client: CognitoSdk.CognitoIdentityProviderClient,
  UserPoolId: string,
): Promise<Account[]> {
  const accounts: Account[] = []
  for await (const page of cognito.paginateListUsers({ client }, { UserPoolId }))
    for (const user of page.Users ?? []) {
      const Username = user.Username ?? ''
      const { Groups } = await client.send(new cognito.AdminListGroupsForUserCommand({ UserPoolId, Username }))
      accounts.push({
        username: Username,
        email: user.Attributes?.find(({ Name }) => Name === 'email')?.Value,
        status: user.UserStatus ?? 'UNKNOWN',
        enabled: user.Enabled ?? false,
        groups: (Groups ?? []).flatMap(({ GroupName }) => GroupName ?? []),
      })
    }
  return accounts.sort((one, other) => (one.username < other.username ? -1 : 1))
}
