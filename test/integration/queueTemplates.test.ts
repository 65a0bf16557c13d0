// Every template in queue mode: what one click on "Execute workflow" does is done by the workers.
import { execute } from '../support/executions';
import { sharedHost } from '../support/n8n';
import { startQueue, type Queue } from '../support/queue';
import { startTemplateEngine, type TemplateEngine } from '../support/templateEngine';
import { samples, waiting } from '../support/templateSamples';
import { importGallery, templateNames, triggerOf, type Gallery } from '../support/templates';

jest.setTimeout(600_000);

describe('in queue mode', () => {
	let engine: TemplateEngine;
	let queue: Queue | string;
	let gallery: Gallery;

	beforeAll(async () => {
		engine = await startTemplateEngine();
		queue = await startQueue({
			tarball: (await sharedHost()).tarball,
			workers: 2,
			webhook: true,
			env: { OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true' },
		});
		if (typeof queue !== 'string') gallery = await importGallery(queue.client, engine.url);
	});

	afterAll(async () => {
		if (typeof queue !== 'string') await queue?.stop();
		await engine?.close();
	});

	it.each(templateNames.filter((name) => !waiting.includes(name)))(
		'%s runs with its sample, in a worker',
		async (name) => {
			if (typeof queue === 'string') return console.warn(`Skipped: ${queue}`);
			const { client, workers } = queue;
			const workflow = gallery.workflow(name);
			const before = workers.map((worker) => worker.output().length);
			const run = await execute(client, workflow.id, triggerOf(workflow).name);
			expect([run.status, run.error]).toEqual(['success', undefined]);
			const { node, says } = samples[name] ?? { node: '', says: {} };
			expect(run.items(node)[0]?.json).toMatchObject(says);
			const said = workers.map((worker, at) => worker.output().slice(before[at])).join('');
			expect(said).toMatch(/Worker started execution/);
		},
	);
});
