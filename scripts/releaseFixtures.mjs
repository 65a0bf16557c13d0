// npm run release:fixtures: writes test/fixtures/releases/VERSION, one of each thing that this version stores and the names that
// workflows hold. Every later version has to open them (test/unit/releases).
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { inRoot } from './lib/paths.mjs';

const { version } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
mkdirSync(inRoot('test', 'fixtures', 'releases'), { recursive: true });
const jest = inRoot('node_modules', 'jest', 'bin', 'jest.js');
const { status } = spawnSync(
	process.execPath,
	[jest, '--selectProjects', 'unit', '--runInBand', '--forceExit', '--testPathPatterns', 'unit/releases'],
	{
		cwd: inRoot(),
		stdio: 'inherit',
		env: { ...process.env, LOCAL_ENGINE_RECORD_RELEASE: version },
	},
);
process.exitCode = status ?? 1;
