import { messageOf } from '../../../lib/support';
import { InputError } from './errors';

/**
 * A field as n8n evaluates it. n8n runs expressions in an isolate, from which an object with a key such as "toString" does not come
 * out; its error is then about a function, and shows it. What was sent is at fault.
 *
 * @param label of the field, for people
 * @throws InputError for such an object; other errors of n8n as they are
 */
export function evaluate(label: string, read: () => unknown): unknown {
	let failure: unknown;
	try {
		return read();
	} catch (thrown) {
		failure = thrown;
	}
	throw messageOf(failure).includes('could not be cloned')
		? new InputError(
				`"${label}" cannot be read: its expression leads to an object with a key such as "toString" or "constructor", which n8n cannot evaluate. Send the data without that key.`,
			)
		: failure;
}
