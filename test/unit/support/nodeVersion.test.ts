import { readFileSync } from 'node:fs';
import path from 'node:path';
import { nodeProblem, OLDEST_NODE } from '../../../lib/support/nodeVersion';

describe('the version of Node', () => {
	it.each(['20.15.0', '20.19.5', '22.12.0', '22.18.0'])(
		'%s is too old, and one sentence says what to do',
		(version) => {
			expect(nodeProblem(version)).toBe(
				`n8n runs on Node ${version}, and n8n-nodes-local-engine needs Node 22.19 or newer. Install a newer Node or a newer Docker image of n8n, then start n8n again.`,
			);
		},
	);

	it.each(['22.19.0', '22.21.1', '23.0.0', '24.0.0', '25.1.0', '26.0.0'])('%s is new enough', (version) => {
		expect(nodeProblem(version)).toBeUndefined();
	});

	it('package.json asks for the same', () => {
		const file = path.join(__dirname, '..', '..', '..', 'package.json');
		const { engines } = JSON.parse(readFileSync(file, 'utf8')) as { engines: { node: string } };
		expect(engines.node).toBe(`>=${OLDEST_NODE.join('.')}`);
	});
});
