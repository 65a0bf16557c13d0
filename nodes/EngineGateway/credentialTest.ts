import type { ICredentialsDecrypted, INodeCredentialTestResult } from 'n8n-workflow';
import { checkKeys } from '../../lib/gateway';
import { messageOf } from '../../lib/support';
import { keysOf } from './settings';

/** The test of the credential: there is a key, each is long enough, and callers have names of their own. */
export async function engineGatewayApiTest(
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const keys = keysOf(credential.data ?? {});
	if (keys.length === 0) return { status: 'Error', message: 'There is no key yet. Add one.' };
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
