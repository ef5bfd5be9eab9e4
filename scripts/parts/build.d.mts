export function buildPrograms(options: {
  readonly scripts: readonly string[];
  readonly dataDir: string;
}): Promise<(script: string) => string>;
