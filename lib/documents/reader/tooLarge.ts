/** The sentence for a file that takes too much memory. */
export function takesMoreThan(bytes: number): string {
	return `Reading the file takes more than ${Math.round(bytes / 2 ** 20)} MB of memory. Split the file.`;
}
