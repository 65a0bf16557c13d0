import path from 'node:path';
import type { INode } from 'n8n-workflow';
import { defaultSpace, openSpace, type Space, type SpaceKey } from '../../../lib/spaces';
import { dataDirectory } from './dataDirectory';
import { InputError } from './errors';
import type { NodeItem } from './nodeItem';

export const SPACE_CREDENTIAL = 'localEngineSpaceApi';

/** What the form of the credential holds. */
export interface SpaceForm {
	readonly name?: string;
	readonly secretKey?: string;
	/** Filled in while the key is being changed. */
	readonly previousSecretKey?: string;
}

export interface SpaceCredential extends SpaceKey {
	readonly previousKey?: string;
}

/** Executions, drop-downs, webhooks: whatever can ask for a credential of its node. */
interface CredentialContext {
	getNode(): INode;
	getCredentials<T extends object = object>(type: string, itemIndex?: number): Promise<T>;
}

/**
 * The space of the node's credential, or the default space. Every index, collection, experiment and data set is found through one:
 * this is the only place where nodes learn of a folder or a name on a server.
 *
 * @throws SpaceError when the key does not open it, or the default space is closed
 */
export async function spaceOf(context: CredentialContext, itemIndex = 0): Promise<Space> {
	const credential = await spaceCredentialOf(context, itemIndex);
	if (credential) return await openSpace(dataDirectory(), credential);
	return defaultSpaceOfHost();
}

/** Folder of the space where progress and reports are kept; undefined for a node without a credential where the default space is closed. */
export async function shownFolder(context: CredentialContext, itemIndex = 0): Promise<string | undefined> {
	const isOpen = !isDefaultClosed() || context.getNode().credentials?.[SPACE_CREDENTIAL] !== undefined;
	return isOpen ? (await spaceOf(context, itemIndex)).folder : undefined;
}

/** The id of the credential's space; undefined for a node without one, also where the default space is closed. */
export async function spaceIdOf(context: CredentialContext, itemIndex: number): Promise<string | undefined> {
	const credential = await spaceCredentialOf(context, itemIndex);
	return credential && (await openSpace(dataDirectory(), credential)).id;
}

/** The credential as it is filled in; undefined where none is selected (one that was deleted is an error of n8n's). */
export async function spaceCredentialOf(
	context: CredentialContext,
	itemIndex = 0,
): Promise<SpaceCredential | undefined> {
	if (context.getNode().credentials?.[SPACE_CREDENTIAL] === undefined) return undefined;
	return spaceKeyOf(await context.getCredentials<SpaceForm>(SPACE_CREDENTIAL, itemIndex));
}

/** The form's values without the blanks that copying adds. */
export const spaceKeyOf = ({ name, secretKey, previousSecretKey }: SpaceForm = {}): SpaceCredential => ({
	name: String(name ?? '').trim(),
	key: String(secretKey ?? '').trim(),
	previousKey: previousSecretKey?.trim() || undefined,
});

/** The credential of an operation that is about a space itself. @throws InputError when none is selected */
export async function spaceKeyFor(item: NodeItem): Promise<SpaceCredential> {
	const credential = await spaceCredentialOf(item.context, item.index);
	if (credential) return credential;
	throw new InputError(
		'This operation needs a space. Select a Local Engine Space API credential in this node.',
	);
}

/** The space of a node without the credential, whichever the node has. @throws SpaceError `spaceClosed` */
export const defaultSpaceOfHost = (): Space => defaultSpace(dataDirectory(), { closed: isDefaultClosed() });

/** What the administrator of n8n has set as LOCAL_ENGINE_ADMIN_KEY. */
export const administratorKey = (): string | undefined => process.env.LOCAL_ENGINE_ADMIN_KEY || undefined;

/** The administrator of n8n has closed the default space: LOCAL_ENGINE_DEFAULT_SPACE=closed. A word that is none closes it too. */
const isDefaultClosed = (): boolean =>
	!['', 'open'].includes((process.env.LOCAL_ENGINE_DEFAULT_SPACE ?? '').trim().toLowerCase());

/** Embedded indexes of a space. */
export const indexesIn = ({ folder }: Space): string => path.join(folder, 'indexes');

/** Records and data sets of a space. */
export const distillationIn = ({ folder }: Space): string => path.join(folder, 'distillation');

/** Experiments of a space. */
export const experimentsIn = ({ folder }: Space): string => path.join(folder, 'experiments.sqlite');

/** What the names of its indexes on Qdrant begin with; undefined for the default space. */
export const spaceOnQdrant = ({ name, id }: Space): string | undefined =>
	id === undefined ? undefined : `${name}-${id}`;

/** What the names of its tables in Postgres begin with; a letter first, and short: Postgres cuts names at 63 bytes. */
export const spaceInPostgres = ({ id }: Space): string | undefined =>
	id === undefined ? undefined : `s${id}`;
