// Every n8n from 1.123 on loads the pack: one node that throws while it is made costs all of them.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import type { NodeHelpers as Helpers } from 'n8n-workflow';
import { constructAll, installedWorkflows } from '../../support/hostVersions';

/** What the editor gets: n8n sends descriptions as JSON. */
const asSent = (description: object): unknown => JSON.parse(JSON.stringify(description));

describe('older and newer hosts', () => {
	it('are the oldest n8n we name, 2.0, one between, and today’s', () => {
		expect(installedWorkflows).toEqual([
			'n8n-workflow',
			'n8n-workflow-1.120',
			'n8n-workflow-2.0',
			'n8n-workflow-2.30',
		]);
	});

	describe.each(installedWorkflows)('%s', (workflow) => {
		it('makes every node and credential, and they look as in today’s', () => {
			const today = constructAll('n8n-workflow');
			const here = constructAll(workflow);
			for (const [name, { description }] of here.nodes)
				expect([name, asSent(description)]).toEqual([name, asSent(today.nodes.get(name)!.description)]);
			for (const [name, type] of here.credentials)
				expect([name, asSent(type.properties)]).toEqual([
					name,
					asSent(today.credentials.get(name)!.properties),
				]);
		});

		it('fills in the defaults of a new node', () => {
			const { NodeHelpers } = jest.requireActual<{ NodeHelpers: typeof Helpers }>(workflow);
			for (const [name, { description }] of constructAll(workflow).nodes) {
				const node = { typeVersion: [description.version].flat().at(-1)! };
				const filled = NodeHelpers.getNodeParameters(
					description.properties,
					{},
					true,
					false,
					node,
					description,
				);
				expect([name, Object.keys(filled ?? {}).length > 0]).toEqual([name, true]);
			}
		});
	});

	it('what the oldest host lacks is asked for in the files that do without it', () => {
		const root = path.join(__dirname, '..', '..', '..');
		const { stdout } = spawnSync(
			process.execPath,
			['node_modules/typescript/bin/tsc', '-p', 'test/support/tsconfig.oldestHost.json', '--pretty', 'false'],
			{ cwd: root, encoding: 'utf8' },
		);
		// TS2589: the types of that host's zod are too deep; nothing is missing there
		const errors = stdout.split('\n').filter((line) => / error TS\d+/.test(line) && !line.includes('TS2589'));
		expect([...new Set(errors.map((line) => line.split('(', 1)[0]))]).toEqual([
			'nodes/shared/runtime/egress.ts',
			'nodes/shared/runtime/webhookPath.ts',
		]);
	});
});
