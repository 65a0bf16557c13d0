// n8n's scan of community packages on the sources: only what docs/dependencies.md explains.
import { explainedFindings, scan } from '../../support/scan';

jest.setTimeout(300_000);

test('n8n’s scan finds in the sources what the docs explain, and nothing else', () => {
	expect(scan()).toEqual(explainedFindings('sources'));
});
