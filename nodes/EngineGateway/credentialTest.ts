import type { ICredentialsDecrypted, INodeCredentialTestResult } from 'n8n-workflow';
import { checkKeys } from '../../lib/gateway';
import { proposeKey } from '../../lib/spaces';
import { messageOf } from '../../lib/support';
import { keysOf } from './settings';

/** The test of the credential: each caller has a name of its own and a long enough key. A key is offered where one is empty. */
export async function engineGatewayApiTest(
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const keys = keysOf(credential.data ?? {});
	if (keys.length === 0)
		return {
			status: 'Error',
			message:
				'There is no caller yet. Add one with its name, and leave its key empty to be offered a new key.',
		};
	const without = keys.find(({ key }) => key === '');
	if (without)
		return {
			status: 'Error',
			message: `Enter a key for "${without.name}". This one was made for you just now: ${proposeKey()}`,
		};
	try {
		checkKeys(keys);
	} catch (error) {
		return { status: 'Error', message: messageOf(error) };
	}
	return {
		status: 'OK',
		message: `${keys.length} ${keys.length === 1 ? 'caller' : 'callers'} will be let in`,
	};
}
