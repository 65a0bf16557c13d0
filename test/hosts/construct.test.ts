// Every minor version of n8n-workflow from n8n 1.120 on: the nodes and credentials are made with each.
import { execFileSync } from 'node:child_process';
import { npmCli, npmEnvironment } from '../../host/npm.cjs';
import { installWorkflow } from '../../host/versions.cjs';
import { constructAll, declared } from '../support/hostVersions';

jest.setTimeout(1_800_000);

/** n8n 1.120 came with n8n-workflow 1.117. */
const oldest = [1, 117] as const;

/** Releases of each minor version, newest first, as the registry lists them: "2.30" → "2.30.2", "2.30.0". */
function releases(): Map<string, string[]> {
	const cli = npmCli();
	if (!cli) throw new Error('npm was not found');
	const printed = execFileSync(process.execPath, [cli, 'view', 'n8n-workflow', 'versions', '--json'], {
		encoding: 'utf8',
		env: npmEnvironment(),
	});
	const found = new Map<string, string[]>();
	for (const version of (JSON.parse(printed) as string[]).reverse()) {
		const [major = 0, minor = 0] = version.split('.').map(Number);
		if (version.includes('-') || major < oldest[0] || (major === oldest[0] && minor < oldest[1])) continue;
		found.set(`${major}.${minor}`, [...(found.get(`${major}.${minor}`) ?? []), version]);
	}
	return found;
}

test('every node and credential is made with every minor version of n8n-workflow', async () => {
	const made: string[] = [];
	const failed: Record<string, unknown> = {};
	for (const [minor, versions] of releases()) {
		const workflow = await installWorkflow(versions);
		if (workflow === undefined) continue;
		try {
			const { nodes, credentials } = constructAll(workflow);
			expect({ nodes: nodes.size, credentials: credentials.size }).toEqual(declared);
			made.push(minor);
		} catch (error) {
			failed[minor] = String(error);
		}
	}
	console.log(`Made with n8n-workflow ${made.join(', ')}`);
	expect(failed).toEqual({});
	expect(made.length).toBeGreaterThan(30);
});
