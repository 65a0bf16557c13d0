// The connectors of the node are text that n8n evaluates: here as it would.
import { runInNewContext } from 'node:vm';
import { inputs, outputs } from '../../../../nodes/VectorStore/fields';

const evaluate = (expression: string, parameters: Record<string, unknown>) =>
	(
		runInNewContext(expression.slice('={{'.length, -'}}'.length), { $parameter: parameters }) as Array<{
			type: string;
		}>
	).map(({ type }) => type);

it.each([
	[{ mode: 'insert', embedding: 'builtinMultilingual' }, ['main', 'ai_document'], ['main']],
	[{ mode: 'insert', embedding: 'connected' }, ['main', 'ai_embedding', 'ai_document'], ['main']],
	[{ mode: 'load', queryEmbedding: 'index', rerank: 'none' }, ['main'], ['main']],
	[
		{ mode: 'load', queryEmbedding: 'connected', rerank: 'connected' },
		['main', 'ai_embedding', 'ai_reranker'],
		['main'],
	],
	[{ mode: 'retrieve', queryEmbedding: 'index', rerank: 'own' }, [], ['ai_vectorStore']],
	[{ mode: 'retrieve-as-tool', rerank: 'connected' }, ['ai_reranker'], ['ai_tool']],
	// what was chosen in another mode and is hidden now has no say
	[{ mode: 'insert', embedding: 'builtinFast', rerank: 'connected' }, ['main', 'ai_document'], ['main']],
])('connects as %p asks', (parameters, into, out) => {
	expect(evaluate(inputs, parameters)).toEqual(into);
	expect(evaluate(outputs, parameters)).toEqual(out);
});
