// The templates that keep an index in step with a service, in a real n8n against a server of the test's own: only what changed is
// fetched, and what is gone is deleted only where the whole list was read.
import { execute, type Run } from '../../support/executions';
import { sharedHost, type N8nClient, type Workflow, type WorkflowNode } from '../../support/n8n';
import { type SourceServer, startSourceServer } from '../../support/sourceServer';
import { type Gallery, importGallery, triggerOf } from '../../support/templates';

jest.setTimeout(240_000);

let client: N8nClient;
let server: SourceServer;
let gallery: Gallery;
let credentials: Credentials;

type Credentials = NonNullable<WorkflowNode['credentials']>;

/** What each template is told about the server. */
const kinds: Record<string, (node: (name: string) => WorkflowNode, credentials: Credentials) => void> = {
	's3-sync': (node, { s3 }) => {
		for (const name of ['List Bucket', 'Download File'])
			Object.assign(node(name), { credentials: { s3 } }).parameters.bucketName = 'bucket';
	},
	'nextcloud-sync': (node, { nextCloudApi }) => {
		for (const name of ['List Folder', 'Download File'])
			Object.assign(node(name), { credentials: { nextCloudApi } });
	},
	'sharepoint-sync': (node) => {
		assign(node('Drive'), 'drive', `${server.url}/graph/drive`);
		for (const name of ['List Drive', 'Download File']) {
			node(name).parameters.authentication = 'none';
			delete node(name).parameters.nodeCredentialType;
		}
	},
	'website-sync': (node) => {
		assign(node('Website'), 'sitemap', `${server.url}/site/sitemap.xml`);
		assign(node('Website'), 'only', `${server.url}/site/`);
		// A page every half second would take long.
		node('Fetch Page').parameters.options = { response: { response: { responseFormat: 'file' } } };
	},
};

async function makeCredentials(): Promise<Credentials> {
	const s3 = { name: 'Local S3', type: 's3' };
	const nextCloud = { name: 'Local Nextcloud', type: 'nextCloudApi' };
	const forS3 = await client.createCredential({
		...s3,
		data: {
			...{ endpoint: `${server.url}/s3`, region: 'us-east-1', forcePathStyle: true },
			...{ accessKeyId: 'key', secretAccessKey: 'secret', ignoreSSLIssues: false },
		},
	});
	const forNextcloud = await client.createCredential({
		...nextCloud,
		data: { webDavUrl: `${server.url}/dav/remote.php/webdav`, user: 'ada', password: 'secret' },
	});
	return {
		s3: { id: forS3.id, name: s3.name },
		nextCloudApi: { id: forNextcloud.id, name: nextCloud.name },
	};
}

/** Sets a value of a node *Edit Fields*. */
function assign({ parameters }: WorkflowNode, name: string, value: string): void {
	const { assignments } = parameters.assignments as { assignments: Array<{ name: string; value: string }> };
	const field = assignments.find((each) => each.name === name);
	if (!field) throw new Error(`There is no field "${name}"`);
	field.value = value;
}

beforeAll(async () => {
	({ client } = await sharedHost());
	server = await startSourceServer();
	credentials = await makeCredentials();
	gallery = await importGallery(client, server.url, Object.keys(kinds));
});
afterAll(async () => await server.close());

const textOf = (name: string): string =>
	name.endsWith('.html')
		? `<html><head><title>${name}</title></head><body><main><p>The code of ${name} is here.</p></main></body></html>`
		: `The code of ${name} is here.`;
const names = (count: number): string[] =>
	Array.from({ length: count }, (_, at) => `${['', 'Größe & more/', 'a/b/c/'][at % 3]}file ${at}.html`);

describe.each(Object.keys(kinds))('%s', (name) => {
	let workflow: Workflow;
	const run = async (): Promise<Run> => await execute(client, workflow.id, triggerOf(workflow).name);
	beforeAll(async () => {
		server.lists = 'well';
		server.files.clear();
		for (const each of names(12)) server.files.set(each, textOf(each));
		server.taken();
		workflow = await gallery.variant(name, (node) => kinds[name]?.(node, credentials));
	});

	it('stores everything, from all pages and folders', async () => {
		const first = await run();
		expect(first.error).toBeUndefined();
		expect(first.items('Find Changes')).toHaveLength(12);
		expect(first.items('In Step')[0]?.json).toMatchObject({ added: 12, failed: [] });
		expect(server.taken().sort()).toEqual(names(12).sort());
	});

	it('fetches nothing where nothing changed', async () => {
		const again = await run();
		expect({ error: again.error, fetched: server.taken() }).toEqual({ error: undefined, fetched: [] });
		expect(again.ran).not.toContain('Sync Into Index');
	});

	it('fetches what changed, and deletes what is gone', async () => {
		const [changed = '', gone = ''] = names(12);
		server.files.set(changed, textOf(`${changed} (new)`));
		server.files.delete(gone);
		server.files.set('added.txt', 'A new file.');
		const result = await run();
		expect(result.error).toBeUndefined();
		expect(server.taken().sort()).toEqual(['added.txt', changed].sort());
		expect(result.items('In Step')[0]?.json).toMatchObject({ added: 1, changed: 1 });
		// It would be unchanged if it were still stored.
		server.files.set(gone, textOf(gone));
		expect((await run()).items('In Step')[0]?.json).toMatchObject({ added: 1 });
		expect(server.taken()).toEqual([gone]);
	});

	it.each(['broken', 'empty'] as const)('deletes nothing where the list is %s', async (state) => {
		server.lists = state;
		const failed = await run();
		server.lists = 'well';
		if (state === 'broken') expect(failed.error).toEqual(expect.any(String));
		expect(failed.ran).not.toContain('Find Changes');
		const after = await run();
		expect({ error: after.error, fetched: server.taken() }).toEqual({ error: undefined, fetched: [] });
	});

	it('deletes nothing where much is missing', async () => {
		const kept = new Map(server.files);
		for (const each of [...kept.keys()].slice(0, 6)) server.files.delete(each);
		const cut = await run();
		expect(cut.items('Nothing Was Synced')[0]?.json).toMatchObject({
			state: 'failed',
			kind: 'removal',
			reason: expect.stringContaining('Nothing was deleted'),
		});
		for (const [path, text] of kept) server.files.set(path, text);
		await run();
		expect(server.taken()).toEqual([]);
	});

	it('stores the others where one file cannot be fetched, and tries it again', async () => {
		const [first = '', second = ''] = names(12);
		server.files.set(first, textOf(`${first} (third)`));
		server.files.set(second, textOf(`${second} (third)`));
		server.missing = second;
		const result = await run();
		server.missing = undefined;
		expect(result.items('In Step')[0]?.json).toMatchObject({ changed: 1, failed: [] });
		expect(result.items('Not Fetched')).toMatchObject([{ json: { reason: expect.stringMatching(/./) } }]);
		expect(result.items('Not Fetched')[0]?.json.source).toContain(second.split('/').at(-1)?.slice(0, 4));
		server.taken();
		expect((await run()).items('In Step')[0]?.json).toMatchObject({ changed: 1 });
		expect(server.taken()).toEqual([second]);
	});
});
