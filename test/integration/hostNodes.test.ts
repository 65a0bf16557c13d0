// The n8n of host/ is complete: people build flows with n8n's own nodes beside ours.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

jest.setTimeout(300_000);

it('loads each of n8n’s own nodes and credentials', async () => {
	const program = path.join(__dirname, '..', 'support', 'loadNodes.cjs');
	const { stdout } = await promisify(execFile)(process.execPath, [program], {
		env: { ...process.env, NODE_PATH: path.join(__dirname, '..', '..', 'host', 'node_modules') },
	});
	const { loaded, failed } = JSON.parse(stdout) as { loaded: number; failed: string[] };
	expect(failed).toEqual([]);
	expect(loaded).toBeGreaterThan(900);
});
