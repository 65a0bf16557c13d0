// The npm registry that n8n's own installer asks, with our package in it. Another registry than the public one needs a licence of
// n8n, so n8n is left as it is and reaches the public name through a proxy of ours, which ends here: our package is answered from
// tarballs, everything else is passed on to the registry that npm is configured with. No other host can be reached.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createProxy, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { npmCli, npmEnvironment } from '../../host/npm.cjs';

const root = path.join(__dirname, '..', '..');

interface Manifest {
	name: string;
	version: string;
	dependencies?: Record<string, string>;
}

export interface TestRegistry {
	/** What n8n needs in its environment to come here. */
	readonly env: Record<string, string>;
	/** Requests for our package, as "GET /path". */
	readonly requests: readonly string[];
	/** Hosts that somebody wanted to reach and could not. */
	readonly refused: readonly string[];
	/** Adds a version from its tarball; the last one added is `latest`. */
	publish(tarball: string): Manifest;
	close(): Promise<void>;
}

/** The registry that n8n asks, as its code has it. */
function registryOfN8n(): URL {
	const file = 'host/node_modules/n8n/dist/modules/community-packages/community-packages.config.js';
	const url = /this\.registry = '([^']+)'/.exec(readFileSync(path.join(root, file), 'utf8'))?.[1];
	if (url === undefined) throw new Error(`n8n's registry is no longer named in ${file}`);
	return new URL(url);
}

/** The registry that npm is configured with on this machine. */
function registryOfNpm(): string {
	const cli = npmCli();
	if (!cli) throw new Error('npm was not found');
	const env = npmEnvironment();
	const url = execFileSync(process.execPath, [cli, 'config', 'get', 'registry'], { encoding: 'utf8', env });
	return url.trim().replace(/\/+$/, '');
}

/** A certificate for one host, and the file of certificates that a program should trust: those of before and this one. */
function certificateFor(host: string, folder: string) {
	const [keyFile, certFile] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
	execFileSync(
		'openssl',
		[
			...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
			...['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`],
			...['-keyout', keyFile, '-out', certFile],
		],
		{ stdio: 'pipe' },
	);
	return { key: readFileSync(keyFile), cert: readFileSync(certFile), certFile };
}

/** Starts it; our package has no version yet. */
export async function startRegistry(): Promise<TestRegistry> {
	const folder = mkdtempSync(path.join(tmpdir(), 'registry-'));
	const asked = registryOfN8n();
	const upstream = registryOfNpm();
	const { key, cert, certFile } = certificateFor(asked.hostname, folder);
	const requests: string[] = [];
	const refused: string[] = [];
	const tarballs = new Map<string, Buffer>();
	const versions: Record<string, unknown> = {};
	let name = '';
	let latest = '';

	const ours = (request: string, response: ServerResponse) => {
		requests.push(`GET ${request}`);
		response.setHeader('cache-control', 'no-store');
		const [, wanted = ''] = request.slice(1).split('/');
		const tarball = tarballs.get(path.posix.basename(request));
		const manifest = versions[wanted === 'latest' ? latest : wanted];
		if (tarball) return void response.end(tarball);
		response.setHeader('content-type', 'application/json');
		if (wanted === '') response.end(JSON.stringify({ name, 'dist-tags': { latest }, versions }));
		else if (manifest) response.end(JSON.stringify(manifest));
		else response.writeHead(404).end(JSON.stringify({ error: 'version not found' }));
	};

	const passOn = async (request: IncomingMessage, response: ServerResponse) => {
		const accept = request.headers.accept ?? '*/*';
		const answer = await fetch(`${upstream}${request.url}`, { headers: { accept } });
		const type = answer.headers.get('content-type') ?? 'application/octet-stream';
		response.writeHead(answer.status, { 'content-type': type });
		// tarballs are to be fetched through here too
		if (type.includes('json')) response.end((await answer.text()).replaceAll(upstream, asked.origin));
		else response.end(Buffer.from(await answer.arrayBuffer()));
	};

	const server = createTlsServer({ key, cert }, (request, response) => {
		const url = decodeURIComponent(request.url ?? '/');
		if (name !== '' && (url === `/${name}` || url.startsWith(`/${name}/`))) return ours(url, response);
		passOn(request, response).catch((error: unknown) => response.writeHead(502).end(String(error)));
	});
	await listen(server);
	const sockets = new Set<Socket>();
	const proxy = createProxy((request, response) => {
		refused.push(request.url ?? '');
		response.writeHead(502).end();
	});
	proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
		sockets.add(socket);
		socket.on('error', () => socket.destroy());
		if (request.url !== `${asked.hostname}:443`) {
			refused.push(request.url ?? '');
			return void socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
		}
		const inner = connect(portOf(server), '127.0.0.1', () => {
			socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
			inner.pipe(socket).pipe(inner);
		});
		inner.on('error', () => socket.destroy());
	});
	await listen(proxy);
	const trusted = path.join(folder, 'trusted.pem');
	copyFileSync(certFile, trusted);
	const url = `http://127.0.0.1:${portOf(proxy)}`;
	return {
		env: {
			HTTPS_PROXY: url,
			HTTP_PROXY: url,
			NO_PROXY: '127.0.0.1,localhost',
			NODE_EXTRA_CA_CERTS: trusted,
			npm_config_cafile: trusted,
			// of its own, so that nothing of ours gets into the user's; kept, so that dependencies are fetched once
			npm_config_cache: path.join(root, '.cache', 'npm'),
			npm_config_prefer_offline: 'true',
			npm_config_fetch_retries: '0',
		},
		requests,
		refused,
		publish: (tarball) => {
			const bytes = readFileSync(tarball);
			const packed = execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' });
			const manifest = JSON.parse(packed) as Manifest;
			const file = `${manifest.name}-${manifest.version}.tgz`;
			const hash = (algorithm: string) => createHash(algorithm).update(bytes);
			tarballs.set(file, bytes);
			versions[manifest.version] = {
				...manifest,
				dist: {
					tarball: `${asked.origin}/${manifest.name}/-/${file}`,
					integrity: `sha512-${hash('sha512').digest('base64')}`,
					shasum: hash('sha1').digest('hex'),
				},
			};
			({ name, version: latest } = manifest);
			return manifest;
		},
		close: async () => {
			for (const socket of sockets) socket.destroy();
			server.closeAllConnections();
			await Promise.all([server, proxy].map((each) => new Promise((resolve) => each.close(resolve))));
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

/** The same tarball under another version number, as an earlier release would be; `change` gets the folder of its files. */
export function withVersion(
	tarball: string,
	version: string,
	folder: string,
	change: (files: string) => void = () => undefined,
): string {
	execFileSync('tar', ['-xzf', tarball, '-C', folder]);
	change(path.join(folder, 'package'));
	const file = path.join(folder, 'package', 'package.json');
	const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
	writeFileSync(file, JSON.stringify({ ...manifest, version }, null, 2));
	const packed = path.join(folder, `${manifest.name}-${version}.tgz`);
	execFileSync('tar', ['-czf', packed, '-C', folder, 'package']);
	rmSync(path.join(folder, 'package'), { recursive: true });
	return packed;
}

const portOf = (server: { address(): AddressInfo | string | null }): number => {
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('not listening');
	return address.port;
};

const listen = async (server: { listen(port: number, host: string, then: () => void): unknown }) =>
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
