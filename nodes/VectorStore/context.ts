import type { IExecuteFunctions, ISupplyDataFunctions } from 'n8n-workflow';

/** The store is a root node in two of its modes and a sub-node in the other two. */
export type StoreContext = IExecuteFunctions | ISupplyDataFunctions;
