import { EmbeddingError } from '../../../../lib/embedding';
import { EngineError } from '../../../../lib/engine';
import { IngestError } from '../../../../lib/ingest';
import { DatabaseError } from '../../../../lib/support/database';
import { IndexError } from '../../../../lib/vectorIndex';
import { errorItem, InputError } from '../../../../nodes/shared/runtime/errors';
import { contextOf } from '../../../support/nodeContext';

const statusOfItem = (error: Error): unknown => errorItem(contextOf({}), error, 0).json.details;

// Workflows answer webhooks with it: only what is our own fault may be a 500.
test.each([
	[new InputError('Wrong.'), 400],
	[new IndexError('invalidFilter', 'Wrong.'), 400],
	[new IndexError('notFound', 'None.'), 404],
	[new IngestError('removal', 'Too many.'), 409],
	[new EmbeddingError('drift', 'Others.'), 409],
	[new EngineError('cancelled', 'Left.'), 499],
	[new EngineError('server', 'Failed.'), 502],
	[new IndexError('backend', 'Failed.'), 502],
	[new EmbeddingError('encoderFailed', 'Ended.'), 503],
	[new DatabaseError('store', 'Refused.'), 503],
	[new IndexError('storage', 'Full.'), 507],
])('%s: %i', (error, statusCode) => {
	expect(statusOfItem(error)).toMatchObject({ statusCode });
});

test('an error that is none of ours is a 500, whatever it calls itself', () => {
	expect(statusOfItem(new TypeError('x is not a function'))).toEqual({ kind: 'failed', statusCode: 500 });
	const foreign = Object.assign(new Error('Foreign.'), { kind: 'constructor' });
	expect(statusOfItem(foreign)).toEqual({ kind: 'constructor', statusCode: 500 });
});
