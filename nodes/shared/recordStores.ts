import os from 'node:os';
import path from 'node:path';
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { recordStore, type RecordStore, type StoreAddress } from '../../lib/distillation';
import { sha256 } from '../../lib/support';
import { InputError } from './fields';

/** Where records live: a file beside n8n's own database, or Postgres when workers run on several machines. */
export const storeFields: readonly INodeProperties[] = [
	{
		displayName: 'Kept In',
		name: 'recordBackend',
		type: 'options',
		default: 'sqlite',
		description: 'Where the records are',
		options: [
			{ name: 'File on This Machine', value: 'sqlite', description: 'SQLite in the folder of n8n' },
			{ name: 'Postgres', value: 'postgres', description: 'For workers on several machines' },
		],
	},
	{
		displayName: 'Collection',
		name: 'collection',
		type: 'string',
		default: 'exchanges',
		required: true,
		description: 'Name of the collection of records: lower-case letters, digits and _',
	},
];

/** Folder of the pack's data on this machine. */
export function distillationDirectory(): string {
	return path.join(process.env.N8N_USER_FOLDER ?? os.homedir(), '.n8n', 'local-engine', 'distillation');
}

interface PostgresCredential {
	readonly host: string;
	readonly port: number;
	readonly database: string;
	readonly user: string;
	readonly password: string;
	readonly ssl?: string;
	readonly allowUnauthorizedCerts?: boolean;
	readonly sshTunnel?: boolean;
}

async function addressOf(context: IExecuteFunctions, itemIndex: number): Promise<StoreAddress> {
	const collection = context.getNodeParameter('collection', itemIndex) as string;
	// The name becomes part of a file's or a table's name.
	if (!/^[a-z][a-z0-9_]{0,39}$/.test(collection)) {
		throw new InputError(
			`The collection "${collection}" may hold lower-case letters, digits and _ only (at most 40, a letter first).`,
		);
	}
	if (context.getNodeParameter('recordBackend', itemIndex) !== 'postgres') {
		return { backend: 'sqlite', file: path.join(distillationDirectory(), `${collection}.sqlite`) };
	}
	const credential = await context.getCredentials<PostgresCredential>('postgres', itemIndex);
	if (credential.sshTunnel === true) {
		throw new InputError(
			'The Postgres credential uses an SSH tunnel, which records cannot: name a server that is reachable.',
		);
	}
	const { host, port, database, user, password, ssl } = credential;
	const secure = ssl !== undefined && ssl !== 'disable' && ssl !== 'allow';
	return {
		backend: 'postgres',
		host,
		port,
		database,
		user,
		password,
		ssl: secure && { rejectUnauthorized: credential.allowUnauthorizedCerts !== true },
		tablePrefix: collection,
	};
}

/** One store per collection and process: a store has a worker thread or connections of its own. */
const stores = new Map<string, Promise<RecordStore>>();

/** The collection the node is set to; made when it is missing. */
export async function recordStoreFor(context: IExecuteFunctions, itemIndex: number): Promise<RecordStore> {
	const address = await addressOf(context, itemIndex);
	const key = sha256(JSON.stringify(address));
	const known = stores.get(key);
	if (known !== undefined) return await known;
	const opening = recordStore(address);
	stores.set(key, opening);
	// One that could not be opened is tried again next time.
	opening.catch(() => stores.delete(key));
	return await opening;
}
