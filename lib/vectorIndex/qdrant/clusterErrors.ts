/*
 * What a node of a cluster answers (status 500) when others are gone, in the words of Qdrant 1.18.3. The status alone does not tell
 * it from a mistake.
 */

export interface ClusterFailure {
	/** The change may have been made, or may still be made when enough nodes work together again. */
	readonly unknown?: true;
	/** Whether asking again may help: a replica on a dead node is left out as soon as the others have noticed. */
	readonly retry: boolean;
	/** What happened and what to do. */
	readonly words: string;
}

const KNOWN: ReadonlyArray<{ readonly when: RegExp; readonly failure: ClusterFailure }> = [
	{
		when: /leader is not established/i,
		failure: {
			retry: false,
			words:
				'fewer than half of the nodes of the Qdrant cluster work together, so nothing was changed. Start the missing nodes, then run this again.',
		},
	},
	{
		when: /consensus/i,
		failure: {
			...{ unknown: true, retry: false },
			words:
				'the Qdrant cluster did not confirm it, because fewer than half of its nodes work together. It is not known whether it was done; it may still be done when the nodes are back. Start the missing nodes, then run this again.',
		},
	},
	{
		when: /\b0 of 0 read operations? failed/i,
		failure: {
			retry: false,
			words:
				'a part of the rows has no copy left in the Qdrant cluster. Start the nodes that had it, or drop the index and store the documents again.',
		},
	},
	{
		when: /read operations? failed/i,
		failure: {
			retry: true,
			words:
				'a node of the Qdrant cluster does not answer, and no other node has a copy of its rows. Start the node, then run this again. With 2 replicas (Layout of a new index, or Migrate) searches go on without it.',
		},
	},
	{
		when: /failed to apply (operation|update)|enough active replicas|no active replica|pre-?condition fail/i,
		failure: {
			retry: true,
			words:
				'a node of the Qdrant cluster did not take the write. A part of it may be stored. Start the node if it does not come back by itself, then run this again: it completes what is missing.',
		},
	},
	{
		when: /tcp connect error|transport error|error trying to connect|service unavailable|operation cancelled/i,
		failure: {
			retry: true,
			words:
				'a node of the Qdrant cluster cannot reach another one. Start the missing node, then run this again: what is stored stays.',
		},
	},
];

/** What an answer with status 500 says about other nodes; undefined where it says nothing about them. */
export function clusterFailure(words: string): ClusterFailure | undefined {
	return KNOWN.find(({ when }) => when.test(words))?.failure;
}
