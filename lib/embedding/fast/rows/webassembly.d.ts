/** What the row table uses of WebAssembly: TypeScript declares it only together with a browser's whole DOM. */
declare namespace WebAssembly {
	class Memory {
		constructor(descriptor: { readonly initial: number });
		readonly buffer: ArrayBuffer;
	}
	function instantiate(
		bytes: Uint8Array,
		imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
	): Promise<{ readonly instance: { readonly exports: Readonly<Record<string, unknown>> } }>;
}
