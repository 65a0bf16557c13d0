export default async function globalTeardown(): Promise<void> {
	await globalThis.sharedHost?.remove();
	globalThis.sharedHost = undefined;
}
