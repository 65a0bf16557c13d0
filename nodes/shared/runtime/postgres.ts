import type { PostgresServer } from '../../../lib/support/database';
import { egressOf } from './egress';
import { InputError } from './errors';

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

interface CredentialContext {
	readonly helpers: object;
	getCredentials<T extends object>(type: string, itemIndex?: number): Promise<T>;
}

/** The server of n8n's own Postgres credential. @throws InputError for an SSH tunnel */
export async function postgresServer(context: CredentialContext, itemIndex: number): Promise<PostgresServer> {
	const credential = await context.getCredentials<PostgresCredential>('postgres', itemIndex);
	if (credential.sshTunnel === true) {
		throw new InputError(
			'The Postgres credential uses an SSH tunnel, which records cannot: name a server that is reachable.',
		);
	}
	const { host, port, database, user, password, ssl } = credential;
	const secure = ssl !== undefined && ssl !== 'disable' && ssl !== 'allow';
	return {
		egress: egressOf(context),
		host,
		port,
		database,
		user,
		password,
		ssl: secure && { rejectUnauthorized: credential.allowUnauthorizedCerts !== true },
	};
}
