import { NodeConnectionTypes } from 'n8n-workflow';

/** One output, or one for each class of *Classify*; n8n evaluates this text where it knows nothing of our code. */
export const outputs = `={{ ((parameters) => {
	const { operation, classOutputs, classes } = parameters;
	if (operation !== 'classify' || classOutputs !== 'perClass') return [{ displayName: '', type: '${NodeConnectionTypes.Main}' }];
	const names = (classes?.values ?? []).map(({ name }) => name).filter((name) => typeof name === 'string' && name.trim() !== '');
	return [...names, 'No Class'].map((displayName) => ({ displayName, type: '${NodeConnectionTypes.Main}' }));
})($parameter) }}` as const;
