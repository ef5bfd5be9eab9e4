// Why a property is not tried again: a second try draws other lives, and what the first one found would be called green.
/** Instead of a second try: the time that it may take on a busy machine. */
export const ONE_SEED = { retry: 0, timeout: 60_000 } as const;
