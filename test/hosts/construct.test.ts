// Every minor version of n8n-workflow from n8n 1.120 on: the nodes and credentials are made with each.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { npmCli, npmEnvironment } from '../../host/npm.cjs';
import { installAliases } from '../../host/versions.cjs';
import { constructAll } from '../support/hostVersions';

jest.setTimeout(600_000);

/** n8n 1.120 came with n8n-workflow 1.117. */
const oldest = [1, 117] as const;

/** The newest release of each minor version, as the registry lists them: "2.30" → "2.30.2". */
function releases(): Map<string, string> {
	const cli = npmCli();
	if (!cli) throw new Error('npm was not found');
	const printed = execFileSync(process.execPath, [cli, 'view', 'n8n-workflow', 'versions', '--json'], {
		encoding: 'utf8',
		env: npmEnvironment(),
	});
	const newest = new Map<string, number>();
	for (const version of JSON.parse(printed) as string[]) {
		const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
		if (version.includes('-') || major < oldest[0] || (major === oldest[0] && minor < oldest[1])) continue;
		const key = `${major}.${minor}`;
		newest.set(key, Math.max(patch, newest.get(key) ?? 0));
	}
	return new Map([...newest].map(([minor, patch]) => [minor, `${minor}.${patch}`]));
}

test('every node and credential is made with every minor version of n8n-workflow', async () => {
	const versions = [...releases()];
	expect(versions.length).toBeGreaterThan(30);
	const packages = new Map(
		versions.map(([minor, release]) => [`workflow-${minor}`, `npm:n8n-workflow@${release}`]),
	);
	const modules = await installAliases(`workflows-${versions.at(-1)?.[1]}`, packages);
	const failed = new Map<string, unknown>();
	for (const [minor] of versions) {
		try {
			const { nodes, credentials } = constructAll(path.join(modules, `workflow-${minor}`));
			expect([nodes.size, credentials.size]).toEqual([11, 2]);
		} catch (error) {
			failed.set(minor, error);
		}
	}
	expect(Object.fromEntries(failed)).toEqual({});
});
