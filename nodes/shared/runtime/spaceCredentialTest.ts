import type { ICredentialsDecrypted, INodeCredentialTestResult } from 'n8n-workflow';
import { ADMINISTRATOR, openSpace, proposeKey } from '../../../lib/spaces';
import { messageOf } from '../../../lib/support';
import { dataDirectory } from './dataDirectory';
import { spaceKeyOf, type SpaceForm } from './spaces';

/** Opens the space; offers a key where there is none. */
export async function localEngineSpaceApiTest(
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const { name, key, previousKey } = spaceKeyOf(credential.data as SpaceForm | undefined);
	if (name === '') return { status: 'Error', message: 'Enter the name of a space.' };
	if (key === '')
		return {
			status: 'Error',
			message: `Enter a key. This one was made for you just now: ${proposeKey()}`,
		};
	if (name === ADMINISTRATOR)
		return { status: 'OK', message: 'With this credential, Vector Index → Space → List can be run.' };
	if (previousKey !== undefined)
		return {
			status: 'OK',
			message: 'Run Vector Index → Space → Change Key with this credential, then clear Previous Key.',
		};
	try {
		await openSpace(dataDirectory(), { name, key });
		return { status: 'OK', message: `The space "${name}" is open.` };
	} catch (error) {
		return { status: 'Error', message: messageOf(error) };
	}
}
