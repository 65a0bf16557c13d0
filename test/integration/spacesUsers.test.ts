// Two users of one real n8n: what a member can do with the index of the owner's space, by workflow, credential, webhook and MCP.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { canvas, langchain, named, ours, webhook, type CanvasNode } from '../support/canvas';
import { N8nClient, sharedHost, startHost, type Host } from '../support/n8n';

jest.setTimeout(180_000);

const MARK = 'mandragora';
const KEY = 'key-of-accounting-0123456789';
const memberLogin = { email: 'member@local-engine.example', password: 'Local-Engine-2' };

let host: Host;
let owner: N8nClient;
let member: N8nClient;
type Credentials = NonNullable<CanvasNode['credentials']>;
let ofOwner: Credentials;
let ofMember: Credentials;

const spaceCredential = async (client: N8nClient, name: string, secretKey: string): Promise<Credentials> => {
	const data = { name, secretKey, previousSecretKey: '' };
	const { id } = await client.createCredential({ name: `space ${name}`, type: 'localEngineSpaceApi', data });
	return { localEngineSpaceApi: { id, name: `space ${name}` } };
};

beforeAll(async () => {
	const { tarball } = await sharedHost();
	host = await startHost({ tarball });
	owner = host.client;
	const [invited] = (await owner.rest('POST', '/invitations', [
		{ email: memberLogin.email, role: 'global:member' },
	])) as Array<{ user: { inviteAcceptUrl: string } }>;
	member = new N8nClient(host.url);
	await member.rest('POST', '/invitations/accept', {
		token: new URL(invited?.user.inviteAcceptUrl ?? '').searchParams.get('token'),
		...{ firstName: 'Mary', lastName: 'Member', password: memberLogin.password },
	});
	await member.signIn(memberLogin);
	ofOwner = await spaceCredential(owner, 'accounting', KEY);
	ofMember = await spaceCredential(member, 'hr', 'key-of-human-resources-1');
	const stored = await ask(
		owner,
		'fill',
		ofOwner,
		{ operation: 'sync', embedding: 'builtinFast', index: named('accounts') },
		{ source: 'a.md', text: `The word is ${MARK}.` },
	);
	expect(stored).toContain('"added"');
});
afterAll(async () => await host?.remove());

/** A workflow of a user with a webhook and a Vector Index node; what the webhook answers. */
async function ask(
	client: N8nClient,
	id: string,
	credentials: Credentials | undefined,
	parameters: Record<string, unknown>,
	body: Record<string, unknown> = {},
): Promise<string> {
	await client.importAndPublish(
		canvas(
			id,
			{
				Webhook: webhook(id),
				Body: {
					type: 'n8n-nodes-base.splitOut',
					parameters: { fieldToSplitOut: 'body.list', options: {} },
				},
				Index: {
					type: ours('vectorIndex'),
					onError: 'continueRegularOutput',
					parameters: { resource: 'documents', ...parameters },
					...(credentials && { credentials }),
				},
			},
			[
				['Webhook', 'Body'],
				['Body', 'Index'],
			],
		),
	);
	return (await client.webhook(id, { list: [body] })).text;
}

const search = (index: string, options = {}) => ({
	...{ operation: 'search', index: named(index), queryFrom: 'text', queryText: 'word', output: 'perHit' },
	options,
});

it('the owner finds what is in the space', async () => {
	expect(await ask(owner, 'owners', ofOwner, search('accounts'))).toContain(MARK);
});

describe('a member', () => {
	it('does not see the credential of the owner', async () => {
		expect(JSON.stringify(await member.rest('GET', '/credentials'))).not.toContain('accounting');
		const { id } = ofOwner.localEngineSpaceApi ?? { id: '' };
		await expect(member.rest('GET', `/credentials/${id}?includeData=true`)).rejects.toThrow(/40[34]/);
	});

	it('cannot use it by its id', async () => {
		const answer = await ask(member, 'stolen', ofOwner, search('accounts')).catch(String);
		expect(answer).not.toContain(MARK);
	});

	it.each([
		['without a space', () => undefined],
		['with another space', () => ofMember],
	])('finds no index of that name %s', async (name, credentials) => {
		const id = `m${name.length}`;
		const there = await ask(member, `${id}a`, credentials(), search('accounts'));
		const nowhere = await ask(member, `${id}b`, credentials(), search('nowhere'));
		expect(there).toContain('There is no index named');
		expect(there.replaceAll('accounts', 'NAME')).toBe(nowhere.replaceAll('nowhere', 'NAME'));
	});

	it('finds none that the caller of a webhook names', async () => {
		const options = { indexNameField: 'wanted' };
		const answer = await ask(member, 'named', ofMember, search('other', options), { wanted: 'accounts' });
		expect(answer).toContain('There is no index named');
		expect(answer).not.toContain(MARK);
	});

	it('opens the space by no key that is guessed', async () => {
		const guessed = await spaceCredential(member, 'accounting', 'not-the-key-of-accounting');
		expect(await ask(member, 'guess', guessed, search('accounts'))).toContain(
			'cannot be opened with this key',
		);
	});
});

describe('MCP', () => {
	const served = async (client: N8nClient, id: string, credentials: Credentials | undefined) => {
		const parameters = { mode: 'retrieve-as-tool', toolDescription: 'Accounts', index: named('accounts') };
		await client.importAndPublish(
			canvas(
				id,
				{
					Server: { type: langchain('mcpTrigger'), typeVersion: 2, webhookId: id, parameters: { path: id } },
					Accounts: { type: ours('vectorStore'), parameters, ...(credentials && { credentials }) },
				},
				[['Accounts', 'Server', 'ai_tool']],
			),
		);
		const mcp = new Client({ name: 'test', version: '1.0.0' });
		await mcp.connect(new StreamableHTTPClientTransport(new URL(`${host.url}/mcp/${id}`)));
		try {
			return JSON.stringify(await mcp.callTool({ name: 'Accounts', arguments: { question: 'word' } }));
		} finally {
			await mcp.close();
		}
	};

	it('answers with what is in the space of its own credential only', async () => {
		expect(await served(owner, 'mcpOwner', ofOwner)).toContain(MARK);
		for (const [id, credentials] of [
			['mcpMember', ofMember],
			['mcpNobody', undefined],
		] as const) {
			const answer = await served(member, id, credentials);
			expect(answer).toContain('There is no index named');
			expect(answer).not.toContain(MARK);
		}
	});
});
