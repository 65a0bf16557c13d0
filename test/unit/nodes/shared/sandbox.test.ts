// Data of a Code node of n8n 1.x, which stays behind proxies of its sandbox.
import { outOfSandbox } from '../../../../nodes/shared/runtime/sandbox';

const sandboxed = <T extends object>(value: T): T =>
	new Proxy(value, {
		get: (target, key) => {
			const inside: unknown = Reflect.get(target, key);
			return typeof inside === 'object' && inside !== null ? sandboxed(inside) : inside;
		},
	});

it('what n8n’s expression engine could not take over is plain afterwards', () => {
	const metadata = { modified: '2026-03-02', authors: [{ name: 'Ada' }] };
	const json = { source: 'a.md', metadata: sandboxed(metadata), pages: sandboxed([1, 2]) };
	expect(() => structuredClone(json)).toThrow();
	expect(structuredClone(outOfSandbox(json))).toEqual({ source: 'a.md', metadata, pages: [1, 2] });
});

it('other data is handed on as it is, without a copy', () => {
	const json = { source: 'a.md', metadata: { at: new Date(0) } };
	expect(outOfSandbox(json)).toBe(json);
});

it('a key named __proto__ stays a key', () => {
	const json = JSON.parse('{"__proto__":{"x":1}}') as { list?: number[] };
	json.list = sandboxed([1]);
	expect(JSON.stringify(outOfSandbox(json as never))).toBe('{"__proto__":{"x":1},"list":[1]}');
});
