/** Ports nobody listens on, none of them given twice by this process. */
export function freePorts(count: number): Promise<number[]>;
