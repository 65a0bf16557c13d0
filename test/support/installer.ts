// n8n's own way of installing packages: the calls that its page "Community nodes" makes.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { N8nClient } from './n8n';

const root = path.join(__dirname, '..', '..');
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
	name: string;
	version: string;
	n8n: { nodes: string[] };
};

export const packName = manifest.name;
export const packVersion = manifest.version;

/** Type names of our nodes, as n8n has them. */
export const nodeTypes = manifest.n8n.nodes.map((file) => {
	const className = path.basename(file, '.node.js');
	return `${packName}.${className.charAt(0).toLowerCase()}${className.slice(1)}`;
});

interface InstalledPackage {
	packageName: string;
	installedVersion: string;
	updateAvailable?: string;
	failedLoading?: boolean;
	installedNodes: Array<{ name: string; type: string }>;
}

export const installed = async (client: N8nClient) =>
	(await client.rest('GET', '/community-packages')) as InstalledPackage[];

export const install = async (client: N8nClient, version?: string) =>
	(await client.rest('POST', '/community-packages', { name: packName, version })) as InstalledPackage;

export const update = async (client: N8nClient) =>
	(await client.rest('PATCH', '/community-packages', { name: packName })) as InstalledPackage;

export const uninstall = async (client: N8nClient) =>
	await client.rest('DELETE', `/community-packages?name=${packName}`);

/** Those of our node types that n8n's node panel offers. */
export async function offered(client: N8nClient): Promise<string[]> {
	const response = await fetch(`${client.url}/types/nodes.json`, { headers: { cookie: client.cookie } });
	const types = (await response.json()) as Array<{ name: string }>;
	return [...new Set(types.map(({ name }) => name).filter((name) => name.startsWith(`${packName}.`)))];
}
