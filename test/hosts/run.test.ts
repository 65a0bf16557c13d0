// The pack in other versions of n8n than the one of host/: every template with one click, and what callers use of the published ones.
import { installHost, OLDER_HOSTS } from '../../host/versions.cjs';
import { packTarball } from '../../host/pack.cjs';
import { execute } from '../support/executions';
import { startHost, type Host } from '../support/n8n';
import { startTemplateEngine, type TemplateEngine } from '../support/templateEngine';
import { needAccount, samples, waiting } from '../support/templateSamples';
import { gatewayKey, importGallery, templateNames, triggerOf, type Gallery } from '../support/templates';

jest.setTimeout(1_200_000);

const wanted = process.env.LOCAL_ENGINE_HOSTS?.split(',');
const today = { n8n: 'today', node: 24 };
const hosts = [...OLDER_HOSTS, today].filter(({ n8n }) => !wanted || wanted.includes(n8n));
const packed = packTarball();
/** Templates with a node that older hosts lack: the one that makes a data table came with n8n 2.1x. Their notes say so. */
const NOT_YET: Readonly<Record<string, readonly string[]>> = {
	'1.123.81': ['mail-invoices'],
	'2.0.3': ['mail-invoices'],
};

describe.each(hosts)('n8n $n8n', (version) => {
	let engine: TemplateEngine;
	let host: Host;
	let gallery: Gallery;

	beforeAll(async () => {
		engine = await startTemplateEngine();
		const installed = version === today ? {} : await installHost(version);
		host = await startHost({ ...installed, tarball: (await packed).tarball });
		gallery = await importGallery(host.client, engine.url);
	});
	afterAll(async () => {
		await host?.remove();
		await engine?.close();
	});

	const missing = NOT_YET[version.n8n] ?? [];
	it.each(templateNames.filter((name) => !waiting.includes(name) && !missing.includes(name)))(
		'%s runs with its sample',
		async (name) => {
			const { node, says } = samples[name] ?? { node: '', says: {} };
			const workflow = gallery.workflow(name);
			const result = await execute(host.client, workflow.id, triggerOf(workflow).name);
			expect({ error: result.error, status: result.status }).toEqual({ error: undefined, status: 'success' });
			expect(result.items(node)[0]?.json).toMatchObject(says);
		},
	);

	it('publishes every template that needs no account', async () => {
		for (const name of templateNames.filter((each) => !needAccount.includes(each))) {
			const { type } = triggerOf(gallery.workflow(name));
			if (type !== 'n8n-nodes-base.manualTrigger') await gallery.publish(name);
		}
	});

	it('the knowledge base answers callers from what they sent', async () => {
		const text = 'The spare key hangs behind the blue door of the workshop.';
		const documents = [{ source: 'keys.md', text }];
		expect((await host.client.webhook('knowledge-base/documents', { documents })).json).toMatchObject({
			added: 1,
		});
		const { json } = await host.client.webhook('knowledge-base/ask', { question: 'Where is the spare key?' });
		expect(json).toMatchObject({ found: true, citations: [{ source: 'keys.md', start: 0 }] });
	});

	it('the gateway fails over, and keeps strangers out', async () => {
		const ask = async (key: string) =>
			await host.client.webhook(
				'gateway/v1/chat/completions',
				{ model: 'teacher', messages: [{ role: 'user', content: 'How do I true a wheel?' }] },
				{ headers: { authorization: `Bearer ${key}` } },
			);
		expect((await ask('somebody-elses-key-0123')).status).toBe(401);
		const { status, json } = await ask(gatewayKey);
		expect([status, json.choices?.[0].message.content]).toEqual([
			200,
			expect.stringContaining('true a wheel'),
		]);
	});
});
